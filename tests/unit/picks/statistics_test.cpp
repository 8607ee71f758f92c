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

// --- baskets ----------------------------------------------------------------------------------------------

/// All ordered triples, the first `sells` of them sold: another way to count the same baskets.
double percentile_by_force(const std::vector<Units>& excess, int sells, Units score) {
  double below = 0;
  double count = 0;
  for (std::size_t a = 0; a < excess.size(); ++a) {
    for (std::size_t b = 0; b < excess.size(); ++b) {
      for (std::size_t c = 0; c < excess.size(); ++c) {
        if (a == b || b == c || a == c) continue;
        const Units sum = (sells > 0 ? -1 : 1) * excess[a] + (sells > 1 ? -1 : 1) * excess[b] +
                          (sells > 2 ? -1 : 1) * excess[c];
        below += sum < score ? 1 : sum == score ? 0.5 : 0;
        ++count;
      }
    }
  }
  return below / count * 100;
}

std::vector<Units> some_excesses(int count) {
  std::vector<Units> excess;
  for (int i = 0; i < count; ++i) excess.push_back((i * 7919) % 23 - 9);
  return excess;
}

TEST(Baskets, PercentileEqualsBruteForce) {
  const std::vector<Units> excess = some_excesses(22);
  for (int sells = 0; sells <= 3; ++sells) {
    const Baskets baskets(excess, sells);
    EXPECT_EQ(baskets.count(), 22 * 21 * 20 / 6 * (sells == 0 || sells == 3 ? 1 : 3));
    for (const Units score : {-40, -12, 0, 5, 13, 60}) {
      EXPECT_NEAR(baskets.percentile(score).to_double(), percentile_by_force(excess, sells, score), 1e-9)
          << sells << " " << score;
    }
  }
}

TEST(Baskets, DrawsEveryBasketAlikeOften) {
  const std::vector<Units> excess = some_excesses(20);
  for (int sells = 0; sells <= 3; ++sells) {
    const Baskets baskets(excess, sells);
    Generator generator(7);
    double below = 0;
    for (int i = 0; i < 40'000; ++i) {
      const Units drawn = baskets.draw(generator);
      below += drawn < 4 ? 1 : drawn == 4 ? 0.5 : 0;
    }
    EXPECT_NEAR(below / 400, percentile_by_force(excess, sells, 4), 1.0) << sells;
  }
}

TEST(Baskets, NoStockIsTwiceInABasket) {
  const Baskets baskets({1, 10, 100, 1000}, 0);
  Generator generator(7);
  std::map<Units, int> drawn;
  for (int i = 0; i < 4000; ++i) ++drawn[baskets.draw(generator)];
  ASSERT_EQ(drawn.size(), 4U);
  for (const Units basket : {111, 1011, 1101, 1110}) EXPECT_NEAR(drawn[basket], 1000, 100) << basket;
}

TEST(Baskets, AboveTheLimitASampleComesClose) {
  const std::vector<Units> excess = some_excesses(130);
  const Baskets baskets(excess, 0);
  ASSERT_GT(baskets.count(), kMaxEnumerated);
  EXPECT_NEAR(baskets.percentile(6).to_double(), percentile_by_force(excess, 0, 6), 1.5);
  EXPECT_FALSE(Baskets(some_excesses(19), 1).usable());
}

}  // namespace
}  // namespace am::picks
