#pragma once
// Which days the New York Stock Exchange is open: weekends, the holiday rules with their observance, and
// the one-off closings since 1990; and at which hour it closes. Reads no clock. A closing that the exchange has not announced yet cannot be known here: a session
// without a close is the prices' business, and the table of one-off closings is where to add it.

#include <chrono>
#include <optional>
#include <string_view>

#include "am/base/date.hpp"

namespace am::market {

/// The days that the rules below cover: 1990-01-01 to 2100-12-31.
///
/// Errors:  every function here throws Error{usage} for a day (given or reached) outside of it.
/// Threads: all functions are pure.
/// Source:  NYSE rule 7.2 (holidays and their observance); the one-off closings name theirs in the table.
inline constexpr DateRange kCalendarRange{Date{1990, 1, 1}, Date{2100, 12, 31}};

bool is_session(Date day);

/// Why the exchange is closed ("weekend", "Good Friday", "Hurricane Sandy"); nullopt on a session.
/// On a weekend that is also a holiday: "weekend".
std::optional<std::string_view> closed_reason(Date day);

/// When trading begins, and when it ends on a session: New York's wall time. 13:00 on the day after Thanksgiving, on
/// 24 December and on 3 July when the next day is the holiday.
/// Source:  NYSE's holidays and trading hours, as of 2013; earlier years had other half days too.
inline constexpr std::chrono::minutes kOpeningTime{9 * 60 + 30};
std::chrono::minutes closing_time(Date session);

/// The last session strictly before day.
Date previous_session(Date day);

/// Sessions within range, both ends included; 0 when last is before first.
int count_sessions(DateRange range);

/// The Monday of the ISO week (Monday to Sunday) that day is in. Works for any day.
Date week_monday(Date day);

}  // namespace am::market
