#pragma once
// One function per command (or group of commands), each in its own cmd_*.cpp.

#include <vector>

#include "am/cli/command.hpp"

namespace am::cli {

Command run_weekly();
Command checkpoint();
Command backfill();
Command report();
Command verify_data();
Command serve_readonly();
std::vector<Command> migrate();
std::vector<Command> runs();
std::vector<Command> config_commands();
Command exit_codes_command();
Command version_command();

}  // namespace am::cli
