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

}  // namespace am::cli
