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
Command due();
std::vector<Command> schedule();
Command serve_readonly();
std::vector<Command> alert();
Command ping_test();
Command status_command();
Command doctor_command();
std::vector<Command> migrate();
std::vector<Command> runs();
Command events();
std::vector<Command> locks();
std::vector<Command> limits();
Command metrics();
Command prune();
std::vector<Command> config_commands();
Command exit_codes_command();
Command completion();
Command man();
Command version_command();

}  // namespace am::cli
