#pragma once
// How text from outside (a model, a vendor, a file) is shown in messages and kept in records.

#include <string>
#include <string_view>

#include "am/base/text.hpp"

namespace am::picks {

/// For a message: short, one line, no control characters, valid UTF-8.
inline std::string one_line(std::string_view text, std::size_t bytes = 300) {
  if (!is_valid_utf8(text)) return "(not UTF-8)";
  std::string line;
  for (const char c : text.substr(0, 4 * bytes)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool control = byte < 0x20 || byte == 0x7F;
    if (!control) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  // U+0080 to U+009F are control characters too, for a terminal.
  for (std::size_t at = line.find('\xC2'); at != std::string::npos; at = line.find('\xC2', at)) {
    if (at + 1 < line.size() && static_cast<unsigned char>(line[at + 1]) < 0xA0) {
      line.erase(at, 2);
    } else {
      ++at;
    }
  }
  return ellipsize(trim(line), bytes);
}

/// For a record: bounded, and without NUL, which PostgreSQL's JSON cannot hold.
inline std::string recordable(std::string_view text, std::size_t bytes) {
  std::string kept;
  for (const char c : ellipsize(text, bytes)) {
    if (c == '\0') {
      kept += "\xEF\xBF\xBD";
    } else {
      kept += c;
    }
  }
  return kept;
}

}  // namespace am::picks
