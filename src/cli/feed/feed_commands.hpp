#pragma once
// The commands of the feed desk, each or each group in its own cmd_*.cpp. Private.

#include <vector>

#include "am/cli/command.hpp"

namespace am::cli {

Command feed_plan();
/// status, dead-letters, watermark
std::vector<Command> feed_status_commands();
/// retry, cancel
std::vector<Command> feed_retry_commands();
Command feed_work();
Command feed_consolidate();
Command feed_rules();

}  // namespace am::cli
