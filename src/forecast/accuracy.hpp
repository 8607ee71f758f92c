#pragma once
// How far forecasts were off, summed up: what a backtest and the scores of stored forecasts have in common. Private.
//
// Units:   errors in steps, the mean change over one season within what was known.
// Threads: pure.

#include <array>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "am/forecast/evaluate.hpp"

namespace am::forecast {

/// The first and the last step of each span that is told apart.
inline constexpr std::array<std::pair<int, int>, 3> kSpans = {
    {{1, 7}, {8, 28}, {29, std::numeric_limits<int>::max()}}};
/// Index into kSpans. step: 1 or more.
std::size_t span_of_step(int step);

/// How much a value differs from that of `lag` before, in the mean; none: it does not, or there is no such pair.
std::optional<double> usual_step(std::span<const double> past, std::size_t lag);

/// What a forecast is measured by: what was known when it was made.
struct Yardstick {
  std::optional<double> step{};  ///< the usual one; none: the past does not change, or is too short
  double naive = 0;              ///< the last value

  /// season: in existing days.
  Yardstick(std::span<const double> past, std::size_t season);
};
/// What seasonal naive says of the day `ahead` days behind the past's end; 1 is the next.
double seasonal_naive(std::span<const double> past, std::size_t ahead, std::size_t season);
/// "pool/1 logs s7+364 o24" → 7; 1 where it names none.
std::size_t season_of_version(std::string_view model_version);

class AccuracySums {
 public:
  void add(double value, const Bounds& bounds, double seasonal, const Yardstick& yardstick);
  int days() const { return days_; }
  SpanScore score(int first_step, int last_step) const;

 private:
  int days_ = 0, sized_ = 0, scaled_ = 0, within95_ = 0, within80_ = 0;
  double smape_ = 0, model_ = 0, naive_ = 0, seasonal_ = 0;
};

/// Of each span that has days. last: no span's last step is later.
std::vector<SpanScore> span_scores(std::span<const AccuracySums, kSpans.size()> sums, int last);

}  // namespace am::forecast
