#include <cmath>

#include "am/forecast/forecast.hpp"

namespace am::forecast {

namespace {

constexpr double kOneSided = 1.645;  // of the normal distribution, 90 % both ways

/// Autocorrelation up to a lag, over the pairs that are known.
std::vector<double> autocorrelations(std::span<const double> values, int most) {
  double sum = 0;
  int known = 0;
  for (const double y : values) {
    if (std::isnan(y)) continue;
    sum += y;
    ++known;
  }
  std::vector<double> centred;
  centred.reserve(values.size());
  double squares = 0;
  for (const double y : values) {
    const double off = std::isnan(y) ? 0 : y - sum / known;
    centred.push_back(off);
    squares += off * off;
  }
  std::vector<double> result;
  if (!(squares > 0)) return result;
  for (int lag = 1; lag <= most; ++lag) {
    double products = 0;
    for (std::size_t t = static_cast<std::size_t>(lag); t < centred.size(); ++t) {
      products += centred[t] * centred[t - static_cast<std::size_t>(lag)];
    }
    result.push_back(products / squares);
  }
  return result;
}

}  // namespace

std::vector<int> seasons_of(std::span<const double> values, std::span<const int> candidates) {
  int known = 0;
  for (const double y : values) known += std::isnan(y) ? 0 : 1;
  int most = 0;
  for (const int m : candidates) {
    if (3 * m <= known) most = std::max(most, m);
  }
  const std::vector<double> r = autocorrelations(values, most);
  std::vector<int> shown;
  for (const int m : candidates) {
    if (m < 2 || 3 * m > known || r.empty()) continue;
    double squares = 0;
    for (int lag = 1; lag < m; ++lag)
      squares += r[static_cast<std::size_t>(lag - 1)] * r[static_cast<std::size_t>(lag - 1)];
    if (r[static_cast<std::size_t>(m - 1)] > kOneSided * std::sqrt((1 + 2 * squares) / known))
      shown.push_back(m);
  }
  return shown;
}

}  // namespace am::forecast
