#include "escapes.hpp"

#include <charconv>
#include <optional>

namespace am::feed {

namespace {

constexpr std::size_t kLength = 6;  // \uXXXX

/// The code unit of an escape at that place; nullopt: there is none.
std::optional<unsigned> unit_at(std::string_view json, std::size_t at) {
  if (json.size() < at + kLength || json[at] != '\\' || json[at + 1] != 'u') return std::nullopt;
  unsigned unit = 0;
  const char* end = json.data() + at + kLength;
  const auto [ptr, error] = std::from_chars(json.data() + at + 2, end, unit, 16);
  if (error != std::errc{} || ptr != end) return std::nullopt;
  return unit;
}

bool is_high(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low(unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; }

}  // namespace

std::string without_unstorable_escapes(std::string_view json) {
  std::string text(json);
  for (std::size_t at = text.find('\\'); at < text.size(); at = text.find('\\', at)) {
    const auto unit = unit_at(text, at);
    if (!unit) {
      at += 2;  // another escape; its second character may be a backslash
      continue;
    }
    const auto next = unit_at(text, at + kLength);
    if (is_high(*unit) && next && is_low(*next)) {
      at += 2 * kLength;
      continue;
    }
    if (*unit == 0 || is_high(*unit) || is_low(*unit)) text.replace(at, kLength, "\\ufffd");
    at += kLength;
  }
  return text;
}

}  // namespace am::feed
