#include "forecast/models/stl.hpp"

#include <gtest/gtest.h>

#include "r_datasets.hpp"
#include "r_taylor.hpp"

namespace am::forecast {
namespace {

// R 4.2.2: stl(nottem, s.window = 7), December 1939, printed to 1e-7 of the season. No start, no optimiser: only rounding.
TEST(Stl, IsThatOfR) {
  const Decomposition parts = decompose(test::kNottem, 12, 7);
  EXPECT_NEAR(parts.season.back(), -10.82321, 5e-6);
  EXPECT_NEAR(parts.trend.back(), 49.21759, 5e-6);
  EXPECT_NEAR(test::kNottem.back() - parts.season.back() - parts.trend.back(), -0.5943823, 1e-6);
}

// forecast 8.20: mstl(msts(taylor[1:1344], c(48, 336))), the rows 1, 2, 500, 1000 and 1344 of Seasonal48 + Seasonal336. No
// start, no optimiser: only rounding, in digits printed.
TEST(Stl, SeveralSeasonsAreThoseOfR) {
  const std::vector<double> seasons = seasonal_part(test::kTaylor, std::vector<int>{48, 336});
  EXPECT_NEAR(seasons[0], -5810.750420 - 1811.592657, 2e-5);
  EXPECT_NEAR(seasons[1], -6528.532884 - 1709.736535, 2e-5);
  EXPECT_NEAR(seasons[499], 5007.954233 + 2156.945792, 2e-5);
  EXPECT_NEAR(seasons[999], 1158.284134 - 3533.594104, 2e-5);
  EXPECT_NEAR(seasons[1343], -4106.794757 - 1991.325418, 2e-5);
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
