#pragma once
// The commands of the strategy desk, each or each group in its own cmd_*.cpp. Private.

#include <vector>

#include "am/cli/command.hpp"

namespace am::cli {

/// add, list, show, remove
std::vector<Command> strategy_row_commands();
/// start, sessions
std::vector<Command> session_commands();

Command strategy_run();
Command strategy_replay();
/// bars import
std::vector<Command> bar_commands();

}  // namespace am::cli
