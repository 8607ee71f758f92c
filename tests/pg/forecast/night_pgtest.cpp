#include <gmock/gmock.h>

#include "am/forecast/desk.hpp"
#include "am/forecast/night.hpp"
#include "am/forecast/sync.hpp"
#include "am/forecast/verify.hpp"
#include "forecast_bed.hpp"
#include "support/error_of.hpp"
#include "support/picks_desk.hpp"

namespace am::forecast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class ForecastNight : public ForecastTest {
 protected:
  NightResult night(const char* now, const SyncSeries& sync = {}) {
    test::TestDesk desk(home_, now);
    return run_night({*desk.db, desk.ledger, desk.log, desk.clock, desk.stop},
                     current_night(desk.clock.now(), "UTC"), sync);
  }
  std::vector<std::string> owed(const char* now, const char* zone = "UTC") {
    const Instant at = parse_rfc3339(now).value();
    std::vector<std::string> slots;
    for (const kernel::Duty& duty : kernel::read_duties(*db_, {{&desk(), zone}}, at))
      slots.push_back(duty.slot + (duty.is_due(at) ? " due" : " to come"));
    return slots;
  }
};

TEST_F(ForecastNight, QueuesWhatIsNightlyOnce) {
  add({.name = "rides", .horizon = 7, .nightly = true});
  add({.name = "other"});
  const NightResult first = night("2016-08-09T02:05:00Z");  // a Tuesday
  EXPECT_EQ(first.queued, 1);
  EXPECT_EQ(value("SELECT key FROM jobs.forecast_jobs"), "forecast/rides/2016-08-09/2016-08-15/2016-08-08/1");
  EXPECT_TRUE(night("2016-08-09T12:00:00Z").was_done);
  EXPECT_EQ(night("2016-08-10T02:05:00Z").queued, 1);  // the same data, another range
  EXPECT_EQ(value("SELECT string_agg(subject, ',' ORDER BY id) FROM ops.events WHERE kind = 'night_done'"),
            "night 2016-08-09,night 2016-08-10");
}

TEST_F(ForecastNight, NightsThatWereMissedAreMadeGoodByTheNext) {
  add({.name = "rides", .horizon = 7, .nightly = true});
  night("2016-08-09T02:05:00Z");
  ForecastWorker(home_).drain();
  import("rides", {.days = {{kLast + 1, 101}, {kLast + 2, 102}, {kLast + 3, 103}}, .empty_days = {}});
  const NightResult next = night("2016-08-12T02:05:00Z");
  EXPECT_EQ(next.scored, 3);
  EXPECT_EQ(next.queued, 1);
  EXPECT_EQ(value("SELECT max(key) FROM jobs.forecast_jobs"),
            "forecast/rides/2016-08-12/2016-08-18/2016-08-11/2");
  EXPECT_EQ(
      value(
          "SELECT string_agg(concat_ws(' ', as_of, first_step, last_step, days, mase, naive_mase, covered80), ',' ORDER "
          "BY as_of) FROM forecast.scores"),
      "2016-08-09 1 1 1 0 1 1,2016-08-10 1 2 2 0 1.5 1,2016-08-11 1 3 3 0 2 1");
  EXPECT_EQ(night("2016-08-13T02:05:00Z").scored, 0);
}

TEST_F(ForecastNight, OnMondaysMeasuresToo) {
  add({.name = "rides", .nightly = true});
  EXPECT_EQ(night("2016-08-15T02:05:00Z").queued, 2);
  EXPECT_EQ(value("SELECT string_agg(job_type || priority, ' ' ORDER BY id) FROM jobs.forecast_jobs"),
            "forecast1 backtest3");
}

TEST_F(ForecastNight, AMondayThatWasMissedIsMadeGoodByTheNextNight) {
  add({.name = "rides", .nightly = true});
  EXPECT_EQ(night("2016-08-13T02:05:00Z").queued, 1);  // a Saturday
  EXPECT_EQ(night("2016-08-17T02:05:00Z").queued, 2);
  EXPECT_EQ(night("2016-08-18T02:05:00Z").queued, 1);
  EXPECT_EQ(value("SELECT count(*) FROM jobs.forecast_jobs WHERE job_type = 'backtest'"), "1");
}

TEST_F(ForecastNight, OneBadSeriesStopsNoOther) {
  add({.name = "a", .source = "sql:a", .nightly = true});
  add({.name = "b", .nightly = true});
  const auto failing = [](ErrorKind kind) {
    return [kind](const SeriesInfo&) { throw Error(kind, "the source is broken"); };
  };
  const NightResult bad = night("2016-08-09T02:05:00Z", failing(ErrorKind::data));
  ASSERT_THAT(bad.failures, SizeIs(1));
  EXPECT_EQ(bad.failures[0].first, "a");
  EXPECT_EQ(bad.queued, 1);
  EXPECT_TRUE(night("2016-08-09T03:00:00Z").was_done);

  night("2016-08-10T02:05:00Z", failing(ErrorKind::unavailable));  // later it may be there: the night is owed
  EXPECT_EQ(value("SELECT status FROM ops.runs WHERE slot = '2016-08-10'"), "failed");
  EXPECT_EQ(night("2016-08-10T03:00:00Z").queued, 1);
}

TEST_F(ForecastNight, IsOwedFromTwoOnWhereAnythingIsNightly) {
  add({.name = "rides"});
  EXPECT_THAT(owed("2016-08-09T03:00:00Z"), ElementsAre());
  add({.name = "shop", .nightly = true});
  EXPECT_THAT(owed("2016-08-09T01:59:59Z"), ElementsAre("2016-08-08 due", "2016-08-09 to come"));
  EXPECT_THAT(owed("2016-08-09T02:00:00Z"), ElementsAre("2016-08-09 due", "2016-08-10 to come"));
  night("2016-08-09T02:00:00Z");
  EXPECT_THAT(owed("2016-08-09T02:00:00Z"), ElementsAre("2016-08-10 to come"));
}

TEST_F(ForecastNight, FallsDueAtTwoOfItsZone) {
  const auto due = [](Date night, const char* zone) { return format_rfc3339(night_due_at(night, zone)); };
  EXPECT_EQ(due(Date(2026, 1, 15), "America/Chicago"), "2026-01-15T08:00:00Z");
  EXPECT_EQ(due(Date(2026, 7, 15), "America/Chicago"), "2026-07-15T07:00:00Z");
  EXPECT_EQ(due(Date(2026, 1, 15), "Asia/Tokyo"), "2026-01-14T17:00:00Z");
  // 02:00 is skipped: the first moment after; it is there twice (02:00 in Berlin in autumn): the first time.
  EXPECT_EQ(due(Date(2026, 3, 8), "America/Chicago"), "2026-03-08T08:00:00Z");
  EXPECT_EQ(due(Date(2026, 3, 29), "Europe/Berlin"), "2026-03-29T01:00:00Z");
  EXPECT_EQ(due(Date(2026, 10, 25), "Europe/Berlin"), "2026-10-25T00:00:00Z");
  for (const char* zone : {"UTC", "America/Chicago", "Europe/Berlin", "Asia/Tokyo", "Pacific/Kiritimati"}) {
    for (Date night(2026, 1, 1); night < Date(2027, 1, 1); night = night + 1) {
      const Instant at = night_due_at(night, zone);
      EXPECT_EQ(current_night(at, zone), night) << zone;
      EXPECT_EQ(current_night(at - std::chrono::microseconds(1), zone), night - 1) << zone;
    }
  }
}

TEST_F(ForecastNight, AnotherZoneChangesNoNightThatIsDone) {
  add({.name = "shop", .nightly = true});
  EXPECT_THAT(owed("2016-08-09T06:59:59Z", "America/Chicago"),
              ElementsAre("2016-08-08 due", "2016-08-09 to come"));
  EXPECT_THAT(owed("2016-08-09T07:00:00Z", "America/Chicago"),
              ElementsAre("2016-08-09 due", "2016-08-10 to come"));
  night("2016-08-09T02:00:00Z");  // while it was UTC
  EXPECT_THAT(owed("2016-08-09T07:00:00Z", "America/Chicago"), ElementsAre("2016-08-10 to come"));
  EXPECT_THAT(owed("2016-08-09T02:00:00Z", "Asia/Tokyo"), ElementsAre("2016-08-10 to come"));
}

TEST_F(ForecastNight, SourcesAreNamed) {
  const auto sql = SourceName::parse("sql:daily_rides");
  ASSERT_TRUE(sql);
  EXPECT_EQ(sql->name, "daily_rides");
  const auto close = SourceName::parse("close:csv:/data/market/SPY");
  ASSERT_TRUE(close);
  EXPECT_EQ(close->prices, "csv:/data/market");
  EXPECT_EQ(close->name, "SPY");
  for (const char* text : {"", "sql:", "sql:../x", "close:SPY", "close:/SPY", "close:a/", "http://x"})
    EXPECT_FALSE(SourceName::parse(text)) << text;
}

TEST_F(ForecastNight, AQueryGivesDays) {
  const SeriesObservations said = read_query(
      *db_, "q",
      "SELECT date '2016-08-01' + n AS date, CASE WHEN n <> 1 THEN n + 0.5 END AS value FROM generate_series(2, 0, -1) AS n;\n");
  EXPECT_THAT(said.days, ElementsAre(Observed{Date(2016, 8, 1), 0.5}, Observed{Date(2016, 8, 3), 2.5}));
  EXPECT_THAT(said.empty_days, ElementsAre(Date(2016, 8, 2)));
  EXPECT_THAT(test::error_of([&] {
                read_query(*db_, "q",
                           "SELECT date '2016-08-01' AS date, n AS value FROM generate_series(0, 1) AS n");
              }).message(),
              HasSubstr("query q: 2016-08-01 is there twice"));
  EXPECT_EQ(test::error_of([&] {
              read_query(*db_, "q", "SELECT date '2016-08-01' AS date, 'Infinity'::float8 AS value");
            }).message(),
            "query q: 2016-08-01: 'Infinity' is no number");
  // It only reads.
  test::error_of([&] {
    read_query(*db_, "q", "DELETE FROM forecast.series RETURNING now()::date AS date, 1 AS value");
  });
  EXPECT_EQ(test::error_of([&] { read_closes(*db_, *SourceName::parse("close:stooq/SPY")); }).exit_code(),
            ExitCode::no_input);
}

TEST_F(ForecastNight, VerificationFindsWhatIsWrong) {
  add({.name = "rides"});
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 3});
  enqueue({.series = "rides", .from = kLast + 5, .to = kLast + 5});
  ForecastWorker(home_).drain();
  const auto found = [&] {
    std::vector<std::string> all;
    for (const kernel::Finding& each : verify_data(*db_, {}, {}).findings)
      all.push_back(each.subject + ": " + each.what + ": " + each.expected + " / " + each.got);
    return all;
  };
  EXPECT_THAT(found(), ElementsAre());
  EXPECT_EQ(verify_data(*db_, {}, {}).looked_at, "1 series, 4 predictions, 2 totals, 0 live scores");

  db_->query("UPDATE forecast.predictions_daily SET y_hat = y_hat + 1 WHERE date = '2016-08-10'");
  EXPECT_THAT(found(), ElementsAre("rides: range 2016-08-09 to 2016-08-11: sum: 307 / 306"));
  db_->query("UPDATE forecast.predictions_daily SET y_hat = y_hat - 1 WHERE date = '2016-08-10'");
  db_->query("DELETE FROM forecast.predictions_daily WHERE date = '2016-08-13'");
  EXPECT_THAT(found(), ElementsAre("rides: 2016-08-13: prediction: one, by job 2 / none",
                                   "rides: range 2016-08-13 to 2016-08-13: sum: 0 / 105"));
  db_->query("DELETE FROM jobs.forecast_jobs");
  EXPECT_THAT(found(), ElementsAre("rides: 2016-08-09: its job: job 1, done / job 1, not there",
                                   "rides: 2016-08-10: its job: job 1, done / job 1, not there",
                                   "rides: 2016-08-11: its job: job 1, done / job 1, not there",
                                   "rides: range 2016-08-13 to 2016-08-13: sum: 0 / 105"));
  EXPECT_EQ(verify_data(*db_, DateRange{kLast + 10, kLast + 20}, {}).findings.size(), 0U);
}

TEST_F(ForecastNight, VerificationScoresAgainWhatIsStored) {
  add({.name = "rides", .horizon = 9, .nightly = true});
  night("2016-08-09T02:05:00Z");
  ForecastWorker(home_).drain();
  for (int i = 1; i <= 9; ++i) import("rides", {.days = {{kLast + i, 100.0 + i}}, .empty_days = {}});
  night("2016-08-18T02:05:00Z");
  const auto found = [&] {
    std::string all;
    const kernel::Verification verification = verify_data(*db_, {}, {});
    for (const kernel::Finding& each : verification.findings)
      all += each.subject + ": " + each.what + ": " + each.expected + " / " + each.got + "\n";
    return all;
  };
  EXPECT_EQ(found(), "");
  EXPECT_THAT(verify_data(*db_, {}, {}).looked_at, HasSubstr(", 11 live scores"));
  db_->query("UPDATE forecast.scores SET covered95 = 0.5 WHERE as_of = '2016-08-17' AND first_step = 1");
  db_->query("DELETE FROM forecast.scores WHERE as_of = '2016-08-17' AND first_step = 8");
  EXPECT_EQ(
      found(),
      "rides: 2016-08-17: live score of 1 to 7 days ahead: 7 days, sMAPE 0, within 1 and 1 / 7 days, sMAPE 0, within 0.5 "
      "and 1\nrides: 2016-08-17: live score of 8 to 9 days ahead: 2 days, sMAPE 0, within 1 and 1 / none\n");
  // What was pruned since is no fault of the score, and what is marked is scored tonight.
  db_->query("DELETE FROM forecast.prediction_history WHERE date = '2016-08-12'");
  EXPECT_THAT(found(), testing::Not(HasSubstr("live score of 1 to 7")));
  import("rides", {.days = {{kLast + 3, 700}}, .empty_days = {}});
  EXPECT_EQ(found(), "");
  // A day that is marked says nothing of those before it: one that is not over yet is marked night after night.
  db_->query("UPDATE forecast.scores SET covered95 = 0.5 WHERE as_of = '2016-08-10'");
  EXPECT_THAT(found(), HasSubstr("rides: 2016-08-10: live score of 1 to 2"));
}

TEST_F(ForecastNight, PruningKeepsTheJobsOfPredictions) {
  add({.name = "rides"});
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 3, .as_of = kLast - 9});
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 3});
  ForecastWorker(home_).drain();
  db_->query("UPDATE jobs.forecast_jobs SET updated_at = updated_at - interval '50 days'");
  db_->query("UPDATE forecast.prediction_history SET generated_at = generated_at - interval '50 days'");
  const kernel::PruneCounts counts =
      kernel::prunable(*db_, {.days = 40, .rules = {desk().prune.begin(), desk().prune.end()}});
  EXPECT_THAT(counts.of_desks, ElementsAre(std::pair<std::string, long long>("jobs", 1),
                                           std::pair<std::string, long long>("forecasts", 6),
                                           std::pair<std::string, long long>("mails", 0),
                                           std::pair<std::string, long long>("changes", 0)));
}

}  // namespace
}  // namespace am::forecast
