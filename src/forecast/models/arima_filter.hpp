#pragma once
// An ARIMA model in its state-space form, and its Kalman filter: exact with gaps, and from the first day on. The filter
// settles: once its gain no longer changes a step is a few products.
// Source: Harvey 1989; the diffuse start and what the likelihood leaves out as R's arima (Gardner, Harvey and Phillips 1980).

#include <array>
#include <span>
#include <vector>

namespace am::forecast {

inline constexpr int kMostLags = 5;

struct ArimaModel {
  std::vector<double> ar;  ///< at most kMostLags, stationary
  std::vector<double> ma;  ///< likewise, invertible
  int d = 0;               ///< 0..2
  double constant = 0;     ///< the mean of the d-th differences
  double variance = 0;     ///< of an innovation
};

/// All roots outside the circle of this radius (a little above 1 keeps away from what cannot be told from a unit root).
bool is_stationary(std::span<const double> ar, double radius = 1);
bool is_invertible(std::span<const double> ma, double radius = 1);

class ArimaFilter {
 public:
  explicit ArimaFilter(const ArimaModel& model);
  /// One day more; NaN: missing.
  void step(double y);
  /// What is expected of the days that follow.
  std::vector<double> forecast(int horizon) const;

  int counted() const { return counted_; }         ///< days that the likelihood is of
  double squares() const { return squares_; }      ///< Σ v²/f
  double log_gains() const { return log_gains_; }  ///< Σ log f

 private:
  static constexpr int kMost = kMostLags + 1 + 2;
  using State = std::array<double, kMost>;
  using Square = std::array<State, kMost>;

  void start_covariance();
  void update_covariance();   // by a day that is known
  void advance_covariance();  // to the next day
  State moved(const State& a) const;
  double drift_at(int t) const;

  ArimaModel model_;
  int arma_ = 1;  // states of the ARMA part; those of differencing follow
  int all_ = 1;
  State ar_{}, shock_{}, observe_{};
  State state_{};
  Square covariance_{};
  State gain_{};
  double gain_variance_ = 0;
  bool settled_ = false;
  int t_ = 0;
  int counted_ = 0;
  double squares_ = 0;
  double log_gains_ = 0;
};

struct ArimaLikelihood {
  double variance = 0;
  double log_likelihood = 0;
  int counted = 0;
};
/// Exact, with the variance that makes it greatest.
ArimaLikelihood arima_likelihood(const ArimaModel& model, std::span<const double> y);

/// The deviation of each step ahead.
std::vector<double> arima_deviations(const ArimaModel& model, int horizon);

}  // namespace am::forecast
