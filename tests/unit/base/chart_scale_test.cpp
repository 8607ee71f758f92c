#include "am/base/chart_scale.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace am {
namespace {

TEST(ChartScale, HoldsZeroAndEveryValueInRoundSteps) {
  const ChartScale scale(-3.2, 7.9);
  EXPECT_EQ(scale.low, -5);
  EXPECT_EQ(scale.high, 10);
  EXPECT_EQ(scale.step, 5);
  EXPECT_EQ(scale.label(0), "\u22125");
  EXPECT_EQ(scale.label(1), "0");
  EXPECT_EQ(scale.label(3), "+10");
  EXPECT_EQ(scale.depth(10), 0);
  EXPECT_EQ(scale.depth(-5), 1);
  const ChartScale flat(0, 0);
  EXPECT_GT(flat.high, flat.low);
  EXPECT_LE(ChartScale(0, INFINITY).high, 2e12);
}

}  // namespace
}  // namespace am
