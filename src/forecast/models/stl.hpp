#pragma once
// Season, trend and rest by local regression: each place of the season is smoothed over the years, what is slow in that is
// taken off again, and the trend is a smooth of what is left; twice. Several seasons: one after the other, each on what the
// others leave.
// Source: Cleveland, Cleveland, McRae and Terpenning 1990, "STL"; several seasons as Bandara, Hyndman and Bergmeir 2021.

#include <span>
#include <vector>

namespace am::forecast {

struct Decomposition {
  std::vector<double> season;
  std::vector<double> trend;
};

/// No value may be missing; at least two seasons. `window`: how many years a place is smoothed over, odd.
Decomposition decompose(std::span<const double> y, int season, int window);

/// The seasons' sum of each day; seasons that do not fit twice are left out.
std::vector<double> seasonal_part(std::span<const double> y, std::span<const int> seasons);

}  // namespace am::forecast
