#pragma once
// Printing the one result: the JSON document, or the table, CSV or page that the command made.

#include <iosfwd>
#include <string>
#include <string_view>

#include "am/cli/outcome.hpp"

namespace am::cli {

/// When the process ran, by the machine's clock.
struct Times {
  Instant started_at;
  Instant finished_at;
};

/// The one object of `-o json` (docs/output.md), with its newline.
std::string json_document(const std::string& command, const Outcome& outcome, const Times& times);

/// A table, CSV or page on its way to stdout: lines that are printable() but, with color, for what painted() adds.
std::string shown_text(std::string_view text, bool color);

/// "am: <command> <message>" and "hint: …"; with colour the first two words stand out.
std::string error_text(const std::string& command, const Error& error, bool color);

}  // namespace am::cli
