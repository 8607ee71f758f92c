#pragma once
// One function per command (or group of commands), each in its own cmd_*.cpp.

#include <string>
#include <vector>

#include "am/cli/command.hpp"

namespace am::cli {

/// What a command reads that works on batches: the database, the ledger, prices and how they are asked for, and `more`:
/// keys, or whole sections.
std::vector<std::string> desk_config(std::vector<std::string> more);

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
