#include "am/base/uuid.hpp"

#include <chrono>

#include "am/base/text.hpp"

namespace am {
namespace {

void append_hex(std::string& text, std::uint64_t value, int digits) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    text += kHex[(value >> static_cast<unsigned>(shift)) & 15U];
  }
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

}  // namespace

std::string uuid_v7(Instant at, std::uint64_t random_hi, std::uint64_t random_lo) {
  const auto millis = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count());
  std::string text;
  text.reserve(36);
  append_hex(text, millis >> 16U, 8);
  text += '-';
  append_hex(text, millis, 4);
  text += '-';
  append_hex(text, 0x7000U | (random_hi & 0xfffU), 4);  // version 7, rand_a
  text += '-';
  append_hex(text, 0x8000U | ((random_lo >> 48U) & 0x3fffU), 4);  // variant 10, rand_b
  text += '-';
  append_hex(text, random_lo, 12);
  return text;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

std::optional<std::string> canonical_uuid(std::string_view text) {
  constexpr std::size_t kPlain = 32;
  if (text.size() == 38 && text.front() == '{' && text.back() == '}') text = text.substr(1, 36);
  std::string uuid;
  for (const char c : text) {
    if (text.size() == kPlain &&
        (uuid.size() == 8 || uuid.size() == 13 || uuid.size() == 18 || uuid.size() == 23))
      uuid += '-';
    uuid += c;
  }
  return is_uuid(uuid) ? std::optional(to_lower(uuid)) : std::nullopt;
}

}  // namespace am
