#include "forecast/models/stl.hpp"

#include <gtest/gtest.h>

#include "r_datasets.hpp"

namespace am::forecast {
namespace {

// R 4.2.2: stl(nottem, s.window = 7), December 1939, printed to 1e-7 of the season. No start, no optimiser: only rounding.
TEST(Stl, IsThatOfR) {
  const Decomposition parts = decompose(test::kNottem, 12, 7);
  EXPECT_NEAR(parts.season.back(), -10.82321, 5e-6);
  EXPECT_NEAR(parts.trend.back(), 49.21759, 5e-6);
  EXPECT_NEAR(test::kNottem.back() - parts.season.back() - parts.trend.back(), -0.5943823, 1e-6);
}

TEST(Stl, TakesTwoSeasonsApart) {
  std::vector<double> y;
  for (int t = 0; t < 400; ++t) y.push_back((t % 4 == 0 ? 10 : 0) + (t % 20 < 10 ? 5 : -5));
  const std::vector<double> seasons = seasonal_part(y, std::vector<int>{4, 20});
  for (std::size_t t = 41; t < 360; ++t) {
    EXPECT_NEAR(seasons[t] - seasons[t - 1], y[t] - y[t - 1], 0.2) << t;
  }
}

}  // namespace
}  // namespace am::forecast
