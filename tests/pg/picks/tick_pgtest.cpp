// A year of ticks on the bundled market, as a scheduler on a poor machine fires them: each a process of its own, with
// outages, doubles and two at once, over both clock changes. And what a tick makes of what was put off.

#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "am/kernel/new_york.hpp"
#include "am/market/market_dir.hpp"
#include "am/picks/due.hpp"
#include "am/picks/pickers.hpp"
#include "am/picks/schedule.hpp"
#include "support/picks_desk.hpp"
#include "support/soak.hpp"

namespace am::picks {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using test::TestDb;
using test::TestDesk;

market::CsvMarket& market_of_2000() {
  static market::CsvMarket csv(AM_SOURCE_DIR "/examples/market");
  return csv;
}

kernel::LedgerOptions as_of(Instant now) {
  kernel::LedgerOptions options;
  options.business_now = now;
  return options;
}

/// One firing: a process with its own connection.
TickResult tick(const TestDb& home, Instant now, long long most = 1'000'000) {
  TestDesk desk(home, format_rfc3339(now), as_of(now));
  desk.add(market_of_2000());
  const std::unique_ptr<Picker> picker = make_momentum_picker(market_of_2000(), market_of_2000().universe());
  Workbench parts = desk.desk();
  return run_tick(
      parts,
      [&](Date run_date) {
        WeeklyOptions options;
        options.run_date = run_date;
        options.benchmark = "SPX";
        options.price_source = market_of_2000().source();
        return run_weekly(parts, *picker, options);
      },
      most);
}

/// What the desk holds, without ids.
std::string dump(kernel::Sql& sql) {
  std::string text;
  const kernel::Rows rows = sql.query(
      "SELECT to_char(b.run_date, 'YYYY-MM-DD') || ' ' || b.status || ' ' || b.benchmark_initial_price || ' ' || "
      "to_char(c.checkpoint_date, 'YYYY-MM-DD') || ' ' || c.status || ' ' || coalesce(c.benchmark_return_pct::text, '-') "
      "|| coalesce((SELECT string_agg(' ' || p.ticker || ' ' || p.action || ' ' || m.vs_benchmark_pct, '' ORDER BY "
      "p.ticker) FROM pick_checkpoint_metrics m JOIN picks p ON p.id = m.pick_id WHERE m.checkpoint_id = c.id), '') AS "
      "line FROM batches b JOIN checkpoints c ON c.batch_id = b.id ORDER BY b.run_date, c.checkpoint_date");
  for (std::size_t i = 0; i < rows.size(); ++i) text += rows[i].text("line") + "\n";
  return text;
}

/// Firings from minutes to a day apart, six outages of up to five days, the clock changes' nights every half hour.
std::vector<Instant> poor_schedule(std::mt19937& random, Date first, Date last) {
  std::vector<Instant> all;
  Instant at = kernel::new_york_instant(first, hours(8));
  const Instant end = kernel::new_york_instant(last, hours(23));
  while (at < end) {
    all.push_back(at);
    if (random() % 8 == 0) all.push_back(at);  // twice
    const Date day = kernel::new_york_date(at);
    const bool clock_change = day == Date(2000, 4, 2) || day == Date(2000, 10, 29);
    if (clock_change) {
      at += minutes(30);
    } else if (random() % 60 == 0) {
      at += hours(24 + random() % 96);
    } else {
      at += minutes(20 + random() % 1400);
    }
  }
  all.push_back(end);
  return all;
}

// A quarter with the clock change of its spring; in make soak the year, with both.
TEST(Tick, APoorMachineDoesEverySlotOnce) {
  const int weeks = test::size_of("AM_SOAK_WEEKS", 13);
  const Date first(2000, 1, 10);
  const Date last_monday = first + 7 * (weeks - 1);
  const Instant back_again = kernel::new_york_instant(last_monday + 15, hours(12));
  const TestDb home;
  std::mt19937 random(2000);
  std::set<std::string> done;
  const auto db = home.open();
  // The machine is switched off for good on the Sunday after the last batch's last day.
  const std::vector<Instant> firings = poor_schedule(random, first, last_monday + 5);
  std::map<Date, int> last_day;
  int at_once = 0;
  for (std::size_t i = 0; i < firings.size(); ++i) {
    const Instant now = firings[i];
    std::vector<TickResult> results(1);
    if (i % 40 == 7) {  // two at once
      results.resize(2);
      ++at_once;
      std::thread other([&] { results[1] = tick(home, now); });
      results[0] = tick(home, now);
      other.join();
    } else {
      results[0] = tick(home, now);
    }
    for (const TickResult& result : results) {
      for (const DayFailure& failure : result.slots.failures)
        EXPECT_EQ(failure.error.kind(), ErrorKind::busy) << failure.error.message();
      for (const WeeklyResult& week : result.weeks) {
        if (!week.created) continue;
        EXPECT_TRUE(done.insert(week.batch->run_date.to_string()).second);
        EXPECT_EQ(week.batch->run_date, current_run_date(now));
        EXPECT_GE(now, kernel::new_york_instant(week.batch->run_date, hours(9))) << "early";
      }
      for (const DayResult& day : result.slots.days) {
        if (day.outcome == DayOutcome::unchanged) continue;  // the other one was faster
        EXPECT_TRUE(done.insert(day.run_date.to_string() + ":" + std::to_string(day.day)).second);
        EXPECT_GE(now, checkpoint_due_at(day.run_date, day.day)) << "early";
        if (results.size() == 1) {
          EXPECT_EQ(day.day, last_day[day.run_date] + 1) << "out of order";
        }
        last_day[day.run_date] = std::max(last_day[day.run_date], day.day);
      }
    }
    if (HasFailure()) break;
  }
  EXPECT_GE(firings.size(), 10U * static_cast<unsigned>(weeks));
  EXPECT_GE(at_once, weeks / 4);
  tick(home, back_again);

  // The same weeks done at leisure.
  const TestDb calm;
  TestDesk desk(calm, format_rfc3339(back_again));
  desk.add(market_of_2000());
  Workbench parts = desk.desk();
  BackfillOptions options;
  options.run_dates = {first, last_monday};
  options.benchmark = "SPX";
  options.price_source = market_of_2000().source();
  run_backfill(parts, *make_momentum_picker(market_of_2000(), market_of_2000().universe()), options);
  // The tick that came back also made the batch of the week in which it did: that one is left out.
  db->query(
      "DELETE FROM ops.batch_origin WHERE batch_id IN (SELECT id FROM batches WHERE run_date > $1::date)",
      kernel::sql_values(last_monday));
  const std::string of_ticks = dump(*db);
  const std::string at_leisure = dump(*desk.db);
  EXPECT_EQ(of_ticks.substr(0, of_ticks.find((last_monday + 14).to_string() + " active")), at_leisure);
}

TEST(Tick, TakesNoMoreThanItMay) {
  const TestDb home;
  tick(home, test::moment("2000-06-05T13:00:00Z"));
  const Instant later = test::moment("2000-06-09T14:00:00Z");
  const TickResult some = tick(home, later, 3);
  ASSERT_EQ(some.slots.days.size(), 3U);
  EXPECT_EQ(some.slots.days[0].day, 1);
  EXPECT_EQ(some.slots.days[2].day, 3);
  EXPECT_EQ(some.left, 1);
  const TickResult rest = tick(home, later);
  ASSERT_EQ(rest.slots.days.size(), 1U);
  EXPECT_EQ(rest.slots.days[0].day, 4);
}

TEST(Tick, ABatchThatComesLateHasItsDaysAtOnce) {
  const TestDb home;
  const TickResult thursday = tick(home, test::moment("2000-06-08T14:00:00Z"));
  ASSERT_EQ(thursday.weeks.size(), 1U);
  EXPECT_TRUE(thursday.weeks[0].created);
  EXPECT_EQ(thursday.slots.days.size(), 3U);
  EXPECT_TRUE(tick(home, test::moment("2000-06-08T14:05:00Z")).weeks.empty());
}

/// A desk over a vendor from memory.
struct VendorTick {
  explicit VendorTick(const TestDb& home) : home_(home) {}
  TickResult operator()(const std::string& now) {
    TestDesk desk(home_, now, as_of(test::moment(now)));
    desk.add(prices);
    Workbench parts = desk.desk();
    return run_tick(
        parts,
        [&](Date run_date) {
          WeeklyOptions options;
          options.run_date = run_date;
          options.price_source = prices.source();
          return run_weekly(parts, picker, options);
        },
        1000);
  }
  test::FakePrices prices;
  test::FakePicker picker;

 private:
  const TestDb& home_;
};

TEST(Tick, AFailedSlotRestsLongerEachTime) {
  const TestDb home;
  VendorTick at(home);
  at.picker.fail(Error(ErrorKind::data, "the answer is no picks"));
  EXPECT_EQ(at("2025-03-03T14:00:00Z").slots.failures.size(), 1U);
  EXPECT_EQ(at("2025-03-03T14:04:00Z").waiting, 1) << "5 minutes";
  EXPECT_EQ(at.picker.calls(), 1);
  EXPECT_EQ(at("2025-03-03T14:05:00Z").slots.failures.size(), 1U);
  EXPECT_EQ(at("2025-03-03T14:14:00Z").waiting, 1) << "10 minutes";
  at.picker.fail({});
  EXPECT_EQ(at("2025-03-03T14:15:00Z").weeks.size(), 1U);
  EXPECT_EQ(at.picker.calls(), 3);
  EXPECT_EQ(at("2025-03-03T14:20:00Z").waiting, 0);
}

TEST(Tick, ALateCloseIsAskedForEverMoreRarely) {
  const TestDb home;
  VendorTick at(home);
  at("2025-03-03T14:00:00Z");
  at.prices.hide("SPY", Date(2025, 3, 3));
  const int before = at.prices.calls("SPY");
  long long waiting = 0;
  for (Instant now = test::moment("2025-03-04T14:00:00Z"); now < test::moment("2025-03-05T13:55:00Z");
       now += minutes(5))
    waiting += at(format_rfc3339(now)).waiting;
  EXPECT_GE(waiting, 250) << "of 287 ticks of a day";
  EXPECT_LE(at.prices.calls("SPY") - before, 14);
  at.prices.show("SPY", Date(2025, 3, 3));
  EXPECT_EQ(at("2025-03-05T20:00:00Z").slots.days.front().outcome, DayOutcome::computed);
}

TEST(Tick, AGapRestsWhileItsSourceIsAway) {
  const TestDb home;
  VendorTick at(home);
  at("2025-03-03T14:00:00Z");
  at.prices.fail("*", Error(ErrorKind::unavailable, "the vendor is away"));
  const int before = at.prices.calls();
  EXPECT_EQ(at("2025-03-07T14:00:00Z").slots.failures.size(), 1U) << "told of once, four days put off";
  for (int minute = 5; minute <= 120; minute += 5)
    at(format_rfc3339(test::moment("2025-03-07T14:00:00Z") + minutes(minute)));
  EXPECT_EQ(test::value_of(*home.open(),
                           "SELECT string_agg(status || ' ' || attempt, ', ') FROM ops.runs WHERE job = "
                           "'daily_checkpoint_v1'"),
            "failed 5, failed 5, failed 5, failed 5")
      << "after 0, 5, 15, 35 and 75 minutes";
  EXPECT_LE(at.prices.calls() - before, 5 * 3) << "three are asked at once, and the first failure ends it";
  at.prices.heal();
  EXPECT_EQ(at("2025-03-07T17:00:00Z").slots.days.size(), 4U);
}

TEST(Tick, ASourceThatAnotherProcessAsksIsWaitedForOnce) {
  const TestDb home;
  const auto db = home.open();
  VendorTick at(home);
  at("2025-03-03T14:00:00Z");
  db->query(
      "UPDATE ops.runs SET status = 'running', holder = NULL, lease_until = clock_timestamp() + interval '1 hour' WHERE "
      "job = 'fetch_closes_v1'");
  const Instant now = test::moment("2025-03-07T14:00:00Z");
  kernel::LedgerOptions options = as_of(now);
  options.max_wait = std::chrono::milliseconds(200);
  TestDesk desk(home, format_rfc3339(now), options);
  desk.add(at.prices);
  Workbench parts = desk.desk();
  const TickResult result = run_tick(parts, [](Date) -> WeeklyResult { return {}; }, 1000);
  ASSERT_EQ(result.slots.failures.size(), 1U) << "four days are due";
  EXPECT_EQ(result.slots.failures[0].error.kind(), ErrorKind::busy);
}

TEST(Tick, WhatIsAtHandIsDoneWhileItsSourceIsAway) {
  const TestDb home;
  VendorTick at(home);
  at("2025-03-03T14:00:00Z");
  EXPECT_EQ(at("2025-03-04T14:00:00Z").slots.days.size(), 1U);
  const auto db = home.open();  // the day is gone, its closes are kept
  db->query(
      "DELETE FROM pick_checkpoint_metrics m USING checkpoints c WHERE c.id = m.checkpoint_id AND c.checkpoint_date = "
      "'2025-03-03'");
  db->query("DELETE FROM checkpoints WHERE checkpoint_date = '2025-03-03'");
  at.prices.fail("*", Error(ErrorKind::unavailable, "the vendor is away"));
  const TickResult result = at("2025-03-06T14:00:00Z");
  ASSERT_EQ(result.slots.days.size(), 1U);
  EXPECT_EQ(result.slots.days[0].day, 1);
  EXPECT_EQ(result.slots.failures.size(), 1U);
}

TEST(Tick, WhatNeverGotARunTakesNobodysPlace) {
  const TestDb home;
  tick(home, test::moment("2000-06-05T13:00:00Z"));
  TestDesk desk(home, "2000-06-13T14:00:00Z", as_of(test::moment("2000-06-13T14:00:00Z")));
  desk.add(market_of_2000());
  Workbench parts = desk.desk();
  const TickResult result = run_tick(
      parts, [](Date) -> WeeklyResult { throw Error(ErrorKind::config, "OPENAI_API_KEY: not set"); }, 9);
  EXPECT_EQ(result.slots.failures.size(), 1U);
  EXPECT_EQ(result.slots.days.size(), 8U);
  EXPECT_EQ(result.left, 0);
}

TEST(Tick, WhatIsLeftIsCountedOnce) {
  const TestDb home;
  const TickResult thursday = tick(home, test::moment("2000-06-08T14:00:00Z"), 2);
  EXPECT_TRUE(thursday.weeks.at(0).created);
  EXPECT_EQ(thursday.slots.days.size(), 1U);
  EXPECT_EQ(thursday.left, 2) << "of the batch's three days";
}

TEST(Tick, ARehearsalOfLaterPutsNothingOffToday) {
  const TestDb home;
  VendorTick at(home);
  at.picker.fail(Error(ErrorKind::data, "the answer is no picks"));
  EXPECT_EQ(at("2025-03-04T15:00:00Z").slots.failures.size(), 1U);
  at.picker.fail({});
  EXPECT_EQ(at("2025-03-03T14:00:00Z").weeks.size(), 1U);
}

TEST(Tick, WhatIsAbandonedOrHeldIsLeftAlone) {
  const TestDb home;
  const auto db = home.open();
  VendorTick at(home);
  at("2025-03-03T14:00:00Z");
  db->query(
      "INSERT INTO ops.runs (id, job, slot, status, version, lease_until) SELECT gen_random_uuid(), "
      "'daily_checkpoint_v1', id || ':' || day, CASE day WHEN 1 THEN 'abandoned' ELSE 'running' END, 'x', "
      "clock_timestamp() + interval '1 hour' FROM batches, generate_series(1, 2) AS day");
  const TickResult result = at("2025-03-06T14:00:00Z");
  EXPECT_EQ(result.running, 1);
  EXPECT_TRUE(result.slots.failures.empty());
  ASSERT_EQ(result.slots.days.size(), 1U);
  EXPECT_EQ(result.slots.days[0].day, 3);
}

}  // namespace
}  // namespace am::picks
