#pragma once
// How figures and names read in a report and on a page: for people, rounded.

#include <optional>
#include <string>
#include <string_view>

#include "am/picks/report.hpp"

namespace am::picks {

/// At most 4 decimals, at least 2: "1455.22", "0.1234"; "n/a" for nothing, and for 0, which stands for what is no number.
std::string price_text(const std::optional<Decimal>& value);
/// "momentum", "openai gpt-4o-mini"; "unknown" for a batch without a record of its origin.
std::string picker_text(const std::string& picker, const std::string& model);
/// "2000-01-10 to 2000-12-18", or the one date.
std::string range_text(Date first, Date last);

}  // namespace am::picks
