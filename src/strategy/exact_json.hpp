#pragma once
// JSON whose numbers keep the digits in which they were sent: none of a price or a quantity passes through a double. Pure.

#include <cstddef>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "am/base/decimal.hpp"

namespace am::strategy {

/// A number with a fraction or an exponent, or one too long for 64 bits, becomes a string of its text. Nothing: it is no
/// JSON, or nested deeper than that.
std::optional<nlohmann::json> parse_exact(std::string_view text, std::size_t deepest = 16);

/// A member that is a number, or a string that holds one, of 40 characters at most: zero, or 1e-18 to 1e18 in size. Nothing:
/// it is not there, or null, or something else.
std::optional<Decimal> decimal_of(const nlohmann::json& object, std::string_view key);
/// Nothing: it is not there, or no string.
std::optional<std::string> text_of(const nlohmann::json& object, std::string_view key);

}  // namespace am::strategy
