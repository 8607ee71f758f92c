#pragma once
// The text that a model's prompt is made from: what stays the same from Monday to Monday, so that its hash says which
// batches were asked for alike. One's own comes from a file (openai.prompt_file). Pages: docs/prompt.md.

#include <string>
#include <string_view>

#include "am/base/date.hpp"
#include "am/base/result.hpp"
#include "am/kernel/file_read.hpp"

namespace am::picks {

/// The longest template, in bytes.
inline constexpr std::size_t kMostTemplate = std::size_t{64} << 10U;

/// A system message, a line that is only "---", a user message; without such a line all of it is the user message. In
/// both {{run_date}} stands for the batch's Monday and {{benchmark}} for the symbol that the picks are measured against.
struct PromptTemplate {
  std::string text;    ///< the whole, as it is hashed and kept
  std::string system;  ///< empty: none
  std::string user;

  /// Shape:   without a byte-order mark and white space at both ends, lines end with LF: what an editor does to the file
  ///          makes no other template.
  /// Errors:  Reject: above kMostTemplate, not UTF-8 or with a NUL, an empty message, a placeholder that is not known or
  ///          has no end, no {{run_date}}.
  /// Threads: pure.
  static Result<PromptTemplate> parse(std::string_view text);
};

/// What asks without a file.
PromptTemplate usual_template();
/// With a last sentence that says what the answer looks like: for a server that is given no schema.
PromptTemplate with_shape(PromptTemplate plain);

/// A message of a template with the values in it.
std::string filled(std::string_view message, Date run_date, std::string_view benchmark);

/// Errors:  config, naming the path and what is wrong with it; as kernel::read_file for a pipe.
PromptTemplate read_template(const std::string& path, const kernel::Patience& patience = {});

}  // namespace am::picks
