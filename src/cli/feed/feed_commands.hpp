#pragma once
// The commands of the feed desk, each or each group in its own cmd_*.cpp. Private.

#include <vector>

#include "am/cli/command.hpp"

namespace am::cli {

Command feed_work();
Command feed_consolidate();
Command feed_rules();

}  // namespace am::cli
