#pragma once
// Numbers as a broker wants them. Pure.

#include <string>

#include "am/base/decimal.hpp"

namespace am::strategy {

/// Half-even.
Decimal to_places(const Decimal& number, int places);
/// The highest multiple of the step that is not above the number, the lowest that is not below it. A step of zero: itself.
Decimal down_to(const Decimal& number, const Decimal& step);
Decimal up_to(const Decimal& number, const Decimal& step);
/// Without zeros at its end: "1.5", "100".
std::string shortest(const Decimal& number);

}  // namespace am::strategy
