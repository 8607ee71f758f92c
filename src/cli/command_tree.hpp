#pragma once
// Every command with its options as plain data: what --help, the completions and the man pages are made from. Made only
// by who asks for it; an ordinary command never pays for it.

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "am/cli/command.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the parser's own
class Option;
}

namespace am::cli {

/// An option, a switch, or a word without a dash.
struct OptionInfo {
  std::vector<std::string> names;  ///< "-o", "--output"; empty: a word
  std::string value;               ///< "FORMAT"; empty: a switch
  std::string help;
  std::vector<std::string> choices;  ///< every value that it takes, where they are few
  bool many = false;                 ///< a word that may come several times, or not at all

  /// "-o, --output FORMAT", "RUN", "[COMMAND...]".
  std::string label() const;
  bool takes_file() const { return value == "FILE" || value == "PATH"; }
  bool takes_directory() const { return value == "DIR"; }
};

struct CommandNode {
  CommandInfo info;      ///< of a group: path and summary only
  bool is_group = true;  ///< cannot be run itself; the whole program is one too
  std::vector<OptionInfo> words;
  std::vector<OptionInfo> options;  ///< its own; without -h and those of every command
  std::vector<std::string> below;   ///< the words of the commands directly below
};

struct CommandTree {
  std::vector<OptionInfo> global;  ///< the options of every command, --help too
  std::vector<CommandNode>
      nodes;  ///< the whole program first (its path is empty), then in the order of the help

  /// Null: there is none.
  const CommandNode* find(const std::string& path) const;
};

CommandTree command_tree();
OptionInfo option_info(const CLI::Option& option);

/// The words of the commands directly below a path.
std::vector<std::string> commands_below(const std::string& path, const std::vector<Command>& all);
/// Every code that the command can end with.
std::vector<ExitCodeInfo> exits_of(const CommandInfo& info);

/// The word of `am man`: the words of any command may stand for it.
inline constexpr std::string_view kCommandWord = "COMMAND";

using Lines = std::vector<std::pair<std::string, std::string>>;
/// The variables behind the configuration keys of a command, and what they mean.
Lines environment_of(const CommandInfo& info);
/// The variables that every command reads.
Lines common_environment();

}  // namespace am::cli
