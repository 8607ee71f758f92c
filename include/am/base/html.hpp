#pragma once
// Text into HTML: the one place that escapes. Whatever comes from a database, a vendor or a model goes through it.

#include <string>
#include <string_view>

namespace am {

/// & < > " ' escaped in what printable_lines() leaves: for text and for quoted attributes.
std::string escape_html(std::string_view text);

}  // namespace am
