#pragma once
// The yardsticks: tomorrow is as today, and tomorrow is as it was a season ago. Both carry their last known values on.

#include "model.hpp"

namespace am::forecast {

std::unique_ptr<Fitted> fit_naive(const Signal& signal, int end);
/// Null without a season, or with less than one known.
std::unique_ptr<Fitted> fit_seasonal_naive(const Signal& signal, int end);

}  // namespace am::forecast
