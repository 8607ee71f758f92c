// Text that a terminal only shows: the part of text.hpp that is about outside text.

#include <algorithm>
#include <array>

#include "am/base/text.hpp"

namespace am {
namespace {

/// The code point of a well-formed sequence.
char32_t code_point(std::string_view sequence) {
  constexpr std::array<unsigned char, 5> kLeadBits = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t code = static_cast<unsigned char>(sequence.front()) & kLeadBits[sequence.size()];
  for (const char c : sequence.substr(1)) code = code << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  return code;
}

/// Control characters, separators of lines, and the marks that change the direction of the text around them.
bool is_obeyed(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

bool is_space(char32_t c) { return (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029; }

/// Calls keep(part) for what may be shown, and other(code) for what may not; a byte that is not UTF-8 is nullopt.
template <class Keep, class Other>
void walk(std::string_view text, Keep keep, Other other) {
  std::size_t start = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = utf8_sequence(text.substr(at));
    const auto code = length == 0 ? std::nullopt : std::optional(code_point(text.substr(at, length)));
    if (code && !is_obeyed(*code)) {
      at += length;
      continue;
    }
    keep(text.substr(start, at - start));
    other(code);
    at += std::max<std::size_t>(length, 1);
    start = at;
  }
  keep(text.substr(start));
}

std::string replaced(std::string_view text, std::string_view kept) {
  std::string out;
  out.reserve(text.size());
  walk(
      text, [&](std::string_view part) { out += part; },
      [&](std::optional<char32_t> code) {
        const bool keep =
            code && *code < 0x80 && kept.find(static_cast<char>(*code)) != std::string_view::npos;
        out += keep ? static_cast<char>(*code) : code && is_space(*code) ? ' ' : '?';
      });
  return out;
}

}  // namespace

std::string printable(std::string_view text) { return replaced(text, ""); }

std::string printable_lines(std::string_view text) { return replaced(text, "\n\t"); }

bool is_printable(std::string_view text) {
  bool good = true;
  walk(text, [](std::string_view) {}, [&](std::optional<char32_t>) { good = false; });
  return good;
}

std::string printable_json(std::string_view json) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(json.size());
  walk(
      json, [&](std::string_view part) { out += part; },
      [&](std::optional<char32_t> code) {
        out += "\\u";
        for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[code.value_or(0xFFFD) >> shift & 0xFU];
      });
  return out;
}

std::string one_line(std::string_view text, std::size_t bytes) {
  // What is cut off here would be cut off below: nothing grows.
  return ellipsize(trim(printable(text.substr(0, 4 * bytes))), bytes);
}

std::string recordable(std::string_view text, std::size_t bytes) {
  std::string kept;
  for (const char c : ellipsize(text, bytes)) {
    if (c == '\0') {
      kept += "\uFFFD";
    } else {
      kept += c;
    }
  }
  return kept;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kBytes = 40;
  return "'" + ellipsize(printable(text.substr(0, 4 * kBytes)), kBytes) + "'";
}

}  // namespace am
