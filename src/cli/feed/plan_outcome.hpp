#pragma once
// Planning, for the command and the tick. Private.

#include <optional>

#include "am/cli/context.hpp"
#include "am/feed/types.hpp"

namespace am::cli {

/// A run of the configured feed and kind; skipped while one is open. partitions: instead of one for each worker.
/// Errors:  as feed::plan_run, feed::feed_query.
Outcome plan_feed(Context& context, feed::RunType type, std::optional<int> partitions = {});

}  // namespace am::cli
