#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "report_fixture.hpp"

namespace am::picks {
namespace {

const Date kFirstMonday(2000, 1, 10);

Report report_of(const std::vector<BatchHistory>& histories, const UniverseCloses& universe = {}) {
  return make_report(histories, std::nullopt, universe);
}

TEST(Report, OfNothingIsEmpty) {
  const Report report = report_of({});
  EXPECT_TRUE(report.batches.empty());
  EXPECT_TRUE(report.groups.empty());
}

TEST(Report, TakesABatchFromItsLatestComputedDay) {
  BatchHistory history = history_of(kFirstMonday);
  add_day(history, 1, "1010", {"101", "100", "100"});
  add_day(history, 12, "1020", {"110", "99", "90"});
  skip_day(history, 13);
  skip_day(history, 14);
  const Report report = report_of({history});
  const BatchLine& line = report.batches.at(0);
  EXPECT_EQ(line.computed, 2);
  EXPECT_EQ(line.skipped, 2);
  EXPECT_EQ(line.latest, Date(2000, 1, 21));
  EXPECT_EQ(line.latest_day(), 12);
  EXPECT_EQ(line.benchmark_return_pct, Decimal(2));
  EXPECT_EQ(line.picks[0].excess_pct, Decimal(8));
  EXPECT_EQ(line.picks[1].directional_excess_pct, Decimal(-3));
  EXPECT_EQ(line.picks[2].return_pct, Decimal(-10));
  EXPECT_EQ(line.picks[2].directional_return_pct, Decimal(10));
  EXPECT_EQ(line.picks[2].directional_excess_pct, Decimal(12)) << "a SELL earns the benchmark's lead";
  EXPECT_EQ(line.mean_return_pct, Decimal::of("19") / Decimal(3));
  EXPECT_EQ(line.mean_excess_pct, Decimal::of("17") / Decimal(3));

  const GroupLine& group = report.groups.at(0);
  EXPECT_EQ(group.complete, 1);
  EXPECT_EQ(group.picks, 3);
  EXPECT_EQ(group.hit_rate_pct, Decimal(200) / Decimal(3));
  EXPECT_FALSE(group.interval) << "one batch has no interval";
  EXPECT_FALSE(group.percentile);
  EXPECT_EQ(group.buy.picks, 2);
  EXPECT_EQ(group.buy.mean_excess_pct, Decimal::of("2.5"));
  EXPECT_EQ(group.buy.hit_rate_pct, Decimal(50));
  EXPECT_EQ(group.sell.mean_return_pct, Decimal(10));
  ASSERT_EQ(group.days.size(), 14U);
  EXPECT_EQ(group.days[0].mean_excess_pct, Decimal(0)) << "0, -1 and, sold, +1";
  EXPECT_EQ(group.days[1].batches, 0);
  EXPECT_EQ(group.days[11].batches, 1);
  EXPECT_EQ(group.answer,
            "mean excess +5.67 % per batch after 14 days, but only 1 batch complete (10 are the least): no "
            "verdict");
}

TEST(Report, LeavesRunningBatchesOutOfTheFiguresOverAll) {
  BatchHistory done = history_of(kFirstMonday);
  add_day(done, 1, "1000", {"101", "101", "99"});
  BatchHistory running = history_of(kFirstMonday + 7);
  running.batch.status = "active";
  add_day(running, 1, "1000", {"150", "150", "50"});
  BatchHistory empty = history_of(kFirstMonday + 14);
  empty.batch.status = "failed";
  const GroupLine group = report_of({done, running, empty}).groups.at(0);
  EXPECT_EQ(group.batches, 3);
  EXPECT_EQ(group.failed, 1);
  EXPECT_EQ(group.complete, 1);
  EXPECT_EQ(group.mean_excess_pct, Decimal(1));
  EXPECT_EQ(group.days[0].batches, 2) << "by day every batch counts that has computed it";
  EXPECT_EQ(report_of({running}).groups.at(0).answer, "no batch has completed its 14 days yet: no answer");
}

TEST(Report, NeverMixesPickersModelsOrOrigins) {
  std::vector<BatchHistory> histories;
  for (int i = 0; i < 4; ++i) {
    histories.push_back(history_of(kFirstMonday + 7 * i, i == 1 ? "openai" : "momentum"));
    if (i == 2) histories.back().batch.origin = "live";
    if (i == 3) histories.back().batch.model = "m2";
    add_day(histories.back(), 1, "1000", {"101", "101", "99"});
  }
  const Report report = report_of(histories);
  ASSERT_EQ(report.groups.size(), 4U);
  for (const GroupLine& group : report.groups) EXPECT_EQ(group.batches, 1);
}

TEST(Report, AnswersWithCare) {
  const auto answer = [](int step, int batches) {
    std::vector<BatchHistory> histories;
    for (int i = 0; i < batches; ++i) {
      histories.push_back(history_of(kFirstMonday + 7 * i));
      const std::string price = std::to_string(100 + step + (i % 2 == 0 ? 1 : -1));
      add_day(histories.back(), 14, "1000", {price, price, "100"});
    }
    return report_of(histories).groups.at(0).answer;
  };
  EXPECT_TRUE(answer(0, 20).ends_with(": no evidence of alpha")) << answer(0, 20);
  EXPECT_TRUE(answer(9, 20).ends_with(": above zero, evidence of alpha in these 20 batches"))
      << answer(9, 20);
  EXPECT_TRUE(answer(-9, 20).ends_with(": below zero, the picks lost to the benchmark")) << answer(-9, 20);
  EXPECT_TRUE(answer(9, 9).ends_with("only 9 batches complete (10 are the least): no verdict"))
      << answer(9, 9);
}

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

TEST(Baskets, AboveTheLimitASampleComesClose) {
  const std::vector<Units> excess = some_excesses(130);
  const Baskets baskets(excess, 0);
  ASSERT_GT(baskets.count(), kMaxEnumerated);
  EXPECT_NEAR(baskets.percentile(6).to_double(), percentile_by_force(excess, 0, 6), 1.5);
  EXPECT_FALSE(Baskets(some_excesses(19), 1).usable());
}

TEST(Report, PlacesThePicksAmongAllBaskets) {
  BatchHistory history = history_of(kFirstMonday);
  add_day(history, 14, "1000", {"130", "130", "70"});  // as good as can be
  const auto universe = [](int symbols) {
    return [symbols](const Batch& batch, Date day) {
      std::map<std::string, Decimal> closes{{batch.benchmark_symbol, Decimal(7)}};
      for (int i = 0; i < symbols; ++i) {
        const int moved = day == Date(2000, 1, 23) ? i - 10 : 0;
        closes["S" + std::to_string(i)] = Decimal(100 + moved);
      }
      return closes;
    };
  };
  const Report report = report_of({history}, universe(20));
  EXPECT_EQ(report.batches[0].percentile, Decimal(100));
  EXPECT_EQ(report.groups[0].percentile, Decimal(100));
  EXPECT_EQ(report.groups[0].controlled, 1);
  EXPECT_FALSE(report_of({history}, universe(19)).batches[0].percentile)
      << "the benchmark is not part of the universe";
  EXPECT_FALSE(report_of({history}, universe(19)).groups[0].percentile);
}

TEST(Report, OfTwoYearsIsTheSameEveryTime) {
  std::vector<BatchHistory> histories;
  for (int i = 0; i < 104; ++i) {
    histories.push_back(history_of(Date(1991, 1, 7) + 7 * i));
    for (const int day : {1, 2, 3, 4, 5, 8, 9, 10, 11, 12}) {
      add_day(histories.back(), day, "1000",
              {std::to_string(95 + (i * 7 + day) % 13), std::to_string(94 + (i + day) % 11), "100"});
    }
  }
  const auto universe = [](const Batch& batch, Date day) {
    std::map<std::string, Decimal> closes;
    const int week = (batch.run_date - Date(1991, 1, 7)) / 7;
    for (int i = 0; i < 30; ++i)
      closes["S" + std::to_string(i)] = Decimal(100 + (i * 5 + (day - batch.run_date) + 3 + week) % 17);
    return closes;
  };
  const std::string once = render_json(report_of(histories, universe));
  EXPECT_EQ(once, render_json(report_of(histories, universe)));
}

}  // namespace
}  // namespace am::picks
