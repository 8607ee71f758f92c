#pragma once
// The commands of the strategy desk, each or each group in its own cmd_*.cpp. Private.

#include <vector>

#include "am/cli/command.hpp"

namespace am::cli {

Command strategy_check();
/// add, list, show, remove
std::vector<Command> strategy_row_commands();
/// start, sessions
std::vector<Command> session_commands();

Command strategy_run();

}  // namespace am::cli
