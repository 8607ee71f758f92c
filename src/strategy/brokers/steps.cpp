#include "steps.hpp"

namespace am::strategy {

Decimal to_places(const Decimal& number, int places) { return number.rounded(places); }

Decimal down_to(const Decimal& number, const Decimal& step) {
  if (step.is_zero()) return number;
  const Decimal near = to_places(number / step, 0);
  return (near * step > number ? near - 1 : near) * step;
}

Decimal up_to(const Decimal& number, const Decimal& step) { return -down_to(-number, step); }

std::string shortest(const Decimal& number) {
  std::string text = number.to_string();
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace am::strategy
