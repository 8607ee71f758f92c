#include "partition_queue.hpp"

#include <utility>

#include "am/feed/desk.hpp"
#include "am/kernel/amqp_queue.hpp"

namespace am::cli {

namespace {

std::unique_ptr<kernel::AmqpQueue> amqp_queue(Context& context, kernel::Db& db) {
  if (!context.config.is_set("amqp.connection_string"))
    throw Error(ErrorKind::config, "AZURE_SERVICE_BUS_CONNECTION_STRING: not set, and the queue is amqp",
                "set it, or FEED_QUEUE=postgres");
  kernel::AmqpOptions options;
  options.target = kernel::parse_broker_target(context.config.secret("amqp.connection_string"));
  options.max_wait = context.options.max_wait;
  options.connect_timeout = std::chrono::milliseconds(context.config.integer("http.connect_timeout_ms"));
  options.stop = &context.stop;
  return std::make_unique<kernel::AmqpQueue>(db, feed::partitions_queue(), std::move(options));
}

}  // namespace

std::unique_ptr<kernel::Queue> partition_queue(Context& context, const std::string& kind, kernel::Db& db) {
  if (kind == "postgres") return std::make_unique<kernel::PgQueue>(db, feed::partitions_queue());
  return amqp_queue(context, db);
}

std::size_t relay_partitions(Context& context) { return amqp_queue(context, context.db())->relay(); }

}  // namespace am::cli
