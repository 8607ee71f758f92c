#pragma once
// A database with series, and one worker's worth of queue, log and heartbeat. Who forecasts is the test's own, so that no
// case depends on how good the models are.

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "am/forecast/jobs.hpp"
#include "am/forecast/store.hpp"
#include "support/pg.hpp"

namespace am::forecast {

/// The last value and one for each step, a tenth of it to each side at 95, a twentieth at 80; a total over all.
inline Forecast one_more_each_day(const SeriesInput& input, const Horizon& horizon) {
  Forecast forecast;
  forecast.model_version = "test/1";
  double last = 0;
  for (const double value : input.values) {
    if (value == value) last = value;
  }
  Bounds sum;
  for (int i = 1; i <= horizon.steps; ++i) {
    const double y = last + horizon.lead + i;
    forecast.days.push_back({.y_hat = y, .lo = y - 10, .hi = y + 10, .lo80 = y - 5, .hi80 = y + 5});
    sum.y_hat += y;
  }
  sum = {.y_hat = sum.y_hat,
         .lo = sum.y_hat - 20,
         .hi = sum.y_hat + 20,
         .lo80 = sum.y_hat - 9,
         .hi80 = sum.y_hat + 9};
  forecast.totals.push_back({.kind = Total::Kind::range, .first = 0, .count = horizon.steps, .bounds = sum});
  return forecast;
}

/// One process.
struct ForecastWorker {
  explicit ForecastWorker(const test::TestDb& home, Forecaster forecaster = one_more_each_day,
                          std::function<void(std::string_view)> probe = {})
      : db(home.open(std::move(probe))),
        heartbeat({.url = home.url(), .probe = {}}, log),
        queue(*db, jobs_queue()),
        worker(*db, queue, log, stop, std::move(forecaster)) {}

  kernel::Drained drain(std::optional<std::size_t> most = {}) {
    return kernel::drain(queue, *db, heartbeat, log, stop, {.most = most}, worker);
  }

  std::ostringstream lines;
  kernel::Log log{lines, {}};
  kernel::Stop stop;
  std::unique_ptr<kernel::Db> db;
  kernel::Heartbeat heartbeat;
  kernel::PgQueue queue;
  JobWorker worker;
};

class ForecastTest : public testing::Test {
 protected:
  /// 100 days of 1, 2, 3 … from the first of May 2016; the last is the 8th of August.
  void add(SeriesInfo series, int days = 100) {
    db_->transact([&](kernel::Transaction& tx) { EXPECT_EQ(add_series(tx, series, false), Added::made); });
    SeriesObservations said;
    for (int i = 0; i < days; ++i) said.days.push_back({kFirst + i, static_cast<double>(i + 1)});
    import(series.name, said);
  }
  ImportCounts import(const std::string& series, const SeriesObservations& said, bool replace = false) {
    ImportCounts counts;
    db_->transact([&](kernel::Transaction& tx) { counts = store_observations(tx, series, said, replace); });
    return counts;
  }
  Enqueued enqueue(const JobRequest& request, const char* now = "2016-08-09T12:00:00Z") {
    Enqueued result;
    kernel::PgQueue queue(*db_, jobs_queue());
    db_->transact([&](kernel::Transaction& tx) {
      result = enqueue_job(tx, queue, request, parse_rfc3339(now).value());
    });
    return result;
  }
  std::string value(const std::string& sql) { return test::value_of(*db_, sql); }
  /// date y_hat as_of revision, a line each.
  std::string predicted() {
    return value(
        "SELECT string_agg(concat_ws(' ', date, y_hat, as_of, revision), E'\\n' ORDER BY date) FROM "
        "forecast.predictions_daily");
  }

  static constexpr Date kFirst{2016, 5, 1};
  static constexpr Date kLast{2016, 8, 8};
  const test::TestDb home_;
  const std::unique_ptr<kernel::Db> db_ = home_.open();
};

}  // namespace am::forecast
