// A worker and a night that fail at any call, and are done again: what is stored is what an undisturbed one leaves.

#include <algorithm>

#include <gtest/gtest.h>

#include "am/forecast/live.hpp"
#include "am/forecast/night.hpp"
#include "am/forecast/notices.hpp"
#include "forecast_bed.hpp"
#include "support/forecast_rows.hpp"
#include "support/picks_desk.hpp"

namespace am::forecast {
namespace {

using test::Crash;
using test::CrashPoint;

constexpr Date kLast{2016, 8, 8};

void prepare(const test::TestDb& home) {
  const auto db = home.open();
  kernel::PgQueue queue(*db, jobs_queue());
  db->transact([&](kernel::Transaction& tx) {
    for (const char* name : {"rides", "shop"}) {
      add_series(
          tx, {.name = name, .calendar = name[0] == 's' ? "weekdays" : "all", .horizon = 5, .nightly = true},
          false);
      SeriesObservations said;
      for (int i = 30; i >= 0; --i) said.days.push_back({kLast - i, 100.0 - i});
      store_observations(tx, name, said, false);
    }
  });
}

/// 28 days came otherwise than was said of them, in one of two series: the night scores them, and that one drifts.
void prepare_night(const test::TestDb& home) {
  prepare(home);
  const auto db = home.open();
  db->transact([&](kernel::Transaction& tx) {
    for (const char* name : {"rides", "shop"}) {
      Predicted said{
          .series = name, .days = {}, .forecast = {}, .as_of = kLast - kScoredDays, .revision = 1, .job = 1};
      for (int i = kScoredDays - 1; i >= 0; --i) {
        const double y = name[0] == 's' ? 100.0 - i : 300.0;
        said.days.push_back(kLast - i);
        said.forecast.days.push_back({.y_hat = y, .lo = y, .hi = y, .lo80 = y, .hi80 = y});
      }
      said.forecast.model_version = "test/1";
      store_predictions(tx, said);
    }
  });
}

void queue_jobs(const test::TestDb& home) {
  prepare(home);
  const auto db = home.open();
  kernel::PgQueue queue(*db, jobs_queue());
  db->transact([&](kernel::Transaction& tx) {
    for (const char* name : {"rides", "shop"})
      enqueue_job(tx, queue, {.series = name, .from = kLast + 1, .to = kLast + 10},
                  *parse_rfc3339("2016-08-09T03:00:00Z"));
    enqueue_job(tx, queue,
                {.type = JobType::backtest, .series = "rides", .from = kLast + 1, .to = kLast + 10},
                *parse_rfc3339("2016-08-09T03:00:00Z"));
  });
}

/// As if the leases and the waits after a failure were over.
void make_ready(kernel::Sql& sql) {
  test::bury_holders(sql);
  sql.query(
      "UPDATE jobs.forecast_jobs SET ready_at = clock_timestamp() WHERE status IN ('queued', 'running')");
}

class ForecastSweep : public testing::TestWithParam<Crash> {};

TEST_P(ForecastSweep, AWorkerThatFailsAnywhereIsMadeGood) {
  const test::SweptJob job{.desk = test::kSweptForecast,
                           .prepare = queue_jobs,
                           .run =
                               [](const test::TestDb& home, CrashPoint& point) {
                                 ForecastWorker worker(home, one_more_each_day,
                                                       [&](std::string_view what) { point(what); });
                                 worker.drain();
                               },
                           .after_crash = make_ready};
  EXPECT_GT(test::sweep(job, GetParam()), 20);
}

TEST_P(ForecastSweep, ANightThatFailsAnywhereIsMadeGood) {
  const test::SweptJob job{.desk = test::kSweptForecast,
                           .prepare = prepare_night,
                           .run =
                               [](const test::TestDb& home, CrashPoint& point) {
                                 test::TestDesk desk(home, "2016-08-09T02:05:00Z", {},
                                                     [&](std::string_view what) { point(what); });
                                 run_night({*desk.db, desk.ledger, desk.log, desk.clock, desk.stop},
                                           Date(2016, 8, 9), {});
                                 notice_dead_jobs(*desk.db);
                               },
                           .after_crash = make_ready};
  EXPECT_GT(test::sweep(job, GetParam()), 10);
}

INSTANTIATE_TEST_SUITE_P(Everywhere, ForecastSweep,
                         testing::Values(Crash::error_once, Crash::death, Crash::lost_connection),
                         [](const auto& one) {
                           std::string name(test::crash_name(one.param));
                           std::ranges::replace(name, ' ', '_');
                           return name;
                         });

}  // namespace
}  // namespace am::forecast
