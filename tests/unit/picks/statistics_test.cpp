#include "am/picks/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

namespace am::picks {
namespace {

// --- bootstrap --------------------------------------------------------------------------------------------

TEST(DrawBelow, IsFairAndStaysBelow) {
  Generator generator(1);
  std::vector<int> counts(7);
  for (int i = 0; i < 70'000; ++i) ++counts.at(draw_below(generator, 7));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
  EXPECT_EQ(draw_below(generator, 1), 0U);
}

TEST(ToUnits, IsExactToTenDecimals) {
  EXPECT_EQ(to_units(Decimal::of("-0.0000000001")), -1);
  EXPECT_EQ(to_units(Decimal::of("1.5")), 15'000'000'000);
  EXPECT_EQ(from_units(to_units(Decimal::of("-12.0625"))), Decimal::of("-12.0625"));
  EXPECT_EQ(to_units(Decimal::of("1e30")), 1'000'000'000'000'000'000);
}

TEST(Bootstrap, OfEqualValuesIsThatValue) {
  const std::vector<Units> values(12, to_units(Decimal::of("0.42")));
  const auto interval = bootstrap_mean(values);
  ASSERT_TRUE(interval);
  EXPECT_EQ(interval->low, Decimal::of("0.42"));
  EXPECT_EQ(interval->high, Decimal::of("0.42"));
  EXPECT_FALSE(bootstrap_mean(std::vector<Units>{5}));
}

TEST(Bootstrap, OfTwoValuesReachesBoth) {
  // A quarter of all resamples is each value twice, so both ends of a 95 % interval are the values
  // themselves.
  const std::vector<Units> values{to_units(Decimal(-1)), to_units(Decimal(3))};
  const auto interval = bootstrap_mean(values);
  ASSERT_TRUE(interval);
  EXPECT_EQ(interval->low, Decimal(-1));
  EXPECT_EQ(interval->high, Decimal(3));
}

TEST(Bootstrap, AgreesWithTheNormalInterval) {
  std::vector<Units> values;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 200; ++i) {
    const double value = std::sin(i * 12.9898) * 3 + 0.5;
    values.push_back(static_cast<Units>(value * 1e10));
    sum += value;
    squares += value * value;
  }
  const double mean = sum / 200;
  const double half = 1.96 * std::sqrt((squares / 200 - mean * mean) / 200);
  const auto interval = bootstrap_mean(values);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low.to_double(), mean - half, 0.03);
  EXPECT_NEAR(interval->high.to_double(), mean + half, 0.03);
  const auto again = bootstrap_mean(values);
  EXPECT_EQ(again->low.to_string(), interval->low.to_string());
}

TEST(Bootstrap, TakesTheNearestRanks) {
  std::vector<Units> values;
  for (int i = 1; i <= 12; ++i) values.push_back(12LL * ((i * i * 7919) % 1009) * 1000 + 12 * i);
  Generator generator(kSeed);
  std::vector<Units> means(kDraws);
  for (Units& mean : means) {
    for (std::size_t i = 0; i < values.size(); ++i) mean += values[draw_below(generator, values.size())] / 12;
  }
  std::ranges::sort(means);
  const auto interval = bootstrap_mean(values);
  ASSERT_TRUE(interval);
  ASSERT_TRUE(means[248] < means[249] && means[249] < means[250]);
  ASSERT_TRUE(means[9748] < means[9749] && means[9749] < means[9750]);
  EXPECT_EQ(interval->low, from_units(means[249])) << "the 250th of 10,000";
  EXPECT_EQ(interval->high, from_units(means[9749]));
}

}  // namespace
}  // namespace am::picks
