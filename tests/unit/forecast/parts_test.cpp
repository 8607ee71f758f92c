// The small parts: order statistics, past origins, weights, bounds.
#include <cmath>

#include <gtest/gtest.h>

#include "forecast/combine.hpp"
#include "forecast/intervals.hpp"
#include "forecast/order.hpp"
#include "forecast/origins.hpp"

namespace am::forecast {
namespace {

TEST(Order, MediansAndQuantiles) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_EQ(quantile({1, 2, 3, 4, 5}, 0.25), 2);
  EXPECT_DOUBLE_EQ(conformal({1, 2, 3, 4}, 0.8), 4);
  EXPECT_DOUBLE_EQ(conformal({1, 2, 3, 4}, 0.95), 4);
  EXPECT_DOUBLE_EQ(conformal({1, 2, 3, 4}, 0.5), 2.5);
}

TEST(Order, AWeightedMedianFollowsTheWeights) {
  const std::vector<double> values = {5, 1, 3};
  EXPECT_EQ(weighted_median(values, std::vector<double>{1, 1, 1}), 3);
  EXPECT_EQ(weighted_median(values, std::vector<double>{0, 1, 0}), 1);
  EXPECT_EQ(weighted_median(values, std::vector<double>{10, 1, 1}), 3 + 2 * 4.5 / 5.5);
  EXPECT_EQ(weighted_median(std::vector<double>{4}, std::vector<double>{1}), 4);
}

TEST(PastOrigins, AreAWeekApartAndLeaveTheirHorizon) {
  const std::vector<int> daily = past_origins(1000, 28, 7);
  ASSERT_EQ(daily.size(), 24U);
  EXPECT_EQ(daily.back(), 972);
  EXPECT_EQ(daily[23] - daily[22], 7);
  EXPECT_EQ(past_origins(1000, 13, 52)[1] - past_origins(1000, 13, 52)[0], 1);
  EXPECT_EQ(past_origins(1000, 48, 24)[1] - past_origins(1000, 48, 24)[0], 12);
}

TEST(PastOrigins, OfAShortHistoryAreFewer) {
  EXPECT_TRUE(past_origins(20, 28, 7).empty());
  EXPECT_EQ(past_origins(56, 28, 7), std::vector<int>{28});
  for (const int origin : past_origins(80, 13, 52)) EXPECT_GE(origin, 40);
}

TEST(Weights, FavourTheNear) {
  const std::vector<double> w = weights_of(std::vector<double>{1, 2, std::nan("")});
  EXPECT_DOUBLE_EQ(w[0], 0.8);
  EXPECT_DOUBLE_EQ(w[1], 0.2);
  EXPECT_EQ(w[2], 0);
  EXPECT_EQ(weights_of(std::vector<double>{std::nan(""), std::nan("")}), (std::vector<double>{0.5, 0.5}));
  EXPECT_EQ(weights_of(std::vector<double>{0, 0}), (std::vector<double>{0.5, 0.5}));
}

TEST(Intervals, NeverFallAndTheOneHoldsTheOther) {
  EXPECT_EQ(never_falling(std::vector<double>{1, 3, 2, 4}), (Path{1, 2.5, 2.5, 4}));
  EXPECT_EQ(never_falling(std::vector<double>{std::nan(""), 2, std::nan("")}), (Path{2, 2, 2}));
  const Errors errors = {{1, -2, 1}, {-1, 2, 1.5}, {2, 1, std::nan("")}, {0.5, 0, -3}};
  const auto widths = half_widths(errors, {}, 5);
  ASSERT_EQ(widths[0].size(), 5U);
  for (std::size_t step = 0; step < 5; ++step) {
    EXPECT_GE(widths[0][step], widths[1][step]);
    if (step > 0) {
      EXPECT_GE(widths[0][step], widths[0][step - 1]);
    }
  }
  EXPECT_EQ(widths[0][4], widths[0][2]);  // no model tells how it goes on
  const auto grown = half_widths(errors, std::vector<double>{1, 1, 1, 2, 2}, 5);
  EXPECT_GT(grown[0][4], grown[0][2]);
}

TEST(Intervals, OfASumAreNarrowerWhereErrorsCancel) {
  const Errors errors = {{1, -1}, {-1, 1}, {2, -2}, {1, -1}};
  EXPECT_EQ(mean_half_widths(errors, {}, 0, 2)[0], 0);
  EXPECT_GT(mean_half_widths(errors, {}, 0, 1)[0], 0);
}

}  // namespace
}  // namespace am::forecast
