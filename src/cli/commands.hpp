#pragma once
// The shared commands, one function for each or for a group of them, in cmd_*.cpp of their own.

#include <string>
#include <vector>

#include "am/cli/command.hpp"

namespace am::cli {

/// In CommandInfo::config: the keys of every desk.
inline constexpr std::string_view kKeysOfDesks = "*";
/// For CommandInfo::config: these, and with of_desks the keys of every desk.
std::vector<std::string> config_of(std::vector<std::string> names, bool of_desks = false);
/// Whether the command reads that key.
bool reads_key(const CommandInfo& info, std::string_view key);
/// The same for what works on a desk's slots and asks for prices: the database, the ledger, the price sources.
std::vector<std::string> job_config(std::vector<std::string> more, bool of_desks = false);

/// What can come of doing slots of a desk, besides what every command has.
std::vector<ExitCode> job_exits();

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
std::vector<Command> queue();
std::vector<Command> limits();
std::vector<Command> actions();
Command metrics();
Command prune();
std::vector<Command> config_commands();
Command exit_codes_command();
Command completion();
Command man();
Command version_command();

}  // namespace am::cli
