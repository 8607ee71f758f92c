#include "arima_filter.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace am::forecast {

namespace {

constexpr double kDiffuse = 1e6;      // variance of what nothing is known of, in innovations
constexpr double kToldNothing = 1e4;  // a day with such a gain is not counted
constexpr double kSettled = 1e-13;

/// What y(t) takes of the days before: of 1 − (1 − B)^d.
std::array<double, 2> of_differences(int d) {
  if (d == 1) return {1, 0};
  if (d == 2) return {2, -1};
  return {0, 0};
}

}  // namespace

bool is_stationary(std::span<const double> ar, double radius) {
  std::vector<double> a(ar.begin(), ar.end());
  double power = 1;
  for (double& coefficient : a) coefficient *= (power *= radius);
  std::vector<double> shorter;
  while (!a.empty()) {  // Levinson's recursion backwards: all partial correlations within ±1
    const double last = a.back();
    if (!(std::abs(last) < 1)) return false;
    shorter.assign(a.size() - 1, 0);
    for (std::size_t i = 0; i < shorter.size(); ++i) {
      shorter[i] = (a[i] + last * a[a.size() - 2 - i]) / (1 - last * last);
    }
    a.swap(shorter);
  }
  return true;
}

bool is_invertible(std::span<const double> ma, double radius) {
  std::vector<double> negative;
  for (const double coefficient : ma) negative.push_back(-coefficient);
  return is_stationary(negative, radius);
}

ArimaFilter::ArimaFilter(const ArimaModel& model) : model_(model) {
  arma_ = std::max(static_cast<int>(model_.ar.size()), static_cast<int>(model_.ma.size()) + 1);
  all_ = arma_ + model_.d;
  std::copy(model_.ar.begin(), model_.ar.end(), ar_.begin());
  shock_[0] = 1;
  std::copy(model_.ma.begin(), model_.ma.end(), shock_.begin() + 1);
  observe_[0] = 1;
  const auto taken = of_differences(model_.d);
  for (int k = 0; k < model_.d; ++k) {
    const auto place = static_cast<std::size_t>(k);
    observe_[static_cast<std::size_t>(arma_) + place] = taken[place];
  }
  start_covariance();
}

ArimaFilter::State ArimaFilter::moved(const State& a) const {
  State next{};
  for (int i = 0; i < arma_; ++i) {
    const auto k = static_cast<std::size_t>(i);
    next[k] = ar_[k] * a[0] + (i + 1 < arma_ ? a[k + 1] : 0);
  }
  if (model_.d > 0) {
    double y = 0;
    for (int i = 0; i < all_; ++i)
      y += observe_[static_cast<std::size_t>(i)] * a[static_cast<std::size_t>(i)];
    next[static_cast<std::size_t>(arma_)] = y;
    if (model_.d > 1) next[static_cast<std::size_t>(arma_) + 1] = a[static_cast<std::size_t>(arma_)];
  }
  return next;
}

/// The stationary covariance P = T P Tᵀ + R Rᵀ of the ARMA part, by doubling the days that have passed.
void ArimaFilter::start_covariance() {
  const auto n = static_cast<std::size_t>(arma_);
  Square power{}, sum{};
  for (std::size_t i = 0; i < n; ++i) {
    power[i][0] = ar_[i];
    if (i + 1 < n) power[i][i + 1] += 1;
    for (std::size_t j = 0; j < n; ++j) sum[i][j] = shock_[i] * shock_[j];
  }
  const auto product = [n](const Square& a, const Square& b, bool transposed) {
    Square c{};
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        double cell = 0;
        for (std::size_t k = 0; k < n; ++k) cell += a[i][k] * (transposed ? b[j][k] : b[k][j]);
        c[i][j] = cell;
      }
    }
    return c;
  };
  for (int doubling = 0; doubling < 30; ++doubling) {
    const Square more = product(product(power, sum, false), power, true);
    double greatest = 0;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        sum[i][j] += more[i][j];
        greatest = std::max(greatest, std::abs(more[i][j]));
      }
    }
    if (greatest <= 1e-15 * sum[0][0]) break;
    power = product(power, power, false);
  }
  covariance_ = sum;
  for (int k = 0; k < model_.d; ++k) {
    const std::size_t place = n + static_cast<std::size_t>(k);
    covariance_[place][place] = kDiffuse;
  }
}

double ArimaFilter::drift_at(int t) const {
  if (model_.d == 0) return model_.constant;
  if (model_.d == 1) return model_.constant * t;
  return model_.constant * t * (t - 1) / 2;
}

void ArimaFilter::step(double y) {
  const auto n = static_cast<std::size_t>(all_);
  const bool missing = std::isnan(y);
  const bool steady = settled_ && !missing;
  const Square before = steady ? Square{} : covariance_;
  if (!missing) {
    double expected = drift_at(t_);
    for (std::size_t i = 0; i < n; ++i) expected += observe_[i] * state_[i];
    if (!steady) update_covariance();
    const double off = y - expected;
    const double relative = off / gain_variance_;
    for (std::size_t i = 0; i < n; ++i) state_[i] += gain_[i] * relative;
    if (gain_variance_ < kToldNothing) {
      ++counted_;
      squares_ += off * relative;
      log_gains_ += std::log(gain_variance_);
    }
  }
  state_ = moved(state_);
  ++t_;
  if (steady) return;
  advance_covariance();
  double change = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) change = std::max(change, std::abs(covariance_[i][j] - before[i][j]));
  }
  settled_ = !missing && t_ > all_ && change <= kSettled * covariance_[0][0];
}

void ArimaFilter::update_covariance() {
  const auto n = static_cast<std::size_t>(all_);
  gain_variance_ = 0;
  for (std::size_t i = 0; i < n; ++i) {
    gain_[i] = 0;
    for (std::size_t j = 0; j < n; ++j) gain_[i] += covariance_[i][j] * observe_[j];
    gain_variance_ += observe_[i] * gain_[i];
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) covariance_[i][j] -= gain_[i] * gain_[j] / gain_variance_;
  }
}

/// T P Tᵀ + R Rᵀ, P being symmetric.
void ArimaFilter::advance_covariance() {
  const auto n = static_cast<std::size_t>(all_);
  Square columns{};
  for (std::size_t j = 0; j < n; ++j) columns[j] = moved(covariance_[j]);
  for (std::size_t i = 0; i < n; ++i) {
    State row{};
    for (std::size_t j = 0; j < n; ++j) row[j] = columns[j][i];
    covariance_[i] = moved(row);
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(arma_); ++i) {
    for (std::size_t j = 0; j < static_cast<std::size_t>(arma_); ++j)
      covariance_[i][j] += shock_[i] * shock_[j];
  }
}

std::vector<double> ArimaFilter::forecast(int horizon) const {
  std::vector<double> path;
  State state = state_;
  for (int step = 0; step < horizon; ++step) {
    double y = drift_at(t_ + step);
    for (int i = 0; i < all_; ++i)
      y += observe_[static_cast<std::size_t>(i)] * state[static_cast<std::size_t>(i)];
    path.push_back(y);
    state = moved(state);
  }
  return path;
}

ArimaLikelihood arima_likelihood(const ArimaModel& model, std::span<const double> y) {
  ArimaFilter filter(model);
  for (const double day : y) filter.step(day);
  ArimaLikelihood result{.counted = filter.counted()};
  if (result.counted == 0) return result;
  const double n = result.counted;
  result.variance = filter.squares() / n;
  result.log_likelihood =
      -0.5 * (n * (std::log(2 * std::numbers::pi * result.variance) + 1) + filter.log_gains());
  return result;
}

std::vector<double> arima_deviations(const ArimaModel& model, int horizon) {
  // ψ: what an innovation still does after so many days, differences summed up again.
  std::vector<double> psi(static_cast<std::size_t>(horizon));
  for (std::size_t k = 0; k < psi.size(); ++k) {
    double sum = k == 0 ? 1 : 0;
    if (k > 0 && k <= model.ma.size()) sum += model.ma[k - 1];
    for (std::size_t i = 1; i <= std::min(k, model.ar.size()); ++i) sum += model.ar[i - 1] * psi[k - i];
    psi[k] = sum;
  }
  for (int d = 0; d < model.d; ++d) {
    for (std::size_t k = 1; k < psi.size(); ++k) psi[k] += psi[k - 1];
  }
  std::vector<double> result;
  double squares = 0;
  for (const double weight : psi) {
    squares += weight * weight;
    result.push_back(std::sqrt(model.variance * squares));
  }
  return result;
}

}  // namespace am::forecast
