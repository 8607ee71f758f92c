#pragma once
// What the vendors' parsers check alike.

#include <string>
#include <string_view>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "am/base/result.hpp"
#include "am/base/text.hpp"
#include "am/market/price.hpp"

namespace am::market {

/// How an answer that is not the expected format begins, by kind: its words may hold anything.
inline std::string first_words(std::string_view body) {
  const std::string_view text = trim(body);
  if (text.empty()) return "it is empty";
  if (text.front() == '<') return "it is a web page";
  return "it has " + std::to_string(body.size()) + " bytes";
}

/// A close as a vendor wrote it, with its place in the message.
inline Result<Decimal> parse_close(std::string_view text, std::string_view symbol, Date day) {
  auto price = parse_price(text);
  if (price) return price;
  return Reject{std::string(symbol) + " " + day.to_string() + ": close " + shown(text) + " " +
                price.error().reason};
}

inline std::string without_trailing_slash(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  return std::string(url);
}

}  // namespace am::market
