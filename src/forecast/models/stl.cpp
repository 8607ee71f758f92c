#include "stl.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace am::forecast {

namespace {

constexpr int kInner = 2;  // rounds, as R's stl without robustness

/// A local regression: over so many neighbours, of degree 0 or 1, worked out at each `jump`-th point.
struct Loess {
  int length;
  int degree;
  int jump;
};

int next_odd(double x) {
  const int rounded = static_cast<int>(std::lround(x));
  return rounded % 2 == 0 ? rounded + 1 : rounded;
}

Loess loess(int length, int degree) { return {length, degree, (length + 9) / 10}; }

/// At place x (from 1 on) from y(left) to y(right), with tricube weights.
std::optional<double> smooth_at(std::span<const double> y, const Loess& by, double x, int left, int right,
                                std::vector<double>& w) {
  const auto n = static_cast<int>(y.size());
  double h = std::max(x - left, right - x);
  const int beyond = (by.length - n) / 2;  // whole places, as in the original
  if (by.length > n) h += beyond;
  w.resize(y.size());
  double sum = 0;
  for (int j = left; j <= right; ++j) {
    const double r = std::abs(j - x);
    double weight = 0;
    if (r <= 0.999 * h) {
      const double u = r / h;
      const double inner = 1 - u * u * u;
      weight = r <= 0.001 * h ? 1 : inner * inner * inner;
    }
    w[static_cast<std::size_t>(j - 1)] = weight;
    sum += weight;
  }
  if (sum <= 0) return std::nullopt;
  double mean = 0;
  for (int j = left; j <= right; ++j) mean += (w[static_cast<std::size_t>(j - 1)] /= sum) * j;
  if (h > 0 && by.degree > 0) {
    double spread = 0;
    for (int j = left; j <= right; ++j)
      spread += w[static_cast<std::size_t>(j - 1)] * (j - mean) * (j - mean);
    if (std::sqrt(spread) > 0.001 * (n - 1)) {
      const double slope = (x - mean) / spread;
      for (int j = left; j <= right; ++j) w[static_cast<std::size_t>(j - 1)] *= slope * (j - mean) + 1;
    }
  }
  double result = 0;
  for (int j = left; j <= right; ++j)
    result += w[static_cast<std::size_t>(j - 1)] * y[static_cast<std::size_t>(j - 1)];
  return result;
}

std::vector<double> smooth(std::span<const double> y, const Loess& by) {
  const auto n = static_cast<int>(y.size());
  std::vector<double> result(y.begin(), y.end());
  if (n < 2) return result;
  const int jump = std::min(by.jump, n - 1);
  const int half = (by.length + 1) / 2;
  std::vector<double> w;
  int left = 1, right = n;
  const auto put = [&](int i) {
    if (const auto value = smooth_at(y, by, i, left, right, w))
      result[static_cast<std::size_t>(i - 1)] = *value;
  };
  for (int i = 1; i <= n; i += jump) {
    if (by.length < n) {
      left = std::clamp(i - half + 1, 1, n - by.length + 1);
      right = left + by.length - 1;
    }
    put(i);
  }
  if (jump == 1) return result;
  const auto between = [&](int from, int to) {
    const double first = result[static_cast<std::size_t>(from - 1)];
    const double slope = (result[static_cast<std::size_t>(to - 1)] - first) / (to - from);
    for (int j = from + 1; j < to; ++j) result[static_cast<std::size_t>(j - 1)] = first + slope * (j - from);
  };
  const int last = (n - 1) / jump * jump + 1;
  for (int i = 1; i + jump <= n; i += jump) between(i, i + jump);
  if (last != n) {
    put(n);
    between(last, n);
  }
  return result;
}

/// Each place of the season smoothed, with one season more at both ends.
std::vector<double> smooth_places(std::span<const double> y, int season, const Loess& by) {
  const auto n = static_cast<int>(y.size());
  std::vector<double> result(y.size() + 2 * static_cast<std::size_t>(season));
  std::vector<double> places, w;
  for (int j = 0; j < season; ++j) {
    places.clear();
    for (int t = j; t < n; t += season) places.push_back(y[static_cast<std::size_t>(t)]);
    const auto k = static_cast<int>(places.size());
    const std::vector<double> smoothed = smooth(places, by);
    const double before = smooth_at(places, by, 0, 1, std::min(by.length, k), w).value_or(smoothed.front());
    const double after =
        smooth_at(places, by, k + 1, std::max(1, k - by.length + 1), k, w).value_or(smoothed.back());
    const auto put = [&](int m, double value) {
      result[static_cast<std::size_t>(m) * static_cast<std::size_t>(season) + static_cast<std::size_t>(j)] =
          value;
    };
    put(0, before);
    for (int m = 0; m < k; ++m) put(m + 1, smoothed[static_cast<std::size_t>(m)]);
    put(k + 1, after);
  }
  return result;
}

std::vector<double> moving_average(std::span<const double> y, int length) {
  std::vector<double> result;
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    sum += y[i];
    if (i + 1 < static_cast<std::size_t>(length)) continue;
    result.push_back(sum / length);
    sum -= y[i + 1 - static_cast<std::size_t>(length)];
  }
  return result;
}

}  // namespace

Decomposition decompose(std::span<const double> y, int season, int window) {
  const Loess for_season = loess(window, 0);
  const Loess for_trend = loess(next_odd(std::ceil(1.5 * season / (1 - 1.5 / window))), 1);
  const Loess for_low = loess(next_odd(season), 1);
  Decomposition result{.season = std::vector<double>(y.size()), .trend = std::vector<double>(y.size())};
  std::vector<double> rest(y.size());
  for (int round = 0; round < kInner; ++round) {
    for (std::size_t t = 0; t < y.size(); ++t) rest[t] = y[t] - result.trend[t];
    const std::vector<double> places = smooth_places(rest, season, for_season);
    const std::vector<double> low =
        smooth(moving_average(moving_average(moving_average(places, season), season), 3), for_low);
    for (std::size_t t = 0; t < y.size(); ++t) {
      result.season[t] = places[t + static_cast<std::size_t>(season)] - low[t];
      rest[t] = y[t] - result.season[t];
    }
    result.trend = smooth(rest, for_trend);
  }
  return result;
}

std::vector<double> seasonal_part(std::span<const double> y, std::span<const int> seasons) {
  std::vector<std::vector<double>> parts;
  std::vector<int> used;
  for (const int season : seasons) {
    if (2 * static_cast<std::size_t>(season) < y.size()) used.push_back(season);
  }
  std::vector<double> sum(y.size());
  if (used.empty()) return sum;
  parts.assign(used.size(), sum);
  std::vector<double> left(y.begin(), y.end());
  for (int round = 0; round < (used.size() > 1 ? 2 : 1); ++round) {
    for (std::size_t i = 0; i < used.size(); ++i) {
      for (std::size_t t = 0; t < y.size(); ++t) left[t] += parts[i][t];
      parts[i] = decompose(left, used[i], 11 + 4 * static_cast<int>(i)).season;
      for (std::size_t t = 0; t < y.size(); ++t) left[t] -= parts[i][t];
    }
  }
  for (std::size_t t = 0; t < y.size(); ++t) sum[t] = y[t] - left[t];
  return sum;
}

}  // namespace am::forecast
