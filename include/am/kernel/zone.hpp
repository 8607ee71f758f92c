#pragma once
// Calendar days in any time zone of the tz database, by its name ("Europe/Berlin").
//
// Errors:  Error{config} when there is no zone of that name, or no zone data.
// Threads: pure.

#include <string_view>

#include "am/base/date.hpp"

namespace am::kernel {

bool is_zone(std::string_view name);
/// The calendar day there at that moment.
Date date_in_zone(std::string_view zone, Instant at);
/// The moment at which clocks there show `time_of_day` on `day`: in a gap the first moment after it; when it happens twice
/// the first.
Instant instant_in_zone(std::string_view zone, Date day, std::chrono::minutes time_of_day);

}  // namespace am::kernel
