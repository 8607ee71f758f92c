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
/// stop, halt, resume
std::vector<Command> trading_commands();
Command flatten_command();

Command strategy_run();
Command strategy_replay();
/// bars import
std::vector<Command> bar_commands();
Command serve_gateway();
Command strategy_trace();
Command strategy_check();
Command strategy_publish();
Command strategy_ingest();

}  // namespace am::cli
