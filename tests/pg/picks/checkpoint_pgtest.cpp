// Length: one fixture and one subject; the cases read best in a row.
// The daily job: each of the 14 days stored exactly once, computed or skipped, never guessed.

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "am/kernel/new_york.hpp"
#include "am/market/calendar.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "support/crash_sweep.hpp"
#include "support/error_of.hpp"
#include "support/picks_desk.hpp"
#include "support/picks_rows.hpp"

namespace am::picks {
namespace {

using test::error_of;
using test::FakePicker;
using test::FakePrices;
using test::made_up_close;
using test::TestDesk;
using test::value_of;

const Date kMonday(2025, 3, 3);

class CheckpointJob : public testing::Test {
 protected:
  Batch make(Date run_date = kMonday, FakePicker picker = FakePicker()) {
    TestDesk process(home_, run_date.to_string() + "T15:00:00Z");
    Workbench desk = process.add(prices_).desk();
    WeeklyOptions options;
    options.run_date = run_date;
    options.price_source = "fake";
    return *run_weekly(desk, picker, options).batch;
  }
  /// A moment after day N of the batch is due.
  static std::string after_day(int day, Date run_date = kMonday) {
    return format_rfc3339(checkpoint_due_at(run_date, day) + std::chrono::minutes(10));
  }
  DayResult run_day(int day, const std::string& now, CheckpointOptions options = {},
                    Date run_date = kMonday) {
    TestDesk process(home_, now);
    Workbench desk = process.add(prices_).desk();
    return run_checkpoint(desk, *find_batch(*process.db, run_date), day, options);
  }
  DueResult due(const std::string& now) {
    TestDesk process(home_, now);
    Workbench desk = process.add(prices_).desk();
    return run_due(desk, active_batches(*process.db), {});
  }
  std::string days(Date run_date = kMonday) {
    return value_of(*db_,
                    "SELECT string_agg(to_char(checkpoint_date, 'MM-DD') || left(c.status, 1), ' ' ORDER BY "
                    "checkpoint_date) "
                    "FROM checkpoints c JOIN batches b ON b.id = c.batch_id WHERE b.run_date = $1::date AND "
                    "checkpoint_date >= b.run_date",
                    kernel::sql_values(run_date));
  }
  std::string status(Date run_date = kMonday) {
    return value_of(*db_, "SELECT status FROM batches WHERE run_date = $1::date",
                    kernel::sql_values(run_date));
  }
  std::string events(const std::string& kind) {
    return value_of(*db_, "SELECT count(*) FROM ops.events WHERE kind = $1", kernel::sql_values(kind));
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  FakePrices prices_;
};

TEST_F(CheckpointJob, ComputesADayFromItsOwnSession) {
  make();
  const DayResult day = run_day(1, after_day(1));
  EXPECT_EQ(day.outcome, DayOutcome::computed);
  EXPECT_EQ(day.date, kMonday);
  const Decimal first = Decimal::of(made_up_close("SPY", Date(2025, 2, 28)));
  const Decimal now = Decimal::of(made_up_close("SPY", kMonday));
  EXPECT_EQ(value_of(*db_,
                     "SELECT benchmark_price || ' ' || benchmark_return_pct FROM checkpoints WHERE "
                     "checkpoint_date = '2025-03-03'"),
            now.to_string() + " " + ((now - first) / first * Decimal(100)).to_string());
  EXPECT_EQ(
      value_of(*db_,
               "SELECT count(*) FROM pick_checkpoint_metrics m JOIN checkpoints c ON c.id = m.checkpoint_id "
               "WHERE vs_benchmark_pct = absolute_return_pct - benchmark_return_pct"),
      "3");
  EXPECT_EQ(value_of(*db_,
                     "SELECT current_price::text FROM pick_checkpoint_metrics m JOIN picks p ON p.id = "
                     "m.pick_id WHERE ticker = 'XOM'"),
            made_up_close("XOM", kMonday));
  EXPECT_EQ(events("checkpoint_computed"), "1");
}

TEST_F(CheckpointJob, ARerunChangesNothingAndCallsNobody) {
  make();
  run_day(1, after_day(1));
  const std::string before = test::dump_picks(*db_);
  const int calls = prices_.calls();
  EXPECT_EQ(run_day(1, after_day(5)).outcome, DayOutcome::unchanged);
  const auto found = find_checkpoint(*db_, "latest", 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->date, kMonday);
  EXPECT_FALSE(find_checkpoint(*db_, "latest", 2));
  EXPECT_TRUE(due(after_day(1)).days.empty());
  EXPECT_EQ(test::dump_picks(*db_), before);
  EXPECT_EQ(prices_.calls(), calls);
}

TEST_F(CheckpointJob, StoresEachOfThe14DaysOnce) {
  make();
  for (int day = 1; day <= 14; ++day) {
    EXPECT_EQ(status(), "active");
    for (int again = 0; again < 2; ++again) due(after_day(day));
    EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM checkpoints"), std::to_string(day + 1));
  }
  EXPECT_EQ(
      days(),
      "03-03c 03-04c 03-05c 03-06c 03-07c 03-08s 03-09s 03-10c 03-11c 03-12c 03-13c 03-14c 03-15s 03-16s");
  EXPECT_EQ(status(), "completed");
  EXPECT_EQ(events("batch_completed"), "1");
  EXPECT_EQ(prices_.calls(), 4 + 10 * 4) << "once per symbol and session";
  EXPECT_EQ(due("2025-06-01T14:00:00Z").days.size(), 0U);
}

TEST_F(CheckpointJob, ABatchCaughtUpAtOnceIsTheSameAsOneDayByDay) {
  make();
  for (int day = 1; day <= 14; ++day) due(after_day(day));
  const std::string by_day = test::dump_picks(*db_);
  test::empty_picks(*db_);
  make();
  const DueResult all = due(after_day(14));
  EXPECT_EQ(all.days.size(), 14U);
  EXPECT_EQ(test::dump_picks(*db_), by_day);
}

TEST_F(CheckpointJob, HolidaysAreSkippedWithTheirReason) {
  make(Date(2024, 12, 23));
  due("2025-01-10T15:00:00Z");
  EXPECT_EQ(
      days(Date(2024, 12, 23)),
      "12-23c 12-24c 12-25s 12-26c 12-27c 12-28s 12-29s 12-30c 12-31c 01-01s 01-02c 01-03c 01-04s 01-05s");
  EXPECT_EQ(value_of(*db_,
                     "SELECT string_agg(data->>'reason', ', ' ORDER BY data->>'date') FROM ops.events WHERE "
                     "kind = 'checkpoint_skipped'"),
            "Christmas Day, weekend, weekend, New Year's Day, weekend, weekend");
  EXPECT_EQ(
      value_of(
          *db_,
          "SELECT count(*) FROM checkpoints WHERE status = 'skipped' AND (benchmark_price IS NOT NULL OR "
          "benchmark_return_pct IS NOT NULL)"),
      "0");
  EXPECT_EQ(value_of(*db_,
                     "SELECT count(*) FROM pick_checkpoint_metrics m JOIN checkpoints c ON c.id = "
                     "m.checkpoint_id WHERE c.status = 'skipped'"),
            "0");
}

TEST_F(CheckpointJob, AHolidayMondayHasTheSessionBeforeAsItsBaseline) {
  make(Date(2025, 2, 17));
  due("2025-03-10T14:00:00Z");
  EXPECT_EQ(days(Date(2025, 2, 17)).substr(0, 13), "02-17s 02-18c");
  EXPECT_EQ(value_of(*db_, "SELECT min(checkpoint_date)::text FROM checkpoints"), "2025-02-14");
  EXPECT_EQ(status(Date(2025, 2, 17)), "completed");
}

TEST_F(CheckpointJob, ADayIsDueAtNineInNewYork) {
  make();
  // Before and after the clocks went forward on 2025-03-09.
  for (const auto& [day, before, at] : {std::tuple{1, "2025-03-04T13:59:59Z", "2025-03-04T14:00:00Z"},
                                        {10, "2025-03-13T12:59:59Z", "2025-03-13T13:00:00Z"}}) {
    const Error early = error_of([&, d = day, b = before] { run_day(d, b); });
    EXPECT_EQ(early.kind(), ErrorKind::no_input);
    EXPECT_EQ(early.not_before(), test::moment(at));
    EXPECT_EQ(run_day(day, at).outcome, DayOutcome::computed);
  }
  EXPECT_EQ(error_of([&] { run_day(6, "2025-03-09T12:00:00Z"); }).kind(), ErrorKind::no_input)
      << "a weekend day too";
}

TEST_F(CheckpointJob, ALateCloseIsWaitedForADay) {
  make();
  prices_.hide("AAPL", kMonday);
  const Error late = error_of([&] { run_day(1, "2025-03-04T14:00:00Z"); });
  EXPECT_EQ(late.kind(), ErrorKind::deferred);
  EXPECT_EQ(late.not_before(), test::moment("2025-03-04T15:00:00Z")) << "in an hour";
  const Error last = error_of([&] { run_day(1, "2025-03-05T13:59:59.999999Z"); });
  EXPECT_EQ(last.kind(), ErrorKind::deferred);
  EXPECT_EQ(last.not_before(), test::moment("2025-03-05T14:00:00Z"));
  EXPECT_EQ(days(), "");
  const DayResult skipped = run_day(1, "2025-03-05T14:00:00Z");
  EXPECT_EQ(skipped.outcome, DayOutcome::skipped);
  EXPECT_EQ(skipped.reason, "no close of AAPL");
  EXPECT_TRUE(skipped.gap);
  prices_.show("AAPL", kMonday);
  EXPECT_EQ(run_day(1, "2025-03-06T14:00:00Z").outcome, DayOutcome::unchanged) << "a stored day stays";
}

TEST_F(CheckpointJob, ALateCloseThatComesIsComputed) {
  make();
  prices_.hide("SPY", kMonday);
  EXPECT_EQ(error_of([&] { run_day(1, "2025-03-04T14:00:00Z"); }).kind(), ErrorKind::deferred);
  EXPECT_EQ(prices_.calls(), 5) << "no call beyond the benchmark's";
  prices_.show("SPY", kMonday);
  EXPECT_EQ(run_day(1, "2025-03-05T13:59:59Z").outcome, DayOutcome::computed);
  EXPECT_EQ(
      value_of(*db_, "SELECT attempt || recovered_from FROM ops.runs WHERE job = 'daily_checkpoint_v1'"),
      "2deferred");
}

TEST_F(CheckpointJob, ARehearsalOfLaterGivesNoCloseUpThatIsStillToCome) {
  const Date next = kernel::new_york_date(kernel::SystemClock().now()) + 7;
  const Date monday = next + (7 - static_cast<int>(next.weekday().iso_encoding())) + 1;
  make();
  db_->query("UPDATE batches SET run_date = $1::date", kernel::sql_values(monday));
  int day = 1;
  while (!market::is_session(checkpoint_date(monday, day))) ++day;
  const std::string later = format_rfc3339(checkpoint_due_at(monday, day) + std::chrono::hours(30));
  EXPECT_EQ(error_of([&] { run_day(day, later, {}, monday); }).kind(), ErrorKind::deferred);
  EXPECT_EQ(value_of(*db_,
                     "SELECT count(*) FROM checkpoints c JOIN batches b ON b.id = c.batch_id WHERE "
                     "checkpoint_date >= b.run_date"),
            "0");
}

TEST_F(CheckpointJob, AProviderThatIsAwayNeverSkipsADay) {
  make();
  prices_.fail("*", Error(ErrorKind::unavailable, "no connection"));
  for (const char* now : {"2025-03-04T14:00:00Z", "2025-03-05T14:00:00Z", "2025-05-01T14:00:00Z"}) {
    EXPECT_EQ(error_of([&] { run_day(1, now); }).kind(), ErrorKind::unavailable);
  }
  const int before = prices_.calls();
  const DueResult all = due("2025-05-01T14:00:00Z");
  EXPECT_LE(prices_.calls(), before + 3) << "asked once (by up to three threads), not for each day";
  ASSERT_EQ(all.failures.size(), 1U);
  EXPECT_EQ(all.failures[0].error.kind(), ErrorKind::unavailable);
  EXPECT_EQ(days(), "03-08s 03-09s 03-15s 03-16s") << "closed days need nobody";
  EXPECT_EQ(status(), "active");
  prices_.heal();
  EXPECT_EQ(due("2025-05-01T14:00:00Z").days.size(), 10U);
  EXPECT_EQ(status(), "completed");
}

TEST_F(CheckpointJob, ADayOutOfReachIsAnErrorNotASkip) {
  make();
  prices_.reach_back_to(Date(2025, 3, 10));
  EXPECT_EQ(error_of([&] { run_day(1, "2025-08-01T14:00:00Z"); }).kind(), ErrorKind::data);
  EXPECT_EQ(status(), "active") << "nothing is wrong with the prices";
  const DueResult all = due("2025-08-01T14:00:00Z");
  EXPECT_EQ(all.failures.size(), 5U);
  EXPECT_EQ(days(), "03-08s 03-09s 03-10c 03-11c 03-12c 03-13c 03-14c 03-15s 03-16s");
}

TEST_F(CheckpointJob, TheLastDayCompletesInAnyOrder) {
  make();
  std::vector<int> order = {14, 3, 8, 1, 13, 2, 6, 7, 5, 12, 10, 4, 11, 9};
  for (const int day : order) {
    EXPECT_EQ(status(), "active") << "before day " << day;
    const DayResult result = run_day(day, "2025-03-20T14:00:00Z");
    EXPECT_EQ(result.batch_status, day == 9 ? "completed" : "");
  }
  EXPECT_EQ(status(), "completed");
}

TEST_F(CheckpointJob, TwoLastDaysAtTheSameTimeComplete) {
  for (int round = 0; round < 5; ++round) {
    test::empty_picks(*db_);
    make();
    for (int day = 1; day <= 12; ++day) run_day(day, "2025-03-20T14:00:00Z");
    {
      std::jthread one([&] { run_day(13, "2025-03-20T14:00:00Z"); });
      std::jthread two([&] { run_day(14, "2025-03-20T14:00:00Z"); });
    }
    EXPECT_EQ(status(), "completed");
    EXPECT_EQ(events("batch_completed"), "1");
  }
}

TEST_F(CheckpointJob, TheSameDayAtTheSameTimeIsStoredOnce) {
  make();
  const int before = prices_.calls();
  std::atomic<int> computed{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back(
          [&] { computed += run_day(1, after_day(1)).outcome == DayOutcome::computed ? 1 : 0; });
    }
  }
  EXPECT_EQ(computed, 1);
  EXPECT_EQ(days(), "03-03c");
  EXPECT_EQ(prices_.calls(), before + 4);
  EXPECT_EQ(events("checkpoint_computed"), "1");
}

TEST_F(CheckpointJob, ABadPriceFailsTheBatchUntilASuccess) {
  make();
  prices_.refuse("MSFT", Date(2025, 3, 4), "close \"-3\" is not above zero");
  const DueResult all = due("2025-03-07T15:00:00Z");
  ASSERT_EQ(all.failures.size(), 1U);
  EXPECT_EQ(all.failures[0].error.kind(), ErrorKind::data);
  EXPECT_EQ(all.failures[0].day, 2);
  EXPECT_EQ(days(), "03-03c") << "the later days wait for a human";
  EXPECT_EQ(status(), "failed");
  EXPECT_EQ(events("batch_failed"), "1");
  EXPECT_TRUE(active_batches(*db_).empty());
  EXPECT_TRUE(due("2025-03-07T15:00:00Z").days.empty());
  EXPECT_EQ(error_of([&] { run_day(2, "2025-03-07T15:00:00Z"); }).kind(), ErrorKind::data);
  EXPECT_EQ(events("batch_failed"), "1") << "said once";

  EXPECT_EQ(run_day(3, "2025-03-07T15:00:00Z").batch_status, "active");
  EXPECT_EQ(active_batches(*db_).size(), 1U);
  prices_.accept("MSFT", Date(2025, 3, 4));
  EXPECT_EQ(run_day(2, "2025-03-07T15:00:00Z").outcome, DayOutcome::computed);
  due("2025-03-20T15:00:00Z");
  EXPECT_EQ(status(), "completed");
}

TEST_F(CheckpointJob, ABaselineOfZeroFailsTheBatch) {
  make();
  db_->query("UPDATE batches SET benchmark_initial_price = 0");
  EXPECT_EQ(error_of([&] { run_day(1, after_day(1)); }).kind(), ErrorKind::data);
  EXPECT_EQ(status(), "failed");
  EXPECT_EQ(days(), "");
}

TEST_F(CheckpointJob, AFailedBatchThatIsFilledUpIsCompleted) {
  make();
  for (int day = 1; day <= 13; ++day) run_day(day, "2025-03-20T14:00:00Z");
  db_->query("UPDATE batches SET status = 'failed'");
  EXPECT_EQ(run_day(14, "2025-03-20T14:00:00Z").batch_status, "completed");
}

TEST_F(CheckpointJob, ForceRecomputesAndACompletedBatchStaysCompleted) {
  make();
  due("2025-03-20T14:00:00Z");
  ASSERT_EQ(status(), "completed");
  const std::string before = test::dump_picks(*db_);
  db_->query("UPDATE checkpoints SET benchmark_return_pct = 99 WHERE checkpoint_date = '2025-03-04'");
  db_->query(
      "UPDATE pick_checkpoint_metrics SET current_price = 99 WHERE checkpoint_id = "
      "(SELECT id FROM checkpoints WHERE checkpoint_date = '2025-03-04')");
  EXPECT_EQ(run_day(2, "2025-03-20T14:00:00Z").outcome, DayOutcome::unchanged);
  CheckpointOptions force;
  force.force = true;
  const DayResult again = run_day(2, "2025-03-20T14:00:00Z", force);
  EXPECT_EQ(again.outcome, DayOutcome::computed);
  EXPECT_EQ(again.batch_status, "");
  EXPECT_EQ(status(), "completed");
  EXPECT_EQ(events("checkpoint_computed"), "11");
  db_->query("DELETE FROM ops.events WHERE id = (SELECT max(id) FROM ops.events)");
  EXPECT_EQ(test::dump_picks(*db_), before);

  FakePrices bad;
  bad.refuse("SPY", Date(2025, 3, 4), "close \"x\" is not a number");
  db_->query("DELETE FROM market.daily_closes WHERE day = '2025-03-04'");
  TestDesk process(home_, "2025-03-20T14:00:00Z");
  Workbench desk = process.add(bad).desk();
  EXPECT_EQ(error_of([&] { run_checkpoint(desk, *find_batch(*db_, kMonday), 2, force); }).kind(),
            ErrorKind::data);
  EXPECT_EQ(status(), "completed") << "every figure is there, and stays";
  EXPECT_EQ(days().substr(0, 13), "03-03c 03-04c");
}

TEST_F(CheckpointJob, ForceNeverReplacesAFigureByAGap) {
  make();
  run_day(1, after_day(1));
  db_->query("DELETE FROM market.daily_closes");
  prices_.hide("SPY", kMonday);
  CheckpointOptions force;
  force.force = true;
  EXPECT_EQ(error_of([&] { run_day(1, "2025-04-01T14:00:00Z", force); }).kind(), ErrorKind::data);
  EXPECT_EQ(days(), "03-03c");
}

TEST_F(CheckpointJob, ADayIsGivenUpByHandOnlyAfterItsGrace) {
  make();
  CheckpointOptions skip;
  skip.skip_reason = "nobody has it";
  EXPECT_EQ(error_of([&] { run_day(1, "2025-03-05T13:59:59Z", skip); }).kind(), ErrorKind::usage);
  EXPECT_EQ(days(), "");
  const DayResult day = run_day(1, "2025-03-05T14:00:00Z", skip);
  EXPECT_EQ(day.outcome, DayOutcome::skipped);
  EXPECT_EQ(day.reason, "given up by hand: nobody has it");
  EXPECT_TRUE(day.gap);
  EXPECT_EQ(days(), "03-03s");
}

TEST_F(CheckpointJob, ADryRunTouchesNothing) {
  make();
  const int calls = prices_.calls();
  CheckpointOptions dry;
  dry.dry_run = true;
  EXPECT_EQ(run_day(1, after_day(1), dry).outcome, DayOutcome::planned);
  EXPECT_EQ(days(), "");
  EXPECT_EQ(prices_.calls(), calls);
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM ops.runs WHERE job = 'daily_checkpoint_v1'"), "0");
}

TEST_F(CheckpointJob, TwoOverlappingBatchesCostOneCallPerSymbol) {
  make();
  make(Date(2025, 3, 10), FakePicker({"AAPL", "IBM", "KO"}));
  due("2025-03-11T12:00:00Z");  // the first week of the first batch
  const auto before = prices_.asked().size();
  const DueResult day = due("2025-03-11T14:00:00Z");  // 2025-03-10 for both
  EXPECT_EQ(day.days.size(), 2U);
  std::vector<std::string> asked = prices_.asked();
  asked.erase(asked.begin(), asked.begin() + static_cast<std::ptrdiff_t>(before));
  std::ranges::sort(asked);
  EXPECT_EQ(asked, (std::vector<std::string>{"AAPL", "IBM", "KO", "MSFT", "SPY", "XOM"}));
}

TEST_F(CheckpointJob, OneFailingBatchDoesNotStopTheOthers) {
  make();
  make(Date(2025, 3, 10), FakePicker({"IBM", "KO", "PEP"}));
  make(Date(2025, 3, 17), FakePicker({"JNJ", "PG", "GE"}));
  prices_.refuse("XOM", kMonday, "close \"0\" is not above zero");
  prices_.hide("JNJ", Date(2025, 3, 19));
  const DueResult all = due("2025-03-20T14:00:00Z");
  EXPECT_EQ(status(), "failed");
  EXPECT_EQ(status(Date(2025, 3, 10)), "active");
  EXPECT_EQ(days(Date(2025, 3, 10)), "03-10c 03-11c 03-12c 03-13c 03-14c 03-15s 03-16s 03-17c 03-18c 03-19c");
  EXPECT_EQ(days(Date(2025, 3, 17)), "03-17c 03-18c");
  ASSERT_EQ(all.failures.size(), 2U);
  ExitCode worst = ExitCode::ok;
  for (const DayFailure& failure : all.failures) worst = worse(worst, failure.error.exit_code());
  EXPECT_EQ(worst, ExitCode::data) << "65 before 75";
}

TEST_F(CheckpointJob, AStopEndsBetweenTwoDays) {
  make();
  TestDesk process(home_, "2025-03-20T14:00:00Z");
  prices_.on_call([&](const std::string&) {
    if (prices_.calls() == 4 + 4) process.stop.request(SIGINT);  // in the middle of day 1
  });
  Workbench desk = process.add(prices_).desk();
  EXPECT_EQ(error_of([&] { run_due(desk, active_batches(*db_), {}); }).kind(), ErrorKind::interrupted);
  EXPECT_EQ(days(), "03-03c") << "what was begun is finished";
  EXPECT_EQ(due("2025-03-20T14:00:00Z").days.size(), 13U);
}

TEST_F(CheckpointJob, AWarningOfASplitIsKeptWithTheDay) {
  make();
  prices_.set("AAPL", kMonday, "1000");
  const DayResult day = run_day(1, after_day(1));
  EXPECT_EQ(day.outcome, DayOutcome::computed);
  ASSERT_EQ(day.unexplained.size(), 1U);
  EXPECT_EQ(value_of(*db_, "SELECT data->'warnings'->>0 FROM ops.events WHERE kind = 'checkpoint_computed'"),
            day.unexplained[0].text());
}

TEST_F(CheckpointJob, ABatchOfTheEarlierServiceGoesOn) {
  FakePrices vantage("alpha-vantage");
  for (const bool with_origin : {true, false}) {
    test::empty_picks(*db_);
    make();
    db_->query("DELETE FROM ops.batch_origin");
    db_->query("DELETE FROM ops.runs");
    if (with_origin) {
      db_->query(
          "INSERT INTO ops.batch_origin (batch_id, picker, price_source, origin) SELECT id, 'openai', "
          "'alpha-vantage', 'adopted' "
          "FROM batches");
    }
    TestDesk process(home_, "2025-03-20T14:00:00Z");
    Workbench desk = process.add(vantage).desk();
    const std::vector<Batch> batches = active_batches(*process.db);
    ASSERT_EQ(batches.size(), 1U);
    EXPECT_EQ(batches[0].origin, "adopted");
    const DueResult all = run_due(desk, batches, {});
    EXPECT_TRUE(all.failures.empty()) << all.failures.front().error.message();
    EXPECT_EQ(status(), "completed");
  }
}

TEST_F(CheckpointJob, ADeadProcessInTheMiddleOfADayIsTakenOver) {
  const Batch batch = make();
  TestDesk dead(home_, after_day(1));
  const kernel::Claim claim = dead.ledger.claim(kCheckpointJob, batch.id + ":1", "{}");
  test::bury_holders(*db_);
  EXPECT_EQ(run_day(1, after_day(1)).outcome, DayOutcome::computed);
  EXPECT_EQ(value_of(*db_, "SELECT status || recovered_from FROM ops.runs WHERE job = 'daily_checkpoint_v1'"),
            "donelost");
}

}  // namespace
}  // namespace am::picks
