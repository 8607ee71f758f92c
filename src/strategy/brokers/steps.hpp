#pragma once
// The steps in which a broker takes prices and quantities. Pure.

#include "am/base/decimal.hpp"

namespace am::strategy {

/// The highest multiple of the step that is not above the number, the lowest that is not below it. A step of zero: itself.
Decimal down_to(const Decimal& number, const Decimal& step);
Decimal up_to(const Decimal& number, const Decimal& step);

}  // namespace am::strategy
