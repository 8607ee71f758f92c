#include "totals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "order.hpp"

namespace am::forecast {

namespace {

int days_until_last(const Prepared& series, const Horizon& horizon) { return series.ahead - horizon.steps; }

Bounds summed(std::span<const Bounds> days) {
  Bounds sum;
  for (const Bounds& day : days) {
    sum.y_hat += day.y_hat;
    sum.lo += day.lo;
    sum.hi += day.hi;
    sum.lo80 += day.lo80;
    sum.hi80 += day.hi80;
  }
  constexpr double kMost = std::numeric_limits<double>::max();
  for (double* y : {&sum.y_hat, &sum.lo, &sum.hi, &sum.lo80, &sum.hi80}) *y = std::clamp(*y, -kMost, kMost);
  return sum;
}

/// Never wider than its days together, which is what they are if all are off to one side.
Bounds narrowed(Bounds sum, std::array<double, 2> widths, const Prepared& series, int count) {
  const auto off = [&](double by) {
    if (series.logs) return sum.y_hat * std::exp(std::clamp(by, -700.0, 700.0));
    return sum.y_hat + std::scalbn(by * count, series.scale);
  };
  sum.lo = std::clamp(off(-widths[0]), sum.lo, sum.y_hat);
  sum.hi = std::clamp(off(widths[0]), sum.y_hat, sum.hi);
  sum.lo80 = std::clamp(off(-widths[1]), std::max(sum.lo80, sum.lo), sum.y_hat);
  sum.hi80 = std::clamp(off(widths[1]), sum.y_hat, std::min(sum.hi80, sum.hi));
  return sum;
}

}  // namespace

Bounds empirical_bounds(const Prepared& series, int count, double y_hat) {
  constexpr int kRecent = 1000;  // days
  std::vector<double> known, sums;
  for (const double y : series.level) {
    if (!std::isnan(y)) known.push_back(y);
  }
  if (known.size() > kRecent) known.erase(known.begin(), known.end() - kRecent);
  // A sum of more days than half of what is known is that of half, in proportion.
  const int seen = std::clamp(count, 1, std::max(1, static_cast<int>(known.size()) / 2));
  // Each summed anew: of a sum that is carried along, taking off leaves a rest where nothing came.
  for (auto first = known.begin(); known.end() - first >= seen; ++first)
    sums.push_back(std::accumulate(first, first + seen, 0.0) * count / seen);
  const auto at = [&](double share) { return std::scalbn(quantile(sums, share), series.scale); };
  Bounds b{.y_hat = std::scalbn(y_hat, series.scale),
           .lo = at(0.025),
           .hi = at(0.975),
           .lo80 = at(0.1),
           .hi80 = at(0.9)};
  b.lo80 = std::min(b.lo80, b.y_hat);
  b.lo = std::min(b.lo, b.lo80);
  b.hi80 = std::max(b.hi80, b.y_hat);
  b.hi = std::max(b.hi, b.hi80);
  return b;
}

std::vector<Total> totals_of(const Horizon& horizon, std::span<const Bounds> days, const Errors& errors,
                             std::span<const double> own, const Prepared& series) {
  std::vector<Total> totals;
  const auto add = [&](Total::Kind kind, int first, int end) {
    const int count = end - first;
    Bounds sum = summed(days.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
    if (series.intermittent) {
      sum = empirical_bounds(series, count, std::scalbn(sum.y_hat, -series.scale));
    } else if (!errors.empty()) {
      const int from = days_until_last(series, horizon) + first;
      sum = narrowed(sum, mean_half_widths(errors, own, from, count), series, count);
    }
    totals.push_back({.kind = kind, .first = first, .count = count, .bounds = sum});
  };
  const auto dates =
      std::span(horizon.days).subspan(horizon.days.empty() ? 0 : static_cast<std::size_t>(horizon.lead));
  const auto cut = [&](Total::Kind kind, auto&& part_of) {
    int first = 0;
    for (int i = 1; i <= static_cast<int>(dates.size()); ++i) {
      const bool ends =
          i == static_cast<int>(dates.size()) ||
          part_of(dates[static_cast<std::size_t>(i)]) != part_of(dates[static_cast<std::size_t>(first)]);
      if (!ends) continue;
      add(kind, first, i);
      first = i;
    }
  };
  cut(Total::Kind::week, [](Date day) { return day - static_cast<int>(day.weekday().iso_encoding() - 1); });
  cut(Total::Kind::month,
      [](Date day) { return day.year() * 12 + static_cast<int>(static_cast<unsigned>(day.ymd().month())); });
  add(Total::Kind::range, 0, horizon.steps);
  return totals;
}

}  // namespace am::forecast
