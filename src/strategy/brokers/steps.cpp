#include "steps.hpp"

namespace am::strategy {

Decimal down_to(const Decimal& number, const Decimal& step) {
  if (step.is_zero()) return number;
  const Decimal near = (number / step).rounded(0);
  return (near * step > number ? near - 1 : near) * step;
}

Decimal up_to(const Decimal& number, const Decimal& step) { return -down_to(-number, step); }

}  // namespace am::strategy
