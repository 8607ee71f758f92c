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

TEST(Report, AnExcessOfZeroIsNoHit) {
  std::vector<BatchHistory> histories{history_of(kFirstMonday)};
  add_day(histories.back(), 14, "1010", {"101", "102", "102"});
  const GroupLine group = report_of(histories).groups.at(0);
  EXPECT_EQ(group.hit_rate_pct, Decimal(100) / Decimal(3));
  EXPECT_EQ(group.buy.hit_rate_pct, Decimal(50));
  EXPECT_EQ(group.buy.mean_return_pct, Decimal::of("1.5"));
  EXPECT_EQ(group.sell.hit_rate_pct, Decimal(0));
  EXPECT_EQ(group.sell.mean_return_pct, Decimal(-2));
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
  EXPECT_TRUE(answer(9, 10).ends_with(": above zero, evidence of alpha in these 10 batches"))
      << answer(9, 10);
  EXPECT_TRUE(answer(9, 9).ends_with("only 9 batches complete (10 are the least): no verdict"))
      << answer(9, 9);
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
