#pragma once
// What a period may be. Private.

#include <string>

#include "am/base/error.hpp"

namespace am::strategy {

inline constexpr int kMostPeriod = 100'000;

/// Errors:  usage.
inline int checked_period(int period) {
  if (period < 1 || period > kMostPeriod)
    throw Error(ErrorKind::usage, "a period is from 1 to " + std::to_string(kMostPeriod) + " (got " +
                                      std::to_string(period) + ")");
  return period;
}

}  // namespace am::strategy
