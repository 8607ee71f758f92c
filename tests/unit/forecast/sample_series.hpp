#pragma once
// Series for the tests: made from a fixed stream, so that no test draws anything.

#include <cmath>
#include <cstdint>
#include <vector>

#include "am/forecast/forecast.hpp"

namespace am::test {

/// Between 0 and 1.
class Stream {
 public:
  explicit Stream(std::uint64_t seed) : state_(seed) {}
  double next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<double>(state_ >> 11U) / 9007199254740992.0;
  }

 private:
  std::uint64_t state_;
};

inline constexpr Date kFirstDay{2021, 1, 4};  // a Monday

/// Days with a week, a slow year and noise; positive.
inline forecast::SeriesInput daily(int days, std::uint64_t seed = 7) {
  forecast::SeriesInput input;
  Stream stream(seed);
  constexpr double kWeek[] = {100, 104, 106, 103, 110, 70, 55};
  for (int t = 0; t < days; ++t) {
    const Date day = kFirstDay + t;
    const double year = 1 + 0.1 * std::sin(t * 2 * 3.14159265358979 / 364);
    input.days.push_back(day);
    input.values.push_back(kWeek[day.weekday().iso_encoding() - 1] * year * (0.95 + 0.1 * stream.next()));
  }
  return input;
}

/// The days behind the input's last.
inline forecast::Horizon ahead(const forecast::SeriesInput& input, int steps, int lead = 0, int span = 28) {
  forecast::Horizon horizon{.steps = steps, .lead = lead, .span = span, .days = {}};
  if (input.days.empty()) return horizon;
  for (int i = 1; i <= lead + steps; ++i) horizon.days.push_back(input.days.back() + i);
  return horizon;
}

}  // namespace am::test
