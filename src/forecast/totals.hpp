#pragma once
// Bounds of weeks, months and the whole range: from how far sums of so many days were off at past origins.

#include "intervals.hpp"
#include "prepare.hpp"

namespace am::forecast {

/// The weeks (Monday to Sunday), months and the range that the days asked for make up, cut at its ends.
std::vector<Total> totals_of(const Horizon& horizon, std::span<const Bounds> days, const Errors& errors,
                             std::span<const double> own, const Prepared& series);

/// Of what is mostly nothing: what so many days in a row came to in the last years, around a y_hat in scaled values.
Bounds empirical_bounds(const Prepared& series, int count, double y_hat);

}  // namespace am::forecast
