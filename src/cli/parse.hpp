#pragma once
// From argv to a command and its options. The parser's own errors become Error{usage} in our words.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "am/cli/command.hpp"
#include "am/cli/context.hpp"

namespace am::cli {

inline constexpr std::string_view kProgramSummary =
    "Alpha Monday: weekly stock picks, measured. Is there alpha?";

struct Parsed {
  std::vector<Command> commands;     ///< owns the option values
  const Command* command = nullptr;  ///< null: `help` is the whole answer
  std::string help;                  ///< text for stdout, when it was asked for
};

/// Errors:  usage, with the nearest known name where there is one. `path` is set as far as it was understood.
Parsed parse(const std::vector<std::string>& args, GlobalOptions& options, std::string& path);

/// The options of every command, as they are kept in `options`.
void add_global_options(CLI::App& root, GlobalOptions& options);

/// What -o says, before anything is parsed, so that a usage error can be JSON too.
std::string scan_output_format(const std::vector<std::string>& args);

}  // namespace am::cli
