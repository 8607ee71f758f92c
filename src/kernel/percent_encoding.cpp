#include "percent_encoding.hpp"

namespace am::kernel {

namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> percent_decoded_strictly(std::string_view text) {
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3))
    if (at + 2 >= text.size() || digit_of(text[at + 1]) < 0 || digit_of(text[at + 2]) < 0)
      return std::nullopt;
  return percent_decoded(text);
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const int high = text.front() == '%' && text.size() > 2 ? digit_of(text[1]) : -1;
    const int low = high < 0 ? -1 : digit_of(text[2]);
    out += low < 0 ? text.front() : static_cast<char>(high * 16 + low);
    text.remove_prefix(low < 0 ? 1 : 3);
  }
  return out;
}

}  // namespace am::kernel
