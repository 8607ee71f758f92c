#include "am/market/price.hpp"

#include <algorithm>
#include <utility>

#include "am/base/text.hpp"

namespace am::market {

std::optional<std::string> price_problem(const Decimal& price) {
  static const Decimal kLowest = Decimal::of(kLowestPrice);
  static const Decimal kHighest = Decimal::of(kHighestPrice);
  if (!price.is_positive()) return "is not above zero";
  if (price >= kLowest && price <= kHighest) return std::nullopt;
  return "cannot be right (expected " + std::string(kLowestPrice) + " to " + std::string(kHighestPrice) + ")";
}

Result<Decimal> parse_price(std::string_view text) {
  const auto price = Decimal::parse(text);
  if (!price) return Reject{"is not a number"};
  if (auto problem = price_problem(*price)) return Reject{std::move(*problem)};
  return *price;
}

std::string short_number(std::string_view text) {
  constexpr std::size_t kReadable = 60;
  if (text.size() <= kReadable || !Decimal::parse(text) || text.find_first_of("eE") != std::string_view::npos)
    return ellipsize(text, kReadable);
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  const std::size_t first = digits.find_first_not_of('0');
  if (first == std::string::npos) return "0";
  const std::size_t last = digits.find_last_not_of('0');
  const std::string sign = text.starts_with('-') ? "-" : "";
  const std::size_t point = std::min(text.find('.'), text.size()) - sign.size();  // digits before it
  const auto exponent = static_cast<long long>(point) - static_cast<long long>(first) - 1;
  const std::string rest = digits.substr(first + 1, last - first);
  return sign + digits[first] + (rest.empty() ? "" : "." + ellipsize(rest, kReadable)) + "e" +
         std::to_string(exponent);
}

}  // namespace am::market
