#pragma once
// A series made ready for the models: missing is NaN, the magnitude is a power of two away from 1 (so that nothing
// overflows and a doubled series has the same bits), logs where all is positive, known holidays taken out.

#include <vector>

#include "am/forecast/forecast.hpp"
#include "forecast/models/model.hpp"

namespace am::forecast {

struct Prepared {
  std::vector<double> level;  ///< scaled; its first and last are known
  std::vector<double> work;   ///< logs of level, or level again
  std::vector<Date> days;     ///< of level and, behind them, of all days ahead; empty without dates
  std::vector<int> phase;     ///< likewise; never empty
  std::vector<int> seasons;
  int cycle = 1;  ///< the first of seasons; where none shows the first that was looked for
  double half_life = 0;
  int first = 0;  ///< index of level's first in the input
  int scale = 0;  ///< level is the input over 2^scale
  int ahead = 0;  ///< days behind level up to the last one asked for
  int known = 0;
  bool logs = false;
  bool non_negative = false;
  bool intermittent =
      false;  ///< nothing on more than half of its days, and never less: models and bounds of their own
  int size() const { return static_cast<int>(level.size()); }
  Signal signal(std::span<const double> y) const {
    return {.y = y, .phase = phase, .seasons = seasons, .half_life = half_life};
  }
};

/// Values from the first day asked for on are left out, however they came in.
Prepared prepare(const SeriesInput& input, const Horizon& horizon);

/// The last value counts as missing when the day before tells nothing of the kind: more than 8 robust deviations and 1.5
/// times the worst of 200 errors of one step off. A second such is believed: then the first is among the worst.
bool last_is_outlier(const Prepared& series);

/// Takes the last value away, and what is missing before it.
void drop_last(Prepared& series);

}  // namespace am::forecast
