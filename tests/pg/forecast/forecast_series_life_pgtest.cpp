// A series that is removed, described anew or added again while jobs of it are queued and worked on.

#include <thread>

#include <gmock/gmock.h>

#include "forecast_bed.hpp"
#include "support/am_process.hpp"
#include "support/error_of.hpp"

namespace am::forecast {
namespace {

class ForecastSeriesLife : public ForecastTest {
 protected:
  RemovedSeries remove() {
    RemovedSeries removed;
    db_->transact([&](kernel::Transaction& tx) { removed = remove_series(tx, "rides"); });
    return removed;
  }
  bool anybody_waits() {
    return test::wait_until(*home_.open(),
                            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
                            "AND cardinality(pg_blocking_pids(pid)) > 0)");
  }

  const JobRequest request_{.series = "rides", .from = kLast + 1, .to = kLast + 3};
};

TEST_F(ForecastSeriesLife, AddedAgainItIsForecastAnew) {
  add({.name = "rides"});
  EXPECT_TRUE(enqueue(request_).is_new);
  EXPECT_EQ(ForecastWorker(home_).drain().done, 1U);
  remove();
  add({.name = "rides"});
  EXPECT_EQ(predicted(), "");
  const Enqueued again = enqueue(request_);
  EXPECT_TRUE(again.is_new) << again.key;
  EXPECT_EQ(ForecastWorker(home_).drain().done, 1U);
  EXPECT_THAT(predicted(), testing::HasSubstr("2016-08-09 101 2016-08-08 2"));
}

TEST_F(ForecastSeriesLife, AJobOfAnotherProgramWithItsNameIsNoHindrance) {
  db_->query(
      "INSERT INTO jobs.forecast_jobs (key, ready_at, max_attempts, payload, created_at, updated_at) VALUES ('x', now(), 5, "
      "'{\"job_type\":\"forecast\",\"series\":\"rides\",\"from\":\"2016-08-09\",\"to\":\"2016-08-09\",\"revision\":\"b1\"}', now(), "
      "now())");
  add({.name = "rides"});
  EXPECT_TRUE(enqueue(request_).is_new);
}

TEST_F(ForecastSeriesLife, RemovedWhileItsJobRunsNothingIsWritten) {
  add({.name = "rides"});
  enqueue(request_);
  ForecastWorker worker(home_, [&](const SeriesInput& input, const Horizon& horizon) {
    EXPECT_EQ(remove().jobs, 1);
    add({.name = "rides"}, 7);  // and with other data
    return one_more_each_day(input, horizon);
  });
  EXPECT_EQ(worker.drain().lost, 1U);
  EXPECT_EQ(predicted(), "");
  EXPECT_EQ(value("SELECT status FROM jobs.forecast_jobs"), "cancelled");
}

// Who ends the job and who removes the series want the same two rows.
TEST_F(ForecastSeriesLife, RemovedWhileItsJobEndsNeitherIsRepeated) {
  add({.name = "rides"});
  enqueue(request_);
  std::thread thread;
  kernel::Drained drained;
  int removals = 0, writes = 0;
  const auto other = home_.open([&](std::string_view what) {
    if (what == "BEGIN") ++removals;
    if (what.find("item_cancelled") == std::string_view::npos || thread.joinable()) return;
    thread = std::thread([&] {  // the series is held, its job is not yet
      drained = ForecastWorker(home_, one_more_each_day, [&](std::string_view its) {
                  if (its.find("NO KEY UPDATE") != std::string_view::npos) ++writes;
                }).drain();
    });
    EXPECT_TRUE(anybody_waits());
  });
  other->transact([&](kernel::Transaction& tx) { EXPECT_EQ(remove_series(tx, "rides").jobs, 1); });
  ASSERT_TRUE(thread.joinable());
  thread.join();
  EXPECT_EQ(removals, 1);
  EXPECT_EQ(writes, 1);
  EXPECT_EQ(drained.lost, 1U);
  EXPECT_EQ(value("SELECT status FROM jobs.forecast_jobs"), "cancelled");
}

TEST_F(ForecastSeriesLife, DeletedBySqlItsJobIsBuried) {
  add({.name = "rides"});
  enqueue(request_);
  ForecastWorker worker(home_, [&](const SeriesInput& input, const Horizon& horizon) {
    db_->query("DELETE FROM forecast.series");
    return one_more_each_day(input, horizon);
  });
  EXPECT_EQ(worker.drain().buried, 1U);
  EXPECT_EQ(value("SELECT error_message FROM jobs.forecast_jobs"), "series 'rides': not found");
}

TEST_F(ForecastSeriesLife, WhoQueuesWhileItIsRemovedFindsNone) {
  add({.name = "rides"});
  const auto other = home_.open();
  kernel::PgQueue queue(*other, jobs_queue());
  std::optional<Error> refused;
  const auto remover = home_.open();
  const auto tx = remover->begin();
  remove_series(*tx, "rides");
  std::thread thread([&] {
    refused = test::error_of([&] {
      other->transact([&](kernel::Transaction& late) {
        enqueue_job(late, queue, request_, *parse_rfc3339("2016-08-09T12:00:00Z"));
      });
    });
  });
  EXPECT_TRUE(anybody_waits());
  tx->commit();
  thread.join();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->exit_code(), ExitCode::no_input);
  EXPECT_EQ(value("SELECT count(*) FROM jobs.forecast_jobs"), "0");
}

TEST_F(ForecastSeriesLife, AJobThatIsBeingQueuedIsCancelledWithIt) {
  add({.name = "rides"});
  const auto other = home_.open();
  kernel::PgQueue queue(*other, jobs_queue());
  RemovedSeries removed;
  const auto tx = other->begin();
  enqueue_job(*tx, queue, request_, *parse_rfc3339("2016-08-09T12:00:00Z"));
  const auto mine = home_.open();
  std::thread thread(
      [&] { mine->transact([&](kernel::Transaction& late) { removed = remove_series(late, "rides"); }); });
  EXPECT_TRUE(anybody_waits());
  tx->commit();
  thread.join();
  EXPECT_EQ(removed.jobs, 1);
  EXPECT_EQ(value("SELECT status FROM jobs.forecast_jobs"), "cancelled");
}

TEST_F(ForecastSeriesLife, ForcedTwiceAtOnceBothAreQueued) {
  add({.name = "rides"});
  JobRequest forced = request_;
  forced.force = true;
  const std::string first = enqueue(forced).key;
  const auto other = home_.open();
  kernel::PgQueue queue(*other, jobs_queue());
  const auto tx = other->begin();
  EXPECT_EQ(enqueue_job(*tx, queue, forced, *parse_rfc3339("2016-08-09T12:00:00Z")).key, first + "#2");
  Enqueued late;
  std::thread thread([&, third = home_.open()] {
    kernel::PgQueue its(*third, jobs_queue());
    third->transact([&](kernel::Transaction& it) {
      late = enqueue_job(it, its, forced, *parse_rfc3339("2016-08-09T12:00:00Z"));
    });
  });
  EXPECT_TRUE(anybody_waits());
  tx->commit();
  thread.join();
  EXPECT_TRUE(late.is_new);
  EXPECT_EQ(late.key, first + "#3");
}

TEST_F(ForecastSeriesLife, DaysOfACalendarOfBeforeGo) {
  add({.name = "rides"});
  const JobRequest week{.series = "rides", .from = kLast + 1, .to = kLast + 7};
  enqueue(week);
  EXPECT_EQ(ForecastWorker(home_).drain().done, 1U);
  db_->transact([&](kernel::Transaction& tx) {
    EXPECT_EQ(add_series(tx, {.name = "rides", .calendar = "weekdays"}, true), Added::replaced);
  });
  EXPECT_TRUE(enqueue(week).is_new);
  EXPECT_EQ(ForecastWorker(home_).drain().done, 1U);
  EXPECT_EQ(
      value("SELECT string_agg(to_char(date, 'Dy'), ' ' ORDER BY date) FROM forecast.predictions_daily"),
      "Tue Wed Thu Fri Mon");
  EXPECT_EQ(value("SELECT y_hat = (SELECT sum(y_hat) FROM forecast.predictions_daily) FROM "
                  "forecast.prediction_totals WHERE kind = 'range'"),
            "t");
}

}  // namespace
}  // namespace am::forecast
