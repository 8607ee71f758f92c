#include "arima_fit.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <nlopt.h>

#include "arima_css.hpp"

namespace am::forecast {

namespace {

constexpr double kKpss = 0.463;  // 5 %
constexpr int kRoundsToChoose = 4;
constexpr int kRounds = 20;
constexpr int kMostDays = 100'000;  // that the exact likelihood's search may filter: some 50 ms

std::vector<double> known_of(std::span<const double> y) {
  std::vector<double> known;
  for (const double value : y) {
    if (!std::isnan(value)) known.push_back(value);
  }
  return known;
}

bool is_constant(std::span<const double> y) {
  return y.empty() || std::ranges::all_of(y, [&](double value) { return value == y.front(); });
}

ArimaModel model_of(const CssFit& fit, int d) {
  return {.ar = fit.ar,
          .ma = fit.ma,
          .d = d,
          .constant = fit.mean,
          .variance = fit.counted > 0 ? fit.squares / fit.counted : 0};
}

struct Search {
  std::span<const double> y;
  ArimaOrder order;
  double unit = 1;  // of the constant
  ArimaModel model_at(const double* x) const {
    ArimaModel model{.ar = {x, x + order.p}, .ma = {x + order.p, x + order.p + order.q}, .d = order.d};
    if (order.constant) model.constant = x[order.p + order.q] * unit;
    return model;
  }
};

/// For NLopt: the less the better, finite everywhere.
double minus_likelihood(unsigned, const double* x, double*, void* search_of) {
  const Search& search = *static_cast<const Search*>(search_of);
  const ArimaModel model = search.model_at(x);
  if (!is_stationary(model.ar) || !is_invertible(model.ma)) return 1e30;
  const double result = -arima_likelihood(model, search.y).log_likelihood;
  return std::isfinite(result) ? result : 1e30;
}

}  // namespace

double kpss_statistic(std::span<const double> y, int lags) {
  const auto n = y.size();
  double sum = 0;
  for (const double value : y) sum += value;
  const double mean = sum / static_cast<double>(n);
  double partial = 0, of_partials = 0, variance = 0;
  std::vector<double> e;
  for (const double value : y) {
    e.push_back(value - mean);
    partial += e.back();
    of_partials += partial * partial;
    variance += e.back() * e.back();
  }
  for (int lag = 1; lag <= lags; ++lag) {
    double products = 0;
    for (auto t = static_cast<std::size_t>(lag); t < n; ++t)
      products += e[t] * e[t - static_cast<std::size_t>(lag)];
    variance += 2 * (1 - lag / (lags + 1.0)) * products;
  }
  if (!(variance > 0)) return 0;
  return of_partials / static_cast<double>(n) / variance;
}

int differences_needed(std::span<const double> y) {
  std::vector<double> known = known_of(y);
  for (int d = 0; d < 2; ++d) {
    if (known.size() < 8 || is_constant(known)) return d;
    const int lags = static_cast<int>(3 * std::sqrt(static_cast<double>(known.size())) / 13);
    if (kpss_statistic(known, lags) < kKpss) return d;
    known = differenced(known, 1);
  }
  return 2;
}

ArimaModel fit_arima(std::span<const double> y, const ArimaOrder& order) {
  const std::vector<double> w = differenced(y, order.d);
  return model_of(ConditionalFit(w).fit(order.p, order.q, order.constant, kRounds), order.d);
}

ArimaModel fit_arima_exactly(std::span<const double> y, const ArimaOrder& order) {
  const ArimaModel start = fit_arima(y, order);
  const auto n = static_cast<unsigned>(order.p + order.q + (order.constant ? 1 : 0));
  Search search{
      .y = y, .order = order, .unit = std::max(std::abs(start.constant), std::sqrt(start.variance))};
  if (!(search.unit > 0)) search.unit = 1;
  std::vector<double> x(start.ar);
  x.insert(x.end(), start.ma.begin(), start.ma.end());
  if (order.constant) x.push_back(start.constant / search.unit);
  if (n > 0) {
    // Without a start that can be told apart from the best the simplex is small: it is near already.
    nlopt_opt optimiser = nlopt_create(NLOPT_LN_NELDERMEAD, n);
    nlopt_set_min_objective(optimiser, minus_likelihood, &search);
    nlopt_set_initial_step1(optimiser, 0.05);
    nlopt_set_ftol_abs(optimiser, 1e-9);
    nlopt_set_xtol_rel(optimiser, 1e-7);
    nlopt_set_maxeval(optimiser, std::min(300 * static_cast<int>(n), kMostDays / static_cast<int>(y.size())));
    std::vector<double> best = x;
    double least = 0;
    const double before = minus_likelihood(n, x.data(), nullptr, &search);
    if (nlopt_optimize(optimiser, best.data(), &least) > 0 && least <= before) x = best;
    nlopt_destroy(optimiser);
  }
  ArimaModel model = search.model_at(x.data());
  model.variance = arima_likelihood(model, y).variance;
  return model;
}

ArimaOrder choose_arima(std::span<const double> y) {
  ArimaOrder best{.p = 0, .d = differences_needed(y), .q = 0, .constant = false};
  const std::vector<double> w = differenced(y, best.d);
  const int most = static_cast<int>(std::min<std::size_t>(kMostLags, w.size() / 12));
  ConditionalFit fits(w);
  std::vector<ArimaOrder> seen;
  double least = INFINITY;
  const auto consider = [&](int p, int q, bool constant) {
    const ArimaOrder order{.p = p, .d = best.d, .q = q, .constant = constant};
    if (p < 0 || q < 0 || p > most || q > most || (constant && best.d > 1)) return false;
    if (std::find(seen.begin(), seen.end(), order) != seen.end()) return false;
    seen.push_back(order);
    const double aicc = fits.fit(p, q, constant, kRoundsToChoose).aicc();
    if (!(aicc < least)) return false;
    least = aicc;
    best = order;
    return true;
  };
  const bool constant = best.d < 2;
  consider(std::min(2, most), std::min(2, most), constant);
  for (const auto& [p, q] : {std::pair{0, 0}, {1, 0}, {0, 1}}) consider(p, q, constant);
  for (bool better = true; better;) {
    better = false;
    const ArimaOrder from = best;
    for (const auto& [p, q] :
         {std::pair{-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {1, 1}, {-1, 1}, {1, -1}}) {
      better = consider(from.p + p, from.q + q, from.constant) || better;
      if (better) break;
    }
    if (!better) better = consider(from.p, from.q, !from.constant);
  }
  return best;
}

}  // namespace am::forecast
