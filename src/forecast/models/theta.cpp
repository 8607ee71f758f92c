#include "theta.hpp"

#include <algorithm>
#include <cmath>

#include <nlopt.h>

#include "ets.hpp"

namespace am::forecast {

namespace {

constexpr int kLeastDotm = 6;

/// What DOTM remembers: the level, and the line through the days so far.
class ThetaState {
 public:
  ThetaState(double alpha, double level, double theta)
      : alpha_(alpha), level_(level), share_(1 - 1 / theta) {}

  double expected(int ahead = 1) const {
    const double left = std::pow(1 - alpha_, t_);
    const double bend = left * intercept_ + (1 - left * (1 - alpha_)) / alpha_ * slope_;
    // Later days: the level stays, the line goes on.
    return level_ + share_ * (bend + slope_ * (ahead - 1));
  }

  void step(double y) {
    level_ += alpha_ * (y - level_);
    const double n = ++t_;
    if (t_ == 1) {
      mean_ = intercept_ = y;
      return;
    }
    slope_ = ((n - 2) * slope_ + 6 * (y - mean_) / n) / (n + 1);
    mean_ += (y - mean_) / n;
    intercept_ = mean_ - slope_ * (n + 1) / 2;
  }

 private:
  double alpha_, level_, share_;
  double mean_ = 0, slope_ = 0, intercept_ = 0;
  int t_ = 0;
};

struct DotmSearch {
  std::span<const double> y;
  double unit = 1;
};

double dotm_squares(unsigned, const double* x, double*, void* search_of) {
  const DotmSearch& search = *static_cast<const DotmSearch*>(search_of);
  if (x[0] < 0.01 || x[0] > 0.99 || x[2] < 1 || x[2] > 100) return 1e30;
  ThetaState state(x[0], x[1] * search.unit, x[2]);
  double squares = 0;
  for (const double y : search.y) {
    const double off = (y - state.expected()) / search.unit;
    squares += off * off;
    state.step(y);
  }
  return std::isfinite(squares) ? squares : 1e30;
}

class Dotm : public Fitted {
 public:
  Dotm(double alpha, double level, double theta, std::vector<double> factors)
      : alpha_(alpha), level_(level), theta_(theta), factors_(std::move(factors)) {}

  std::vector<Path> run(const Signal& signal, std::span<const int> origins, int horizon) const override {
    ThetaState state(alpha_, level_, theta_);
    std::vector<Path> paths;
    int t = 0;
    for (const int origin : origins) {
      for (; t < origin; ++t) {
        const double y = signal.y[static_cast<std::size_t>(t)] / factor(t);
        state.step(std::isnan(y) ? state.expected() : y);
      }
      Path& path = paths.emplace_back();
      for (int step = 0; step < horizon; ++step)
        path.push_back(state.expected(step + 1) * factor(origin + step));
    }
    return paths;
  }

 private:
  double factor(int t) const { return factors_[static_cast<std::size_t>(t) % factors_.size()]; }

  double alpha_, level_, theta_;
  std::vector<double> factors_;
};

}  // namespace

std::vector<double> seasonal_factors(std::span<const double> y, int season) {
  const auto length = static_cast<std::size_t>(std::max(season, 1));
  std::vector<double> factors(length, 1), sums(length), counts(length);
  const bool positive = std::ranges::all_of(y, [](double day) { return day > 0; });
  if (length < 2 || y.size() < 2 * length || !positive) return factors;
  const std::size_t half = length / 2;
  for (std::size_t t = half; t + half < y.size(); ++t) {
    double sum = 0;
    for (std::size_t i = t - half; i <= t + half; ++i) {
      const bool end = length % 2 == 0 && (i == t - half || i == t + half);
      sum += end ? y[i] / 2 : y[i];
    }
    sums[t % length] += y[t] * static_cast<double>(length) / sum;
    ++counts[t % length];
  }
  double mean = 0;
  for (std::size_t i = 0; i < length; ++i) {
    if (counts[i] == 0) return factors;
    mean += sums[i] / counts[i] / static_cast<double>(length);
  }
  for (std::size_t i = 0; i < length; ++i) factors[i] = sums[i] / counts[i] / mean;
  return factors;
}

Path theta_forecast(std::span<const double> y, int season, int horizon) {
  const std::vector<double> factors = seasonal_factors(y, season);
  std::vector<double> adjusted;
  for (std::size_t t = 0; t < y.size(); ++t) adjusted.push_back(y[t] / factors[t % factors.size()]);
  const EtsModel model = fit_ets_kind(adjusted, {});
  EtsState state(model);
  for (const double day : adjusted) state.step(day);
  const double n = static_cast<double>(y.size());
  double slope = 0, spread = 0;
  for (std::size_t t = 0; t < y.size(); ++t) {
    const double off = static_cast<double>(t) - (n - 1) / 2;
    slope += off * adjusted[t];
    spread += off * off;
  }
  const double drift = spread > 0 ? slope / spread / 2 : 0;
  Path path = state.forecast(horizon);
  for (std::size_t step = 0; step < path.size(); ++step) {
    path[step] += drift * (static_cast<double>(step) + (1 - std::pow(1 - model.alpha, n)) / model.alpha);
    path[step] *= factors[(y.size() + step) % factors.size()];
  }
  return path;
}

std::unique_ptr<Fitted> fit_dotm(const Signal& signal, int end) {
  std::vector<double> y;
  double latest = std::nan("");
  for (int t = 0; t < end; ++t) {
    const double day = signal.y[static_cast<std::size_t>(t)];
    if (!std::isnan(day)) latest = day;
    if (!std::isnan(latest)) y.push_back(latest);
  }
  if (y.size() < kLeastDotm || y.size() < static_cast<std::size_t>(end)) return nullptr;
  std::vector<double> factors = seasonal_factors(y, signal.season());
  double squares = 0;
  for (std::size_t t = 0; t < y.size(); ++t) {
    y[t] /= factors[t % factors.size()];
    squares += y[t] * y[t];
  }
  DotmSearch search{.y = y};
  if (squares > 0) search.unit = std::sqrt(squares / static_cast<double>(y.size()));
  std::vector<double> x = {0.5, y.front() / 2 / search.unit, 2};
  nlopt_opt optimiser = nlopt_create(NLOPT_LN_NELDERMEAD, 3);
  nlopt_set_min_objective(optimiser, dotm_squares, &search);
  nlopt_set_initial_step1(optimiser, 0.1);
  nlopt_set_ftol_rel(optimiser, 1e-8);
  nlopt_set_maxeval(optimiser, 600);
  double least = 0;
  const std::vector<double> start = x;
  if (nlopt_optimize(optimiser, x.data(), &least) <= 0) x = start;
  nlopt_destroy(optimiser);
  return std::make_unique<Dotm>(x[0], x[1] * search.unit, x[2], std::move(factors));
}

}  // namespace am::forecast
