#pragma once
// What the vendors' parsers check alike, and how they show a little of a vendor's text in an error.

#include <string>
#include <string_view>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "am/base/result.hpp"
#include "am/base/text.hpp"

namespace am::market {

/// Outside text in a message: quoted, short, one line, plain ASCII.
inline std::string printable(std::string_view text) {
  std::string out;
  for (const char c : ellipsize(text.substr(0, 40), 32)) out += c >= ' ' && c < 127 ? c : '?';
  return "'" + out + "'";
}

/// How an answer that is not the expected format begins, by kind: its words may hold anything.
inline std::string first_words(std::string_view body) {
  const std::string_view text = trim(body);
  if (text.empty()) return "it is empty";
  if (text.front() == '<') return "it is a web page";
  return "it has " + std::to_string(body.size()) + " bytes";
}

/// A close as a vendor wrote it. 10 million is far above any listed share (Berkshire Hathaway A, the highest,
/// is below one million): such a number is volume in the wrong column, or a broken feed.
inline Result<Decimal> parse_price(std::string_view text, std::string_view symbol, Date day) {
  const auto refuse = [&](const char* why) {
    return Reject{std::string(symbol) + " " + day.to_string() + ": close " + printable(text) + " " + why};
  };
  const auto price = Decimal::parse(text);
  if (!price) return refuse("is not a number");
  if (!price->is_positive()) return refuse("is not above zero");
  if (*price > Decimal(10'000'000)) return refuse("cannot be right (expected at most 10000000)");
  return *price;
}

inline std::string without_trailing_slash(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  return std::string(url);
}

}  // namespace am::market
