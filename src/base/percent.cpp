#include "am/base/percent.hpp"

namespace am {

std::string real_minus(std::string text) {
  return text.starts_with('-') ? std::string(kMinus) + text.substr(1) : text;
}

std::string signed_percent(const std::optional<Decimal>& value) {
  if (!value) return "n/a";
  const std::string text = value->to_fixed(2);
  if (text == "0.00" || text == "-0.00") return "0.00";
  return value->is_negative() ? text : "+" + text;
}

std::string pretty_percent(const std::optional<Decimal>& value) {
  return value ? real_minus(signed_percent(value)) + " %" : signed_percent(value);
}

std::string short_percent(const Decimal& value) {
  std::string size = value.abs().to_fixed(value.abs() < Decimal(100) ? 1 : 0);
  if (size == "0.0") return size;
  return (value.is_negative() ? std::string(kMinus) : "+") + size;
}

std::string_view tone_of(const std::optional<Decimal>& value) {
  // As it is shown: what reads 0.00 % is neither good nor bad.
  if (!value || signed_percent(value) == "0.00") return "";
  return value->is_negative() ? "down" : "up";
}

}  // namespace am
