#pragma once
// Exponential smoothing as a state-space model: a level, a trend (perhaps damped) and a season, each drawn a share of the way
// to what a day says of it. Errors are sums or factors. Parameters and the first states by the likelihood, the kind by AICc.
// For histories that are too short for the regressions.
// Source: Hyndman, Koehler, Ord and Snyder 2008; criteria and starts as forecast::ets, bounds its "usual" ones.

#include <vector>

#include "model.hpp"

namespace am::forecast {

struct EtsKind {
  enum class Season { none, sums, factors } season = Season::none;
  bool factor_errors = false;
  bool trend = false;
  bool damped = false;
  int length = 1;  ///< of the season; at most kLongestEtsSeason
};

inline constexpr int kLongestEtsSeason = 24;

struct EtsModel {
  EtsKind kind;
  double alpha = 0, beta = 0, gamma = 0, phi = 1;
  double level = 0, slope = 0;  ///< before the first day
  std::vector<double> season;   ///< of the first days
  double variance = 0;          ///< of an error, of the degrees of freedom that are left
  double aicc = 0;
};

/// Where a model stands after the days that it has seen.
class EtsState {
 public:
  explicit EtsState(const EtsModel& model);
  double expected() const;
  /// One day more; NaN: it was as expected. The error, a share of the expected where errors are factors.
  double step(double y);
  std::vector<double> forecast(int horizon) const;

 private:
  const EtsModel* model_;
  double level_, slope_;
  std::vector<double> season_;
  std::size_t place_ = 0;
};

/// The likelihood's best of a kind. NaN in y is missing; it begins with a known value.
EtsModel fit_ets_kind(std::span<const double> y, const EtsKind& kind);
/// The criterion of a model as it stands; infinite where it does not fit.
double ets_aicc(const EtsModel& model, std::span<const double> y);
/// Deviations of additive errors, and near enough of others.
Path ets_deviations(const EtsModel& model, int horizon, double level);

std::unique_ptr<Fitted> fit_ets(const Signal& signal, int end);

}  // namespace am::forecast
