#pragma once
// New York wall time, the zone of every business date. Other zones: zone.hpp.
// The zone data's rules end with 2037 in the library at hand (a test says so).

#include <chrono>
#include <string>

#include "am/base/date.hpp"

namespace am::kernel {

/// The calendar day in New York at that moment.
Date new_york_date(Instant at);

/// The moment at which New York's clocks show `time_of_day` on `day`. In a gap (spring) the first moment
/// after it; when it happens twice (autumn) the first.
Instant new_york_instant(Date day, std::chrono::minutes time_of_day);

/// For people: "2026-01-26 09:00 EST".
std::string new_york_text(Instant at);

}  // namespace am::kernel
