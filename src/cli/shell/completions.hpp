#pragma once
// The completion scripts, made from the command tree. They are static: a shell that completes never starts `am`.
// What is offered: commands at every level, the options of the command at hand and of every command, the values of an
// option where they are few, files and directories where one is asked for.

#include <string>

#include "cli/command_tree.hpp"

namespace am::cli {

/// A tree as the completions need it: where a command takes other commands as its words (`am man runs list`), these are
/// below it too.
CommandTree completion_tree();

std::string bash_completion(const CommandTree& tree);
std::string zsh_completion(const CommandTree& tree);
std::string fish_completion(const CommandTree& tree);

/// What `word` names after the command.
const CommandNode* node_below(const CommandNode& node, const std::string& word, const CommandTree& tree);
std::string joined_path(const std::string& path, const std::string& word);
/// The values of `-o` at a command; in a group those of any command.
std::vector<std::string> formats_at(const CommandNode& node, const CommandTree& tree);
bool is_output_option(const OptionInfo& option);
/// One word of bash and zsh, whatever is in it.
std::string shell_quoted(const std::string& text);

}  // namespace am::cli
