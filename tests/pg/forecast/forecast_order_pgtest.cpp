// Jobs of one series end in any order, one after the other or side by side: what is left is the same.

#include <algorithm>
#include <limits>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "am/forecast/predictions.hpp"
#include "am/forecast/verify.hpp"
#include "forecast_bed.hpp"
#include "support/am_process.hpp"

namespace am::forecast {
namespace {

using testing::HasSubstr;

/// Days that tell from how much data they come, with all their totals.
Forecast by_size(const SeriesInput& input, const Horizon& horizon) {
  Forecast forecast;
  forecast.model_version = "test/1";
  for (int i = 0; i < horizon.steps; ++i) {
    const double y = static_cast<double>(input.days.size()) * 1000 + horizon.lead + i;
    forecast.days.push_back({.y_hat = y, .lo = y, .hi = y, .lo80 = y, .hi80 = y});
  }
  const auto add = [&](Total::Kind kind, int first, int count) {
    Bounds sum;
    for (int i = first; i < first + count; ++i) sum.y_hat += forecast.days[static_cast<std::size_t>(i)].y_hat;
    sum.lo = sum.hi = sum.lo80 = sum.hi80 = sum.y_hat;
    forecast.totals.push_back({.kind = kind, .first = first, .count = count, .bounds = sum});
  };
  for (int first = 0; first < horizon.steps; first += 3)
    add(Total::Kind::week, first, std::min(3, horizon.steps - first));
  add(Total::Kind::range, 0, horizon.steps);
  return forecast;
}

class ForecastOrder : public ForecastTest {
 protected:
  void SetUp() override { add({.name = "rides"}); }

  /// Whose days and sums are there, without who wrote them.
  std::string left() {
    return value(R"sql(
SELECT string_agg(line, E'\n' ORDER BY line) FROM (
  SELECT concat_ws(' ', 'day', date, y_hat, y_lo, y_hi, as_of, revision) AS line FROM forecast.predictions_daily
  UNION ALL SELECT concat_ws(' ', 'then', date, as_of, y_hat, y_lo, y_hi, revision) FROM forecast.prediction_history
  UNION ALL SELECT concat_ws(' ', 'total', kind, first, last, y_hat, y_lo, y_hi, as_of, revision)
    FROM forecast.prediction_totals) lines)sql");
  }
  /// Sums that are not those of the days that are there.
  std::string wrong_sums() {
    return value(
        "SELECT string_agg(concat_ws(' ', kind, first, last), ', ') FROM forecast.prediction_totals t WHERE y_hat <> "
        "(SELECT sum(y_hat) FROM forecast.predictions_daily p WHERE p.date BETWEEN t.first AND t.last)");
  }
  void forget() {
    for (const char* table :
         {"forecast.predictions_daily", "forecast.prediction_totals", "forecast.prediction_history"})
      db_->query("DELETE FROM " + std::string(table));
  }

  Predicted predicted_of(const JobRequest& request, long long job) {
    const Question question =
        read_question(*db_, "rides", {request.from, request.to}, request.as_of.value_or(kLast));
    return {.series = "rides",
            .days = question.targets,
            .forecast = by_size(question.input, question.horizon),
            .as_of = question.input.days.back(),
            .revision = question.series.revision,
            .job = job};
  }
};

TEST_F(ForecastOrder, EveryOrderLeavesTheSameDaysAndSums) {
  const std::vector<JobRequest> requests = {
      {.series = "rides", .from = kLast + 1, .to = kLast + 12, .as_of = kLast - 9},
      {.series = "rides", .from = kLast + 4, .to = kLast + 6, .as_of = kLast - 5},
      {.series = "rides", .from = kLast + 10, .to = kLast + 20, .as_of = kLast - 2},
      {.series = "rides", .from = kLast + 3, .to = kLast + 15, .as_of = kLast - 9},
  };
  std::vector<int> order = {0, 1, 2, 3};
  std::string expected;
  do {
    forget();
    for (const int i : order) {
      const Predicted predicted = predicted_of(requests[static_cast<std::size_t>(i)], i + 1);
      db_->transact([&](kernel::Transaction& tx) { store_predictions(tx, predicted); });
    }
    ASSERT_EQ(wrong_sums(), "");
    if (expected.empty()) expected = left();
    ASSERT_EQ(left(), expected) << testing::PrintToString(order);
  } while (std::ranges::next_permutation(order).found);
  // Between what newer ones took, the older one keeps its first sum; theirs are whole.
  EXPECT_THAT(expected, HasSubstr("total week 2016-08-09 2016-08-11 273030 "));
  EXPECT_THAT(expected, HasSubstr("total range 2016-08-12 2016-08-14 "));
  EXPECT_THAT(expected, HasSubstr("total range 2016-08-18 2016-08-28 "));
}

TEST_F(ForecastOrder, OfTwoOpenTransactionsTheNewerStays) {
  const JobRequest old{.series = "rides", .from = kLast + 1, .to = kLast + 9, .as_of = kLast - 9};
  const JobRequest fresh{.series = "rides", .from = kLast + 2, .to = kLast + 5};
  const Predicted older = predicted_of(old, 1), newer = predicted_of(fresh, 2);
  std::string expected;
  for (const auto& [first, second] : {std::pair(&older, &newer), std::pair(&newer, &older)}) {
    forget();
    const auto one = home_.open(), other = home_.open();
    const auto tx = one->begin();
    store_predictions(*tx, *first);
    std::thread thread([&, late = second] {
      other->transact([&](kernel::Transaction& it) { store_predictions(it, *late); });
    });
    EXPECT_TRUE(
        test::wait_until(*db_,
                         "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
                         "AND cardinality(pg_blocking_pids(pid)) > 0)"));
    tx->commit();
    thread.join();
    if (expected.empty()) expected = left();
    EXPECT_EQ(left(), expected);
    EXPECT_EQ(wrong_sums(), "");
  }
  EXPECT_THAT(expected, HasSubstr("day 2016-08-09 91009 "));
  EXPECT_THAT(expected, HasSubstr("day 2016-08-10 100001 "));
}

// Sums at the end of doubles are no error of the database.
TEST_F(ForecastOrder, DaysThatComeToMoreThanADoubleHolds) {
  Predicted predicted =
      predicted_of({.series = "rides", .from = kLast + 1, .to = kLast + 2, .as_of = kLast - 9}, 1);
  constexpr double kHuge = 1.7e308;
  for (Bounds& day : predicted.forecast.days)
    day = {.y_hat = kHuge, .lo = kHuge, .hi = kHuge, .lo80 = kHuge, .hi80 = kHuge};
  predicted.forecast.totals.resize(1);
  predicted.forecast.totals[0].bounds = {.y_hat = std::numeric_limits<double>::max(),
                                         .lo = kHuge,
                                         .hi = std::numeric_limits<double>::max(),
                                         .lo80 = kHuge,
                                         .hi80 = std::numeric_limits<double>::max()};
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 2});
  db_->query("UPDATE jobs.forecast_jobs SET status = 'done'");
  db_->transact([&](kernel::Transaction& tx) { store_predictions(tx, predicted); });
  import("rides", {.days = {{kLast + 1, kHuge}, {kLast + 2, kHuge}}});
  EXPECT_TRUE(verify_data(*db_, {}, {}).findings.empty());
  const std::vector<PredictedTotal> totals = read_totals(*db_, {.series = "rides", .kind = "week"});
  ASSERT_EQ(totals.size(), 1U);
  EXPECT_EQ(totals[0].value, std::nullopt);
}

}  // namespace
}  // namespace am::forecast
