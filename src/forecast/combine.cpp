#include "combine.hpp"

#include <algorithm>
#include <cmath>

#include "order.hpp"

namespace am::forecast {

namespace {

constexpr double kPerfect = 1e-5;  // of the greatest error: what is nearer is not told apart

}  // namespace

std::vector<double> weights_of(std::span<const double> errors) {
  double greatest = 0;
  for (const double e : errors) {
    if (std::isfinite(e)) greatest = std::max(greatest, e);
  }
  std::vector<double> weights;
  double sum = 0;
  for (const double e : errors) {
    const double relative = greatest > 0 ? std::max(e / greatest, kPerfect) : 1;
    weights.push_back(std::isfinite(e) ? 1 / (relative * relative) : 0);
    sum += weights.back();
  }
  for (double& weight : weights) weight = sum > 0 ? weight / sum : 1.0 / static_cast<double>(weights.size());
  return weights;
}

Path combined(std::span<const Path* const> paths, std::span<const double> weights) {
  Path result;
  std::vector<double> values(paths.size());
  for (std::size_t step = 0; step < paths.front()->size(); ++step) {
    for (std::size_t m = 0; m < paths.size(); ++m) values[m] = (*paths[m])[step];
    result.push_back(weighted_median(values, weights));
  }
  return result;
}

}  // namespace am::forecast
