#pragma once
// Least squares by normal equations, weighted and robust. Eigen stays in linear.cpp. The sums are plain loops in a fixed
// order: Eigen's blocked products depend on the machine's caches, its reductions on addresses.

#include <cstddef>
#include <span>
#include <vector>

namespace am::forecast {

/// Rows of equal width, one after the other: a matrix of regressors.
class Regressors {
 public:
  explicit Regressors(std::size_t width) : width_(width) {}
  std::size_t width() const { return width_; }
  std::size_t count() const { return width_ == 0 ? 0 : cells_.size() / width_; }
  void reserve(std::size_t rows) { cells_.reserve(rows * width_); }
  std::span<double> add() {
    cells_.resize(cells_.size() + width_);
    return {cells_.data() + cells_.size() - width_, width_};
  }
  void clear() { cells_.clear(); }
  std::span<const double> operator[](std::size_t i) const { return {cells_.data() + i * width_, width_}; }

 private:
  std::size_t width_;
  std::vector<double> cells_;
};

/// a·b.
double dot(std::span<const double> a, std::span<const double> b);

/// The coefficients that make Σ w (y − x·β)² least; `ridge` as a share of each diagonal element keeps columns that say the
/// same from failing. Empty when no row has weight or the result is not finite.
std::vector<double> least_squares(const Regressors& x, std::span<const double> y,
                                  std::span<const double> weights, double ridge = 0);

/// How far a residual counts fully, in robust deviations: 1.4826 · median |e| of what has weight.
inline constexpr double kHuber = 1.5;

/// Rounds of least squares whose rows are weighed down by Huber's weights of the round before; the first without.
/// Source: Huber 1964; as MASS::rlm (k = 1.5, scale by MAD) does it.
std::vector<double> robust_regression(const Regressors& x, std::span<const double> y,
                                      std::span<const double> weights, int rounds, double ridge = 0);

/// The weights for the next round; false when there is no spread.
bool huber_weights(std::span<const double> residuals, std::span<const double> weights,
                   std::vector<double>& next);

/// x of the symmetric a·x = b (n × n, by rows); empty when it is singular.
std::vector<double> solve_symmetric(std::span<const double> a, std::span<const double> b);

}  // namespace am::forecast
