#pragma once
// The one place where a queue of partitions is made, by its kind. Private.

#include <memory>
#include <string>

#include "am/cli/context.hpp"
#include "am/kernel/queue.hpp"

namespace am::cli {

/// kind: "postgres" or "amqp" (feed.queue). db: outlives it.
/// Errors:  config: amqp without a connection string, or with one that is none.
std::unique_ptr<kernel::Queue> partition_queue(Context& context, const std::string& kind, kernel::Db& db);

/// Tells the broker of partitions that are ready and that it does not know of: without a worker nobody else would, and none
/// would be started for them. How many.
/// Errors:  config; unavailable: the broker is away.
std::size_t relay_partitions(Context& context);

}  // namespace am::cli
