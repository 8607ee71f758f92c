#include "am/picks/weeks.hpp"

#include <gtest/gtest.h>

#include "report_fixture.hpp"

namespace am::picks {
namespace {

constexpr Date kWeekOne{2000, 1, 10};

WeeklySeries series_of(const std::vector<BatchHistory>& histories, const BetaOf& beta = market_beta) {
  std::vector<const BatchHistory*> group;
  for (const BatchHistory& history : histories) group.push_back(&history);
  return weekly_series(group, beta);
}

/// Measured on all weekdays of its first so many weeks; A's price rises by a dollar a day.
BatchHistory lasting(Date run_date, int weeks, const std::string& status) {
  BatchHistory history = history_of(run_date);
  history.batch.status = status;
  for (int day = 1; day <= 7 * weeks; ++day) {
    if (day % 7 == 6 || day % 7 == 0) {
      skip_day(history, day);
    } else {
      add_day(history, day, "1000", {std::to_string(100 + day), "100", "100"});
    }
  }
  return history;
}

std::vector<std::pair<Date, Units>> sums_of(const WeeklySeries& series) {
  std::vector<std::pair<Date, Units>> sums;
  for (const Week& week : series.weeks) sums.emplace_back(week.monday, week.sum);
  return sums;
}

constexpr Units kPercent = 10'000'000'000;
using WeekSumsByMonday = std::vector<std::pair<Date, Units>>;

TEST(WeeklySeries, AddsUpToTheBatches) {
  std::vector<BatchHistory> histories;
  for (int week = 0; week < 3; ++week) histories.push_back(lasting(kWeekOne + 7 * week, 2, "completed"));
  const WeeklySeries series = series_of(histories);
  EXPECT_EQ(sums_of(series), (WeekSumsByMonday{{kWeekOne, 5 * kPercent},
                                               {kWeekOne + 7, 12 * kPercent},
                                               {kWeekOne + 14, 12 * kPercent},
                                               {kWeekOne + 21, 7 * kPercent}}));
  EXPECT_EQ(series.weeks[1].parts.size(), 2U);
  EXPECT_EQ(series.weeks[1].parts[0].week, 2);
  EXPECT_EQ(series.weeks[1].parts[1].week, 1);
  EXPECT_TRUE(series.waiting.empty());
}

TEST(WeeklySeries, TakesTheBetasExcessWithTheSignOfTheAdvice) {
  BatchHistory history = history_of(kWeekOne);
  add_day(history, 5, "1020", {"103", "101", "99"});
  add_day(history, 12, "1010", {"103", "101", "105"});
  const WeeklySeries series = series_of({history}, [](const BatchHistory&, const std::string& ticker) {
    return ticker == "B" ? Decimal::of("0.5") : ticker == "C" ? Decimal::of("1.5") : Decimal(1);
  });
  ASSERT_EQ(series.weeks.size(), 2U);
  EXPECT_EQ(series.weeks[0].parts[0].earned, (std::vector<Units>{kPercent, 0, 4 * kPercent}));
  EXPECT_EQ(series.weeks[1].parts[0].earned,
            (std::vector<Units>{kPercent, kPercent / 2, -kPercent * 15 / 2}));
}

TEST(WeeklySeries, WaitsForAnActiveBatchAndNotForAFailedOne) {
  const BatchHistory old = lasting(kWeekOne, 2, "completed");
  const WeeklySeries active = series_of({old, lasting(kWeekOne + 7, 1, "active")});
  EXPECT_EQ(sums_of(active), (WeekSumsByMonday{{kWeekOne, 5 * kPercent}, {kWeekOne + 7, 12 * kPercent}}));
  EXPECT_EQ(active.waiting, (std::vector<Date>{kWeekOne + 14}));

  BatchHistory begun = lasting(kWeekOne + 7, 1, "active");
  begun.days.resize(4);
  const WeeklySeries waits = series_of({old, begun});
  EXPECT_EQ(sums_of(waits), (WeekSumsByMonday{{kWeekOne, 5 * kPercent}}));
  EXPECT_EQ(waits.waiting, (std::vector<Date>{kWeekOne + 7, kWeekOne + 14}));

  begun.batch.status = "failed";
  const WeeklySeries failed = series_of({old, begun});
  EXPECT_EQ(sums_of(failed), (WeekSumsByMonday{{kWeekOne, 5 * kPercent}, {kWeekOne + 7, 7 * kPercent}}));
  EXPECT_TRUE(failed.waiting.empty());

  const WeeklySeries ended = series_of({lasting(kWeekOne, 1, "failed")});
  EXPECT_EQ(sums_of(ended), (WeekSumsByMonday{{kWeekOne, 5 * kPercent}})) << "its finished part counts";
}

TEST(WeeklySeries, AWeekWithoutAMeasuredDayEarnedNothingAndTheOtherAll) {
  BatchHistory late = history_of(kWeekOne);
  for (int day = 1; day <= 7; ++day) skip_day(late, day);
  add_day(late, 8, "1000", {"110", "100", "100"});
  EXPECT_EQ(sums_of(series_of({late})), (WeekSumsByMonday{{kWeekOne, 0}, {kWeekOne + 7, 10 * kPercent}}));

  BatchHistory early = history_of(kWeekOne);
  add_day(early, 1, "1000", {"110", "100", "100"});
  EXPECT_EQ(sums_of(series_of({early})), (WeekSumsByMonday{{kWeekOne, 10 * kPercent}, {kWeekOne + 7, 0}}));
  EXPECT_EQ(series_of({early}).weeks[1].parts[0].to, nullptr);
}

TEST(WeeklySeries, ABatchWithoutAMeasuredDayCountsNowhere) {
  BatchHistory empty = history_of(kWeekOne);
  for (int day = 1; day <= kDays; ++day) skip_day(empty, day);
  EXPECT_TRUE(series_of({empty}).weeks.empty());

  // While it may still get a day, its first week is neither nothing nor gone.
  BatchHistory open = empty;
  open.batch.status = "active";
  open.days.resize(7);
  const WeeklySeries undecided = series_of({open});
  EXPECT_TRUE(undecided.weeks.empty());
  EXPECT_EQ(undecided.waiting, (std::vector<Date>{kWeekOne, kWeekOne + 7}));
}

TEST(WeeklySeries, ADayCountsOnlyWithAllOfItsCloses) {
  BatchHistory history = history_of(kWeekOne);
  add_day(history, 1, "1000", {"110", "100", "100"});
  add_day(history, 2, "1000", {"120", "100", "100"});
  history.days[1].metrics.pop_back();
  EXPECT_EQ(sums_of(series_of({history}))[0].second, 10 * kPercent);
  history.days[0].benchmark_return_pct.reset();
  EXPECT_TRUE(series_of({history}).weeks.empty());
}

TEST(WeeklySeries, CutsOffWhatNoWeekCanEarn) {
  BatchHistory history = history_of(kWeekOne);
  add_day(history, 1, "1000", {"10000000", "10000000", "10000000"});
  add_day(history, 8, "1000", {"10000000", "10000000", "0.000001"});
  for (const Week& week : series_of({history}).weeks) EXPECT_LE(std::abs(week.sum), kWeekLimit);
}

TEST(WeeklySeries, DoesNotDependOnOrderOrIds) {
  std::vector<BatchHistory> histories;
  for (int week = 0; week < 6; ++week) histories.push_back(lasting(kWeekOne + 7 * week, 2, "completed"));
  const auto sums = sums_of(series_of(histories));
  std::vector<BatchHistory> other(histories.rbegin(), histories.rend());
  for (BatchHistory& history : other) {
    history.batch.id = "x" + history.batch.id;
    for (StoredPick& pick : history.batch.picks) pick.id = "x" + pick.id;
    for (Checkpoint& day : history.days) {
      for (Metric& metric : day.metrics) metric.pick_id = "x" + metric.pick_id;
    }
  }
  EXPECT_EQ(sums_of(series_of(other)), sums);
}

}  // namespace
}  // namespace am::picks
