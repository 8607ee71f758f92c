#pragma once
// The commands of the strategy desk, each or each group in its own cmd_*.cpp. Private.

#include <vector>

#include "am/cli/command.hpp"

namespace am::cli {

Command strategy_check();

}  // namespace am::cli
