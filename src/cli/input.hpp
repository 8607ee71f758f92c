#pragma once
// Files that a command's arguments name, and flags that it can't do without. Private.

#include <optional>
#include <string>

#include "am/cli/context.hpp"

namespace am::cli {

/// A file's text, or standard input's ("-"); 64 MiB at most.
/// Errors:  no_input: it can't be read; data: too large; as kernel::read_file.
std::string read_input(const std::string& path, Context& context);
/// How messages call it.
std::string input_name(const std::string& path);

/// Errors:  usage "needs --series".
const std::string& required_text(const std::optional<std::string>& value, const std::string& flag);

}  // namespace am::cli
