#include "partition_queue.hpp"

#include "am/base/text.hpp"
#include "am/feed/desk.hpp"

namespace am::cli {

std::unique_ptr<kernel::Queue> partition_queue(Context& /*context*/, const std::string& kind,
                                               kernel::Db& db) {
  if (kind == "postgres") return std::make_unique<kernel::PgQueue>(db, feed::partitions_queue());
  throw Error(ErrorKind::config, "feed.queue: no queue of the kind " + shown(kind), "set it to postgres");
}

}  // namespace am::cli
