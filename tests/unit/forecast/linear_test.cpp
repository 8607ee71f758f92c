#include "forecast/linear.hpp"

#include <gtest/gtest.h>

#include "r_datasets.hpp"

namespace am::forecast {
namespace {

// MASS 7.3-58.2: rlm(stack.loss ~ ., stackloss, k = 1.5). rlm stops when the residuals change by less than 1e-4 of their
// size, we after a number of rounds: hence the tolerance of 1e-3 of each coefficient.
TEST(RobustRegression, IsThatOfR) {
  Regressors x(4);
  std::vector<double> y;
  for (const auto& day : test::kStackLoss) {
    const auto row = x.add();
    row[0] = 1;
    for (std::size_t i = 0; i < 3; ++i) row[i + 1] = day[i];
    y.push_back(day[3]);
  }
  const std::vector<double> weights(y.size(), 1);
  const std::vector<double> beta = robust_regression(x, y, weights, 20);
  ASSERT_EQ(beta.size(), 4U);
  EXPECT_NEAR(beta[0], -41.17158, 1e-3 * 41);
  EXPECT_NEAR(beta[1], 0.8133366, 1e-3 * 0.8);
  EXPECT_NEAR(beta[2], 0.9992892, 1e-3);
  EXPECT_NEAR(beta[3], -0.1323960, 1e-3 * 0.13);
}

TEST(RobustRegression, ForgetsAWildRow) {
  Regressors x(2);
  std::vector<double> y;
  for (int i = 0; i < 50; ++i) {
    const auto row = x.add();
    row[0] = 1;
    row[1] = i;
    y.push_back(3 + 2 * i + (i % 2 == 0 ? 0.1 : -0.1));
  }
  y[25] = 1e6;
  const std::vector<double> weights(y.size(), 1);
  const std::vector<double> beta = robust_regression(x, y, weights, 20);
  EXPECT_NEAR(beta[0], 3, 0.2);
  EXPECT_NEAR(beta[1], 2, 0.01);
}

TEST(LeastSquares, OfNothingIsNothing) {
  Regressors x(1);
  x.add()[0] = 1;
  EXPECT_TRUE(least_squares(x, std::vector<double>{5}, std::vector<double>{0}).empty());
}

}  // namespace
}  // namespace am::forecast
