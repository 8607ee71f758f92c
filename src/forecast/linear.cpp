#include "linear.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>

#include "order.hpp"

namespace am::forecast {

namespace {

/// The lower triangle of Σ w x xᵀ, by rows of a padded width, and Σ w x y.
class NormalEquations {
 public:
  explicit NormalEquations(std::size_t width)
      : width_(width), padded_((width + 3) / 4 * 4), sums_(padded_ * width), right_(width), row_(padded_) {}

  void add(std::span<const double> x, double y, double weight) {
    std::copy(x.begin(), x.end(), row_.begin());
    for (std::size_t i = 0; i < width_; ++i) {
      const double scaled = weight * x[i];
      right_[i] += scaled * y;
      double* sums = sums_.data() + i * padded_;
      for (std::size_t j = 0; j <= i; j += 4) {  // four at a time, the same sum each
        for (std::size_t k = 0; k < 4; ++k) sums[j + k] += scaled * row_[j + k];
      }
    }
  }

  std::vector<double> solve(double ridge) const {
    const auto n = static_cast<Eigen::Index>(width_);
    Eigen::MatrixXd a(n, n);
    Eigen::VectorXd b(n);
    for (std::size_t i = 0; i < width_; ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      b(row) = right_[i];
      for (std::size_t j = 0; j <= i; ++j) {
        const double sum = sums_[i * padded_ + j];
        a(row, static_cast<Eigen::Index>(j)) = a(static_cast<Eigen::Index>(j), row) = sum;
      }
      a(row, row) += ridge * a(row, row);
    }
    const Eigen::VectorXd x = a.ldlt().solve(b);
    if (!x.allFinite()) return {};
    return {x.data(), x.data() + x.size()};
  }

 private:
  std::size_t width_;
  std::size_t padded_;
  std::vector<double> sums_;
  std::vector<double> right_;
  std::vector<double> row_;
};

}  // namespace

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

std::vector<double> least_squares(const Regressors& x, std::span<const double> y,
                                  std::span<const double> weights, double ridge) {
  NormalEquations equations(x.width());
  bool any = false;
  for (std::size_t i = 0; i < x.count(); ++i) {
    if (weights[i] <= 0) continue;
    equations.add(x[i], y[i], weights[i]);
    any = true;
  }
  if (!any) return {};
  return equations.solve(ridge);
}

bool huber_weights(std::span<const double> residuals, std::span<const double> weights,
                   std::vector<double>& next) {
  std::vector<double> sizes;
  sizes.reserve(residuals.size());
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    if (weights[i] > 0) sizes.push_back(std::abs(residuals[i]));
  }
  const double limit = kHuber * 1.4826 * median(std::move(sizes));
  if (!(limit > 0)) return false;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    const double size = std::abs(residuals[i]);
    next[i] = size <= limit ? weights[i] : weights[i] * limit / size;
  }
  return true;
}

std::vector<double> robust_regression(const Regressors& x, std::span<const double> y,
                                      std::span<const double> weights, int rounds, double ridge) {
  std::vector<double> beta = least_squares(x, y, weights, ridge);
  std::vector<double> residuals(x.count());
  std::vector<double> weighed(weights.begin(), weights.end());
  for (int round = 0; round < rounds && !beta.empty(); ++round) {
    for (std::size_t i = 0; i < x.count(); ++i) residuals[i] = y[i] - dot(x[i], beta);
    if (!huber_weights(residuals, weights, weighed)) break;
    std::vector<double> next = least_squares(x, y, weighed, ridge);
    if (next.empty()) break;
    beta = std::move(next);
  }
  return beta;
}

std::vector<double> solve_symmetric(std::span<const double> a, std::span<const double> b) {
  const auto n = static_cast<Eigen::Index>(b.size());
  Eigen::MatrixXd left(n, n);
  Eigen::VectorXd right(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    right(i) = b[static_cast<std::size_t>(i)];
    for (Eigen::Index j = 0; j < n; ++j) left(i, j) = a[static_cast<std::size_t>(i * n + j)];
  }
  const Eigen::VectorXd x = left.ldlt().solve(right);
  if (!x.allFinite()) return {};
  return {x.data(), x.data() + x.size()};
}

}  // namespace am::forecast
