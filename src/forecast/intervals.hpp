#pragma once
// How far off a forecast may be, from how far off it was: no distribution is assumed. Three views, of which the mean is
// taken: the model's own deviations (ARIMA's, grown from its last error), the errors of the same step at past origins, and
// those of all steps, each over its step's usual size. Neither ever shrinks with the horizon.
// Source: split conformal intervals, Vovk and others 2005; isotonic scale by pooling adjacent violators.

#include <array>
#include <span>
#include <vector>

#include "forecast/models/model.hpp"

namespace am::forecast {

inline constexpr std::array<double, 2> kShares = {0.95, 0.80};
inline constexpr std::array<double, 2> kNormal = {1.959963984540054, 1.2815515655446004};  ///< of the shares

/// Errors of past forecasts by origin and step; NaN where the day is missing.
using Errors = std::vector<Path>;

/// Half-widths of each share for `steps` steps, in the space of the errors. `own`: deviations for as many steps or none.
std::array<Path, 2> half_widths(const Errors& errors, std::span<const double> own, int steps);

/// Half-widths of a sum's mean error per day over steps [first, first + count).
std::array<double, 2> mean_half_widths(const Errors& errors, std::span<const double> own, int first,
                                       int count);

/// The nearest sequence that never falls, by squares; NaN has no say and takes the one before.
Path never_falling(std::span<const double> values);

}  // namespace am::forecast
