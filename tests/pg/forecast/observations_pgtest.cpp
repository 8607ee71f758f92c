#include <gmock/gmock.h>

#include "am/kernel/queue_admin.hpp"
#include "forecast_bed.hpp"
#include "support/error_of.hpp"

namespace am::forecast {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Observations : public ForecastTest {};

TEST_F(Observations, AreCountedAsNewChangedAndSame) {
  add({.name = "rides"}, 3);
  EXPECT_EQ(value("SELECT revision FROM forecast.series"), "1");
  const auto same = import("rides", {.days = {{kFirst, 1}, {kFirst + 1, 2}}});
  EXPECT_EQ(same.same, 2);
  EXPECT_EQ(same.revision, 1);
  const auto mixed = import("rides", {.days = {{kFirst, 1}, {kFirst + 1, 20}, {kFirst + 9, 10}}});
  EXPECT_EQ(mixed.same, 1);
  EXPECT_EQ(mixed.changed, 1);
  EXPECT_EQ(mixed.added, 1);
  EXPECT_EQ(mixed.revision, 2);
  EXPECT_EQ(
      value("SELECT string_agg(concat_ws(' ', series, date, was), ',') FROM forecast.observation_changes"),
      "rides 2016-05-02 2");
}

TEST_F(Observations, AreRemovedOnlyWithinTheFilesDays) {
  add({.name = "rides"}, 6);
  const auto counts =
      import("rides", {.days = {{kFirst + 1, 2}, {kFirst + 3, 4}}, .empty_days = {kFirst + 4}}, true);
  EXPECT_EQ(counts.removed, 2);  // the third and the fifth
  EXPECT_EQ(value("SELECT string_agg(value::text, ' ' ORDER BY date) FROM forecast.observations_daily"),
            "1 2 4 6");
  EXPECT_EQ(value("SELECT string_agg(was::text, ' ' ORDER BY date) FROM forecast.observation_changes"),
            "3 5");
}

TEST_F(Observations, OffTheCalendarAreNotStored) {
  add({.name = "shop", .calendar = "weekdays"}, 7);  // Sunday to Saturday
  EXPECT_EQ(value("SELECT count(*) FROM forecast.observations_daily"), "5");
  EXPECT_EQ(import("shop", {.days = {{kFirst, 1}}}).off_calendar, 1);
}

TEST_F(Observations, KeepEveryBitOfAValue) {
  add({.name = "x"}, 0);
  const double odd = 0.1 + 0.2;
  import("x", {.days = {{kFirst, odd}, {kFirst + 1, 5e-324}, {kFirst + 2, -1.7976931348623157e308}}});
  EXPECT_THAT(read_observations(*db_, "x", {}, kLast),
              ElementsAre(Observed{kFirst, odd}, Observed{kFirst + 1, 5e-324},
                          Observed{kFirst + 2, -1.7976931348623157e308}));
  EXPECT_EQ(import("x", {.days = {{kFirst, odd}}}).same, 1);
}

TEST_F(Observations, OfAnUnknownSeriesAreRefused) {
  const Error error = test::error_of([&] { import("nobody", {.days = {{kFirst, 1}}}); });
  EXPECT_EQ(error.kind(), ErrorKind::no_input);
  EXPECT_EQ(error.message(), "series 'nobody': not found");
}

TEST_F(Observations, ADescriptionIsChangedOnlyWhenAsked) {
  const auto said = [&](SeriesInfo series, bool replace) {
    Added added = Added::same;
    db_->transact([&](kernel::Transaction& tx) { added = add_series(tx, series, replace); });
    return added;
  };
  const SeriesInfo rides{.name = "rides", .holidays = "us"};
  EXPECT_EQ(said(rides, false), Added::made);
  EXPECT_EQ(said(rides, false), Added::same);
  EXPECT_EQ(said({.name = "rides"}, false), Added::differs);
  EXPECT_EQ(said({.name = "rides"}, true), Added::replaced);
  EXPECT_EQ(value("SELECT concat_ws(' ', holidays IS NULL, revision) FROM forecast.series"), "t 1");
}

TEST_F(Observations, NewHolidaysMakeItAnotherSeries) {
  add({.name = "rides", .holidays = "us"}, 1);
  add({.name = "other"}, 1);
  const std::vector<NamedDay> days = {{kFirst, "Labour Day"}, {kFirst + 4, "Ascension"}};
  EXPECT_EQ(store_holidays(*db_, "us", days).added, 2);
  EXPECT_EQ(store_holidays(*db_, "us", days).same, 2);
  const std::vector<NamedDay> renamed = {{kFirst, "May Day"}};
  EXPECT_EQ(store_holidays(*db_, "us", renamed).changed, 1);
  EXPECT_EQ(value("SELECT string_agg(name || revision, ' ' ORDER BY name) FROM forecast.series"),
            "other1 rides3");
  EXPECT_EQ(read_holiday_set(*db_, "us", {kFirst, kLast}).size(), 2U);
  EXPECT_EQ(read_holiday_set(*db_, "nyse", {Date(2015, 12, 20), Date(2016, 1, 3)}).size(), 2U);
}

TEST_F(Observations, GoWithTheirSeries) {
  add({.name = "rides"});
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 3});
  ForecastWorker(home_).drain();
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 4});
  RemovedSeries removed;
  db_->transact([&](kernel::Transaction& tx) { removed = remove_series(tx, "rides"); });
  EXPECT_EQ(removed.observations, 100);
  EXPECT_EQ(removed.predictions, 3);
  EXPECT_EQ(removed.jobs, 1);
  EXPECT_EQ(value("SELECT string_agg(status, ' ' ORDER BY id) FROM jobs.forecast_jobs"), "done cancelled");
  EXPECT_EQ(value("SELECT count(*) FROM forecast.predictions_daily"), "0");
}

TEST_F(Observations, TheQueueIsOneOfTheKernels) {
  EXPECT_THAT(kernel::queue_table_problems(*db_, jobs_queue()), IsEmpty());
}

TEST_F(Observations, TheSchemaRefusesWhatCannotBe) {
  add({.name = "rides"}, 1);
  for (
      const char* sql :
      {"INSERT INTO forecast.observations_daily VALUES ('rides', '2020-01-01', 'NaN')",
       "INSERT INTO forecast.observations_daily VALUES ('rides', '2020-01-01', 'Infinity')",
       "INSERT INTO forecast.observations_daily VALUES ('nobody', '2020-01-01', 1)",
       "UPDATE forecast.series SET calendar = 'daily'", "UPDATE forecast.series SET name = '-x'",
       "UPDATE forecast.series SET lag_days = 0",
       "INSERT INTO forecast.holidays VALUES ('nyse', '2020-01-01', 'x')",
       "INSERT INTO forecast.predictions_daily VALUES ('rides', '2020-01-02', 2, 1, 3, 1.5, 1.9, 'm', '2020-01-01', 1, 1, now())",
       "INSERT INTO forecast.predictions_daily VALUES ('rides', '2020-01-02', 2, 1, 'NaN', 1.5, 2.5, 'm', '2020-01-01', 1, 1, now())",
       "INSERT INTO forecast.predictions_daily VALUES ('rides', '2020-01-01', 2, 1, 3, 1.5, 2.5, 'm', '2020-01-01', 1, 1, now())",
       "INSERT INTO jobs.forecast_jobs (key, ready_at, max_attempts, payload, created_at, updated_at) VALUES ('k', now(), 1, "
       "'{\"job_type\":\"guess\",\"series\":\"rides\",\"from\":\"2020-01-01\",\"to\":\"2020-01-02\"}', now(), now())",
       "INSERT INTO jobs.forecast_jobs (key, ready_at, max_attempts, payload, created_at, updated_at) VALUES ('k', now(), 1, "
       "'{\"job_type\":\"forecast\",\"series\":\"rides\",\"from\":\"2020-01-03\",\"to\":\"2020-01-02\"}', now(), now())"})
    EXPECT_EQ(test::error_of([&] { db_->query(sql); }).kind(), ErrorKind::data) << sql;
}

}  // namespace
}  // namespace am::forecast
