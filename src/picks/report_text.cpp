#include "am/picks/report_text.hpp"

namespace am::picks {

std::string signed_percent(const std::optional<Decimal>& value) {
  if (!value) return "n/a";
  const std::string text = value->to_fixed(2);
  if (text == "0.00" || text == "-0.00") return "0.00";
  return value->is_negative() ? text : "+" + text;
}

std::string pretty_percent(const std::optional<Decimal>& value) {
  std::string text = signed_percent(value);
  if (!value) return text;
  return (text.starts_with('-') ? "\u2212" + text.substr(1) : text) + " %";
}

std::string_view tone(const std::optional<Decimal>& value) {
  if (!value || value->is_zero()) return "";
  return value->is_negative() ? "down" : "up";
}

std::string price_text(const std::optional<Decimal>& value) {
  if (!value || value->is_zero()) return "n/a";
  std::string text = value->to_fixed(4);
  for (int i = 0; i < 2 && text.back() == '0'; ++i) text.pop_back();
  return text;
}

std::string picker_text(const std::string& picker, const std::string& model) {
  const std::string name = picker.empty() ? "unknown" : picker;
  return model.empty() ? name : name + " " + model;
}

std::string range_text(Date first, Date last) {
  return first == last ? first.to_string() : first.to_string() + " to " + last.to_string();
}

}  // namespace am::picks
