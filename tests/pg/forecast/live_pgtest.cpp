// What stored forecasts came to, and series that drift.

#include <gmock/gmock.h>

#include "am/forecast/drift.hpp"
#include "am/forecast/live.hpp"
#include "forecast_bed.hpp"

namespace am::forecast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ForecastLive : public ForecastTest {
 protected:
  /// So much is said of each of the days after as_of, 10 to each side at 95 %.
  void say(Date as_of, int steps, double y, const char* version = "test/1") {
    Predicted predicted{
        .series = "rides", .days = {}, .forecast = {}, .as_of = as_of, .revision = ++revision_, .job = 1};
    for (int i = 1; i <= steps; ++i) {
      predicted.days.push_back(as_of + i);
      predicted.forecast.days.push_back(
          {.y_hat = y, .lo = y - 10, .hi = y + 10, .lo80 = y - 5, .hi80 = y + 5});
    }
    predicted.forecast.model_version = version;
    db_->transact([&](kernel::Transaction& tx) { store_predictions(tx, predicted); });
  }
  void came(Date day, double value) { import("rides", {.days = {{day, value}}, .empty_days = {}}); }
  /// As the night after that day does.
  long long score(Date day) {
    return score_series(*db_, "rides", Instant{(day + 1).days()} + std::chrono::hours(2), {});
  }
  std::string scores() {
    return value(
        "SELECT string_agg(concat_ws(' ', as_of, first_step || '-' || last_step, days, round(mase::numeric, 4), "
        "round(naive_mase::numeric, 4), round(smape::numeric, 2), covered95, covered80), E'\\n' ORDER BY as_of, first_step) FROM "
        "forecast.scores WHERE kind = 'live'");
  }
  std::string told() {
    return value(
        "SELECT string_agg(kind || ' ' || coalesce(subject, ''), E'\\n' ORDER BY id) FROM ops.events");
  }

 private:
  long long revision_ = 100;
};

TEST_F(ForecastLive, ADayThatCameIsScoredWithWhatWasSaidOfIt) {
  add({.name = "rides"});  // 1, 2, 3 … 100: the usual step is 1
  say(kLast, 9, 104);
  EXPECT_EQ(score(kLast), 0) << "nothing has come yet";
  came(kLast + 1, 102);
  EXPECT_EQ(score(kLast + 1), 1);
  EXPECT_EQ(scores(), "2016-08-09 1-1 1 2.0000 2.0000 1.94 1 1");
  say(kLast + 1, 8, 107);
  for (int i = 2; i <= 9; ++i) came(kLast + i, 113);
  EXPECT_EQ(score(kLast + 9), 8);
  // Of nine days: all of the first forecast but two within its first week; seven of the second and one more.
  EXPECT_THAT(
      value(
          "SELECT string_agg(first_step || '-' || last_step || ' ' || days || ' ' || covered95, ',' ORDER BY "
          "first_step) FROM forecast.scores WHERE as_of = '2016-08-17'"),
      "1-7 14 1,8-9 3 1");
}

TEST_F(ForecastLive, OnlyWhatIsNewOrChangedIsScoredAgain) {
  add({.name = "rides"});
  say(kLast, 40, 104);
  for (int i = 1; i <= 35; ++i) came(kLast + i, 104);
  EXPECT_EQ(score(kLast + 35), 35);
  EXPECT_EQ(value("SELECT max(days) FROM (SELECT sum(days) AS days FROM forecast.scores GROUP BY as_of) d"),
            "28");
  EXPECT_EQ(score(kLast + 35), 0);
  const std::string before = scores();
  came(kLast + 35, 104);  // the same again
  EXPECT_EQ(score(kLast + 35), 0);

  db_->query("UPDATE forecast.scores SET scored_at = '2000-01-01'");
  came(kLast + 3, 150);  // late
  EXPECT_EQ(scores(), before) << "until the night";
  EXPECT_EQ(score(kLast + 36), 28);
  EXPECT_NE(scores(), before);
  EXPECT_EQ(
      value("SELECT min(as_of) || ' ' || max(as_of) FROM forecast.scores WHERE scored_at > '2000-01-02'"),
      "2016-08-11 2016-09-07");
  came(kLast + 3, 104);
  EXPECT_EQ(score(kLast + 36), 28);
  EXPECT_EQ(scores(), before);

  // A day that is taken back has no score, and is in nobody's.
  import("rides", {.days = {{kLast + 34, 104}}, .empty_days = {kLast + 35}}, true);
  EXPECT_EQ(score(kLast + 36), 0);
  EXPECT_EQ(value("SELECT max(as_of) FROM forecast.scores"), "2016-09-11");
}

TEST_F(ForecastLive, ADayThatIsNotOverWaits) {
  add({.name = "rides"});
  say(kLast, 3, 104);
  came(kLast + 1, 104);
  EXPECT_EQ(score(kLast), 0);
  EXPECT_EQ(score(kLast + 1), 1);
}

TEST_F(ForecastLive, AForecastOfDaysThatHaveComeIsScoredToo) {
  add({.name = "rides"});
  say(kLast - 10, 5, 95, "pool/1 logs s7+364 o24");
  EXPECT_EQ(score(kLast), 5);
  // The step of a season of seven is 7; naive says 90, a season ago 85 and more.
  EXPECT_EQ(value("SELECT concat_ws(' ', days, round(mase::numeric, 4), round(naive_mase::numeric, 4), "
                  "round(seasonal_mase::numeric, 4)) FROM forecast.scores WHERE as_of = '2016-08-03'"),
            "5 0.2857 0.4286 1.0000");
}

TEST_F(ForecastLive, StepsCountExistingDays) {
  add({.name = "rides", .calendar = "mon"}, 100);  // 15 Mondays; the last is the 8th
  say(kLast, 21, 104);
  came(kLast + 7, 104);
  came(kLast + 14, 104);
  EXPECT_EQ(score(kLast + 14), 2);
  EXPECT_EQ(
      value(
          "SELECT string_agg(concat_ws(' ', as_of, last_step, days), ',' ORDER BY as_of) FROM forecast.scores"),
      "2016-08-15 1 1,2016-08-22 2 2");
}

TEST_F(ForecastLive, ADescriptionThatIsAnotherScoresAnew) {
  add({.name = "rides"});
  say(kLast, 3, 104);
  came(kLast + 1, 104);
  came(kLast + 2, 104);
  EXPECT_EQ(score(kLast + 2), 2);
  db_->transact(
      [&](kernel::Transaction& tx) { add_series(tx, {.name = "rides", .calendar = "mon,tue"}, true); });
  EXPECT_EQ(score(kLast + 2), 1);  // the 10th is a Wednesday
  EXPECT_EQ(value("SELECT string_agg(as_of::text, ',') FROM forecast.scores"), "2016-08-09");
}

/// 28 days of forecasts that are `off` by so much, one day ahead.
class ForecastDrift : public ForecastLive {
 protected:
  void SetUp() override {
    add({.name = "rides"});
    db_->query(
        "INSERT INTO forecast.scores (series, kind, as_of, first_step, last_step, days, mase, naive_mase, seasonal_mase, "
        "covered95, covered80, model_version, scored_at) VALUES ('rides', 'backtest', '2016-08-01', 1, 7, 84, 2, 3, 3, 0.95, "
        "0.8, 'test/1', now())");
    day_ = kLast;
  }
  /// Each day comes as the one before it and one more, and was said to be `off` more than that.
  void days(int count, double off) {
    for (int i = 0; i < count; ++i) {
      const double y = static_cast<double>(day_ - kFirst) + 2;
      say(day_, 1, y + off);
      day_ = day_ + 1;
      came(day_, y);
      score(day_);
    }
  }
  std::string episodes() {
    return value(
        "SELECT string_agg(concat_ws(' ', began, ended, reason, round(mase::numeric, 2), naive_mase, backtest_mase, "
        "round(covered95::numeric, 2)), E'\\n' ORDER BY id) FROM forecast.drifts");
  }
  std::string notices() { return value("SELECT string_agg(text, E'\\n' ORDER BY id) FROM forecast.notices"); }

  Date day_;
};

TEST_F(ForecastDrift, AnErrorBeyondNaiveAndBacktestBeginsAnEpisodeAndItsEndAnother) {
  days(27, 4);  // MASE 4: naive has 1, the backtest 2
  EXPECT_EQ(episodes(), "") << "27 days say nothing";
  days(1, 4);
  EXPECT_EQ(episodes(), "2016-09-05 error 4.00 1 2 1.00");
  EXPECT_EQ(told(), "series_drifts series rides");
  EXPECT_THAT(
      notices(),
      HasSubstr(
          "series rides drifts since 2016-09-05: MASE 4.00 over 28 days, against 1.00 of a naive forecast "
          "and 2.00 of its backtest\n"));
  days(3, 4);  // goes on, and is told of once
  EXPECT_EQ(value("SELECT count(*) FROM forecast.notices"), "1");
  EXPECT_EQ(open_drifts(*db_, "rides").at("rides").began, Date(2016, 9, 5));

  days(7, 0);  // 21 of 28 days at 4 are 3: no more than 1.5 × 2
  EXPECT_EQ(episodes(), "2016-09-05 2016-09-15 error 4.00 1 2 1.00");
  EXPECT_EQ(told(), "series_drifts series rides\nseries_drift_over series rides");
  EXPECT_THAT(open_drifts(*db_), ElementsAre());
  days(1, 60);
  EXPECT_EQ(value("SELECT count(*) || ' ' || count(DISTINCT id) FROM forecast.notices"), "2 2");
}

TEST_F(ForecastDrift, WorseThanNaiveAloneIsNone) {
  days(28, 2.5);  // worse than naive, not than 1.5 × the backtest
  EXPECT_EQ(episodes(), "");
  db_->query("UPDATE forecast.scores SET mase = 0.1 WHERE kind = 'backtest'");
  days(1, -0.5);  // better than naive soon, though far worse than the backtest
  days(27, -0.5);
  EXPECT_EQ(value("SELECT count(*) FROM forecast.drifts WHERE ended IS NULL"), "0");
}

TEST_F(ForecastDrift, BoundsThatDoNotHoldAreOneWithoutABacktest) {
  db_->query("DELETE FROM forecast.scores");
  days(23, 1);
  days(5, 20);  // 5 of 28 outside: 82 %
  EXPECT_EQ(episodes(), "");
  days(1, 20);
  EXPECT_EQ(episodes(), "2016-09-06 coverage 5.07 1 0.79");
  EXPECT_THAT(notices(),
              HasSubstr("drifts since 2016-09-06: the 95 % bounds held 78.6 % of what came over 28 days\n"));
}

TEST_F(ForecastDrift, ABacktestThatKnowsTheBadDaysIsNoExcuse) {
  db_->query(
      "INSERT INTO forecast.scores (series, kind, as_of, first_step, last_step, days, mase, naive_mase, seasonal_mase, "
      "covered95, covered80, model_version, scored_at) VALUES ('rides', 'backtest', '2016-09-01', 1, 7, 84, 9, 9, 9, 0.95, 0.8, "
      "'test/1', now())");
  days(28, 4);
  EXPECT_EQ(episodes(), "2016-09-05 error 4.00 1 2 1.00");
}

}  // namespace
}  // namespace am::forecast
