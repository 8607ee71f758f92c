#pragma once
// How percentages read for people: rounded, with their sign. Whatever is for programs stays as it is stored.

#include <optional>
#include <string>
#include <string_view>

#include "am/base/decimal.hpp"

namespace am {

/// A real minus, as wide as a plus.
inline constexpr std::string_view kMinus = "\u2212";

/// "+1.23", "-0.50", "0.00"; "n/a" for nothing.
std::string signed_percent(const std::optional<Decimal>& value);
/// The same for a page, with a real minus: "−0.50 %".
std::string pretty_percent(const std::optional<Decimal>& value);
/// "+1.2", "−12", "+1234": where there is no room.
std::string short_percent(const Decimal& value);
/// "−0.50" for "-0.50": a real minus for the one at the beginning.
std::string real_minus(std::string text);
/// "up" above zero, "down" below, nothing where it reads 0.00: the class of a figure on a page.
std::string_view tone_of(const std::optional<Decimal>& value);

}  // namespace am
