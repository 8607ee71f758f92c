#pragma once
// Theta: half of the line through the past, and exponential smoothing of what bends away from it. DOTM estimates the share
// (θ), the smoothing and the first level together, with a line that each day draws anew.
// Source: Assimakopoulos and Nikolopoulos 2000; as smoothing with a drift, Hyndman and Billah 2003; DOTM, Fiorucci and others
// 2016.

#include "model.hpp"

namespace am::forecast {

/// A place's usual factor of the season, from the centred moving average; each `season` long, mean 1. All 1 where y is not
/// positive or has less than two seasons.
std::vector<double> seasonal_factors(std::span<const double> y, int season);

/// As forecast::thetaf: factors taken out (season > 1), simple smoothing, half the line's slope as its drift.
Path theta_forecast(std::span<const double> y, int season, int horizon);

std::unique_ptr<Fitted> fit_dotm(const Signal& signal, int end);

}  // namespace am::forecast
