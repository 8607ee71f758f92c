#pragma once
// What a model is to the desk: it is fitted on the beginning of a series, and what it learned there stays as it is while it
// is run forward to later days and forecasts from each. So all its forecasts but the first are of days that it never saw.

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace am::forecast {

/// A series in the space that a model works in: logs, or the values themselves.
struct Signal {
  std::span<const double> y;     ///< NaN: missing
  std::span<const int> phase;    ///< place in the shortest season, of y and of the days ahead
  std::span<const int> seasons;  ///< ascending
  double half_life = 0;          ///< in days: what regressions forget by half; 0: nothing
  int size() const { return static_cast<int>(y.size()); }
  /// The shortest season, 1 if there is none.
  int season() const { return seasons.empty() ? 1 : seasons.front(); }
};

using Path = std::vector<double>;

class Fitted {
 public:
  Fitted() = default;
  Fitted(const Fitted&) = delete;
  Fitted& operator=(const Fitted&) = delete;
  virtual ~Fitted() = default;
  /// What is expected of the `horizon` days from each origin on (an index into the signal: the first day not known there;
  /// ascending). Nothing from an origin on is looked at for it.
  virtual std::vector<Path> run(const Signal& signal, std::span<const int> origins, int horizon) const = 0;
  /// The deviation of each step's error by the model itself; empty: it has none.
  virtual Path deviations(int horizon) const {
    (void)horizon;
    return {};
  }
};

/// Null: there is too little for it before `end`, or it does not apply.
using Fit = std::unique_ptr<Fitted> (*)(const Signal& signal, int end);

}  // namespace am::forecast
