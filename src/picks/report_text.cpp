#include "am/picks/report_text.hpp"

namespace am::picks {

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
