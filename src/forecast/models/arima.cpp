#include "arima.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "arima_fit.hpp"
#include "stl.hpp"

namespace am::forecast {

namespace {

constexpr int kLeastForArima = 16;
constexpr int kFew = 150;  // so few days deserve the exact likelihood
constexpr int kGappy =
    400;  // or so few with gaps: of more a gap tells little, and each costs the filter its rest

/// Seasons that STL takes out: not the year.
std::vector<int> short_seasons(std::span<const int> seasons, int end) {
  std::vector<int> result;
  for (const int season : seasons) {
    if (season != 52 && season < 250 && 2 * season < end) result.push_back(season);
  }
  return result;
}

/// What is missing before `end` is what was a season ago, or at the start the next known.
std::vector<double> without_gaps(const Signal& signal, int end) {
  std::vector<double> y(signal.y.begin(), signal.y.begin() + end);
  const auto season = static_cast<std::size_t>(signal.season());
  double next = 0;
  for (std::size_t t = y.size(); t-- > 0;) {
    if (!std::isnan(y[t])) next = y[t];
    if (std::isnan(y[t]) && t < season) y[t] = next;
  }
  for (std::size_t t = season; t < y.size(); ++t) {
    if (std::isnan(y[t])) y[t] = y[t - season];
  }
  return y;
}

class StlArima : public Fitted {
 public:
  StlArima(ArimaModel model, std::vector<double> seasonal, int cycle, double scale)
      : model_(std::move(model)), seasonal_(std::move(seasonal)), cycle_(cycle), scale_(scale) {}

  std::vector<Path> run(const Signal& signal, std::span<const int> origins, int horizon) const override {
    ArimaFilter filter(model_);
    std::vector<Path> paths;
    int t = 0;
    for (const int origin : origins) {
      for (; t < origin; ++t) filter.step((signal.y[static_cast<std::size_t>(t)] - seasonal(t)) / scale_);
      Path& path = paths.emplace_back(filter.forecast(horizon));
      for (int step = 0; step < horizon; ++step) {
        double& y = path[static_cast<std::size_t>(step)];
        y = y * scale_ + seasonal(origin + step);
      }
    }
    return paths;
  }

  Path deviations(int horizon) const override {
    Path result = arima_deviations(model_, horizon);
    for (double& deviation : result) deviation *= scale_;
    return result;
  }

 private:
  double seasonal(int t) const {
    const auto size = static_cast<int>(seasonal_.size());
    if (cycle_ == 0) return 0;
    if (t >= size) t = size - cycle_ + (t - size) % cycle_;
    return seasonal_[static_cast<std::size_t>(t)];
  }

  ArimaModel model_;
  std::vector<double> seasonal_;
  int cycle_;
  double scale_;
};

}  // namespace

std::unique_ptr<Fitted> fit_stl_arima(const Signal& signal, int end) {
  std::vector<double> rest(signal.y.begin(), signal.y.begin() + end);
  const auto known = std::count_if(rest.begin(), rest.end(), [](double y) { return !std::isnan(y); });
  if (known < kLeastForArima) return nullptr;
  const std::vector<int> seasons = short_seasons(signal.seasons, end);
  std::vector<double> seasonal;
  int cycle = 0;
  if (!seasons.empty()) {
    seasonal = seasonal_part(without_gaps(signal, end), seasons);
    cycle = seasons.back();
    for (std::size_t t = 0; t < rest.size(); ++t) rest[t] -= seasonal[t];
  }
  double lowest = INFINITY, highest = -std::numeric_limits<double>::infinity();
  for (const double y : rest) {
    if (std::isnan(y)) continue;
    lowest = std::min(lowest, y);
    highest = std::max(highest, y);
  }
  const double scale = highest > lowest ? highest - lowest : 1;
  for (double& y : rest) y /= scale;
  const ArimaOrder order = choose_arima(rest);
  const bool exactly = known < kFew || (known < end && end <= kGappy);
  ArimaModel model = exactly ? fit_arima_exactly(rest, order) : fit_arima(rest, order);
  if (!std::isfinite(model.variance)) return nullptr;
  return std::make_unique<StlArima>(std::move(model), std::move(seasonal), cycle, scale);
}

}  // namespace am::forecast
