#include <gmock/gmock.h>

#include "am/forecast/evaluate.hpp"
#include "am/forecast/predictions.hpp"
#include "forecast_bed.hpp"
#include "support/error_of.hpp"

namespace am::forecast {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class ForecastJobs : public ForecastTest {
 protected:
  Error refused(const JobRequest& request, const char* now = "2016-08-09T12:00:00Z") {
    return test::error_of([&] { enqueue(request, now); });
  }
};

TEST_F(ForecastJobs, TheSeedsStatementFindsThem) {
  add({.name = "rides"});
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 28, .priority = 0});
  EXPECT_EQ(
      value(
          "SELECT concat_ws(' ', job_type, series, target_from, target_to, priority) FROM jobs.forecast_jobs "
          "WHERE status='queued'"),
      "forecast rides 2016-08-09 2016-09-05 0");
}

TEST_F(ForecastJobs, TheSameAgainIsNothingNewAndLateDataIs) {
  add({.name = "rides"});
  const JobRequest request{.series = "rides", .from = kLast + 2, .to = kLast + 9};
  const Enqueued first = enqueue(request);
  EXPECT_TRUE(first.is_new);
  EXPECT_EQ(first.key, "forecast/rides/2016-08-10/2016-08-17/2016-08-08/1");
  EXPECT_FALSE(enqueue(request).is_new);
  import("rides", {.days = {{kLast + 1, 101}}});
  EXPECT_FALSE(
      enqueue(request, "2016-08-09T12:00:00Z").key.ends_with("2016-08-09/2"));  // that day is not over
  const Enqueued later = enqueue(request, "2016-08-10T00:00:00Z");
  EXPECT_TRUE(later.is_new);
  EXPECT_EQ(later.key, "forecast/rides/2016-08-10/2016-08-17/2016-08-09/2");
  JobRequest forced = request;
  forced.force = true;
  EXPECT_EQ(enqueue(forced, "2016-08-10T00:00:00Z").key, later.key + "#2");
  EXPECT_EQ(enqueue(forced, "2016-08-10T00:00:00Z").key, later.key + "#3");
}

TEST_F(ForecastJobs, LookAtNothingLaterThanAsked) {
  add({.name = "rides"});
  EXPECT_EQ(enqueue({.series = "rides", .from = kLast - 9, .to = kLast}).payload.as_of, kLast - 10);
  EXPECT_EQ(enqueue({.series = "rides", .from = kLast, .to = kLast, .as_of = kLast - 30}).payload.as_of,
            kLast - 30);
  ForecastWorker worker(home_, [](const SeriesInput& input, const Horizon& horizon) {
    EXPECT_EQ(input.days.back(), horizon.lead == 0 ? kLast - 10 : kLast - 30);
    EXPECT_EQ(input.values.size(), input.days.size());
    EXPECT_EQ(horizon.days.size(), static_cast<std::size_t>(horizon.lead + horizon.steps));
    return one_more_each_day(input, horizon);
  });
  EXPECT_EQ(worker.drain().done, 2U);
}

TEST_F(ForecastJobs, ARequestThatCannotBeIsRefused) {
  add({.name = "shop", .calendar = "weekdays"});
  add({.name = "empty"}, 0);
  const Date saturday(2016, 8, 13);
  EXPECT_EQ(refused({.series = "nobody", .from = kLast + 1, .to = kLast + 2}).exit_code(),
            ExitCode::no_input);
  EXPECT_EQ(refused({.series = "empty", .from = kLast + 1, .to = kLast + 2}).exit_code(), ExitCode::no_input);
  EXPECT_EQ(refused({.series = "shop", .from = kLast + 2, .to = kLast + 1}).exit_code(), ExitCode::usage);
  EXPECT_EQ(refused({.series = "shop", .from = kLast + 1, .to = kLast + 401}).exit_code(), ExitCode::usage);
  EXPECT_EQ(refused({.series = "shop", .from = saturday, .to = saturday + 1}).exit_code(), ExitCode::usage);
  EXPECT_EQ(refused({.series = "shop", .from = kLast + 1, .to = kLast + 2, .as_of = kLast + 1}).exit_code(),
            ExitCode::usage);
  EXPECT_EQ(
      refused({.series = "shop", .from = kLast + 500, .to = kLast + 501}, "2018-01-01T00:00:00Z").message(),
      "series shop: its newest known day is 2016-08-08, too long before 2017-12-21 (expected at most 400 days)");
  EXPECT_EQ(value("SELECT count(*) FROM jobs.forecast_jobs"), "0");
}

TEST_F(ForecastJobs, WriteDaysHistoryAndTotals) {
  add({.name = "rides"});
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 3});
  ForecastWorker worker(home_);
  EXPECT_EQ(worker.drain().done, 1U);
  EXPECT_EQ(predicted(),
            "2016-08-09 101 2016-08-08 1\n2016-08-10 102 2016-08-08 1\n2016-08-11 103 2016-08-08 1");
  EXPECT_EQ(value("SELECT count(*) FROM forecast.prediction_history"), "3");
  EXPECT_EQ(
      value("SELECT concat_ws(' ', kind, first, last, y_hat, y_lo, y_hi80) FROM forecast.prediction_totals"),
      "range 2016-08-09 2016-08-11 306 286 315");
  EXPECT_EQ(value("SELECT count(*) FROM forecast.current WHERE value IS NULL"), "3");
  EXPECT_THAT(worker.lines.str(), HasSubstr(R"("msg":"job completed")"));
  EXPECT_THAT(worker.lines.str(), HasSubstr(R"("job_id":1)"));
  EXPECT_THAT(worker.lines.str(), HasSubstr(R"("from":"2016-08-09","to":"2016-08-11")"));
  EXPECT_THAT(worker.lines.str(), HasSubstr(R"("rows":3)"));
}

TEST_F(ForecastJobs, InEitherOrderLeaveTheNewer) {
  add({.name = "rides"});
  const JobRequest request{.series = "rides", .from = kLast + 1, .to = kLast + 3};
  const auto ends_with = [&](bool newer_first) {
    db_->query("DELETE FROM forecast.predictions_daily");
    db_->query("DELETE FROM forecast.prediction_totals");
    db_->query("DELETE FROM forecast.prediction_history");
    db_->query("DELETE FROM jobs.forecast_jobs");
    JobRequest newer = request, older = request;
    older.as_of = kLast - 50;
    (newer_first ? newer : older).priority = 0;
    enqueue(older);
    enqueue(newer);
    EXPECT_EQ(ForecastWorker(home_).drain().done, 2U);
    return predicted() +
           value(
               "SELECT string_agg(concat_ws(' ', kind, y_hat, as_of), ',') FROM forecast.prediction_totals");
  };
  const std::string newer_last = ends_with(false);
  EXPECT_EQ(newer_last, ends_with(true));
  EXPECT_THAT(newer_last, HasSubstr("2016-08-09 101 2016-08-08"));
  EXPECT_EQ(value("SELECT count(*) FROM forecast.prediction_history"), "6");
  const auto then = read_predictions(*db_, {.series = "rides", .as_of = kLast - 1});
  ASSERT_THAT(then, SizeIs(3));
  EXPECT_EQ(then[0].as_of, kLast - 50);
}

TEST_F(ForecastJobs, ATotalNeverOutlivesItsDays) {
  add({.name = "rides"});
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 10});
  ForecastWorker(home_).drain();
  import("rides", {.days = {{kLast + 1, 500}}});
  enqueue({.series = "rides", .from = kLast + 2, .to = kLast + 5}, "2016-08-10T00:00:00Z");
  ForecastWorker(home_).drain();
  EXPECT_EQ(
      value("SELECT string_agg(concat_ws(' ', first, last, as_of), ',') FROM forecast.prediction_totals"),
      "2016-08-10 2016-08-13 2016-08-09");
}

TEST_F(ForecastJobs, WhatCanNeverSucceedIsBuriedWithTheReason) {
  add({.name = "rides"});
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 3});
  db_->query("UPDATE jobs.forecast_jobs SET payload = payload || '{\"version\": 2}'");
  ForecastWorker worker(home_);
  const kernel::Drained drained = worker.drain();
  EXPECT_EQ(drained.buried, 1U);
  EXPECT_EQ(drained.exit_code(), ExitCode::partial);
  EXPECT_EQ(value("SELECT concat_ws(' ', status, attempts, error_message) FROM jobs.forecast_jobs"),
            "failed 1 payload: version 2 (expected 1)");

  db_->query("DELETE FROM jobs.forecast_jobs");
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 3});
  db_->query("DELETE FROM forecast.series");
  EXPECT_EQ(worker.drain().buried, 1U);
  EXPECT_EQ(value("SELECT error_message FROM jobs.forecast_jobs"), "series 'rides': not found");
}

TEST_F(ForecastJobs, AFailureIsTriedAgain) {
  add({.name = "rides"});
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 3});
  ForecastWorker broken(home_, [](const SeriesInput&, const Horizon&) -> Forecast {
    throw Error(ErrorKind::unavailable, "no memory");
  });
  EXPECT_EQ(broken.drain().again, 1U);
  EXPECT_EQ(predicted(), "");
  db_->query("UPDATE jobs.forecast_jobs SET ready_at = clock_timestamp()");
  EXPECT_EQ(ForecastWorker(home_).drain().done, 1U);
}

TEST_F(ForecastJobs, WhoLostTheJobWritesNothing) {
  add({.name = "rides"});
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 3});
  ForecastWorker late(home_, [&](const SeriesInput& input, const Horizon& horizon) {
    // Meanwhile its lease ends, and another one does the work.
    db_->query("UPDATE jobs.forecast_jobs SET ready_at = clock_timestamp()");
    EXPECT_EQ(ForecastWorker(home_).drain().done, 1U);
    Forecast forecast = one_more_each_day(input, horizon);
    for (Bounds& day : forecast.days) day = {.y_hat = 7, .lo = 7, .hi = 7, .lo80 = 7, .hi80 = 7};
    return forecast;
  });
  EXPECT_EQ(late.drain().lost, 1U);
  EXPECT_THAT(predicted(), HasSubstr("2016-08-09 101 "));
}

TEST_F(ForecastJobs, TheSameForecastAgainTouchesNothing) {
  add({.name = "rides"});
  JobRequest request{.series = "rides", .from = kLast + 1, .to = kLast + 3};
  enqueue(request);
  ForecastWorker(home_).drain();
  const std::string before =
      value("SELECT string_agg(ctid::text || job, ' ') FROM forecast.predictions_daily");
  request.force = true;
  enqueue(request);
  EXPECT_EQ(ForecastWorker(home_).drain().done, 1U);
  EXPECT_EQ(value("SELECT string_agg(ctid::text || job, ' ') FROM forecast.predictions_daily"), before);
}

TEST_F(ForecastJobs, AGapIsAGapAndADayOffTheCalendarIsNone) {
  add({.name = "shop", .calendar = "weekdays", .holidays = "us"}, 0);
  const Date monday(2016, 8, 1);
  import("shop", {.days = {{monday, 1}, {monday + 1, 2}, {monday + 3, 4}, {monday + 7, 6}}});
  const std::vector<NamedDay> days = {{monday + 9, "Some day"}};
  store_holidays(*db_, "us", days);
  const Question question = read_question(*db_, "shop", {monday + 12, monday + 18}, monday + 8);
  ASSERT_THAT(question.input.days, SizeIs(6));  // two weekend days are none
  EXPECT_EQ(question.input.values[3], 4);
  EXPECT_NE(question.input.values[2], question.input.values[2]);
  EXPECT_EQ(question.input.days.back(), monday + 7);
  EXPECT_EQ(question.horizon.lead, 4);  // Tuesday to Friday
  EXPECT_EQ(question.horizon.steps, 5);
  ASSERT_THAT(question.input.holidays, SizeIs(1));
  ASSERT_THAT(question.warnings, SizeIs(1));
  EXPECT_EQ(question.warnings[0],
            "series shop: holidays us end with 2016-08-10, before the range does (2016-08-19)");
}

TEST_F(ForecastJobs, ABacktestStoresScores) {
  add({.name = "rides", .horizon = 10});
  enqueue({.type = JobType::backtest, .series = "rides", .from = kLast + 1, .to = kLast + 10});
  EXPECT_EQ(ForecastWorker(home_).drain().done, 1U);
  EXPECT_EQ(
      value(
          "SELECT string_agg(concat_ws(' ', kind, as_of, first_step, last_step, days, mase, covered95), ',' ORDER BY "
          "first_step) FROM forecast.scores"),
      "backtest 2016-08-08 1 7 63 0 1,backtest 2016-08-08 8 10 27 0 1");
}

}  // namespace
}  // namespace am::forecast
