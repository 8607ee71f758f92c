#include "order.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace am::forecast {

namespace {

/// At a rank from 0 on, of sorted values.
double at_rank(const std::vector<double>& sorted, double rank) {
  if (sorted.empty()) return 0;
  rank = std::clamp(rank, 0.0, static_cast<double>(sorted.size() - 1));
  const auto below = static_cast<std::size_t>(rank);
  if (below + 1 == sorted.size()) return sorted.back();
  const double share = rank - static_cast<double>(below);
  return sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return at_rank(values, share * (static_cast<double>(values.size()) - 1));
}

double conformal(std::vector<double> magnitudes, double share) {
  std::sort(magnitudes.begin(), magnitudes.end());
  return at_rank(magnitudes, share * (static_cast<double>(magnitudes.size()) + 1) - 1);
}

double weighted_median(std::span<const double> values, std::span<const double> weights) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  const double half = std::accumulate(weights.begin(), weights.end(), 0.0) / 2;
  double reached = 0;  // up to the middle of the one before
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double middle = (i == 0 ? 0 : reached + weights[order[i - 1]] / 2) + weights[order[i]] / 2;
    if (middle >= half) {
      if (i == 0) return values[order[0]];
      const double gap = middle - reached;
      const double share = gap > 0 ? (half - reached) / gap : 1;
      return values[order[i - 1]] + share * (values[order[i]] - values[order[i - 1]]);
    }
    reached = middle;
  }
  return order.empty() ? 0 : values[order.back()];
}

}  // namespace am::forecast
