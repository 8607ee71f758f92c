#pragma once
// The text of --help, from a command's registration and its options; the parser's own help differs by its version.

#include <string>

#include "am/cli/command.hpp"

namespace am::cli {

/// "am --help": every command by its first word, in the order of the registration.
std::string root_help(const CLI::App& root);
/// "am runs --help".
std::string group_help(const Group& group);
/// "am run-weekly --help"; also lists the commands below it ("am migrate").
std::string command_help(const CommandInfo& info, const CLI::App& app);

}  // namespace am::cli
