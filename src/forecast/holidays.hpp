#pragma once
// What a holiday does to a day: the mean, over its occurrences, of the day less the median of the same weekday one to three
// weeks around, apart for weekdays and weekends, drawn towards nothing by n / (n + ½); from two occurrences on. It is taken
// out before the models see the day, and put back where one lies ahead.

#include <map>
#include <utility>

#include "prepare.hpp"

namespace am::forecast {

/// By name and whether the day is of a weekend; in the space that models work in.
using HolidayEffects = std::map<std::pair<std::string, bool>, HolidayEffect>;

/// From what is before `end`.
HolidayEffects holiday_effects(const Prepared& series, std::span<const Holiday> holidays, int end);

/// Of each day of the series and ahead; empty when there is none.
std::vector<double> effects_by_day(const Prepared& series, std::span<const Holiday> holidays,
                                   const HolidayEffects& effects);

}  // namespace am::forecast
