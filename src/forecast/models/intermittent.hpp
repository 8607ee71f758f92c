#pragma once
// For what is mostly nothing: how likely a day is to bring something, and how much, smoothed apart. TSB lowers the
// likelihood on each empty day, so that what has died out fades; SBA smooths the time between (Croston) and takes off the
// half of the smoothing by which that is too high.
// Source: Teunter, Syntetos and Babai 2011; Syntetos and Boylan 2005.

#include "model.hpp"

namespace am::forecast {

std::unique_ptr<Fitted> fit_tsb(const Signal& signal, int end);
std::unique_ptr<Fitted> fit_sba(const Signal& signal, int end);

/// The means that both come to after the days up to `end`, for the smoothing given.
struct IntermittentMeans {
  double tsb = 0;
  double sba = 0;
};
IntermittentMeans intermittent_means(std::span<const double> y, double smoothing);

}  // namespace am::forecast
