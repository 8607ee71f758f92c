// Picks that were made elsewhere: all of a file or none, twice is once, nothing is overwritten, two at once, a crash
// anywhere, and what `backfill` makes of them.

#include <future>

#include <gtest/gtest.h>

#include "am/picks/import.hpp"
#include "am/picks/pickers.hpp"
#include "am/picks/schedule.hpp"
#include "support/crash_sweep.hpp"
#include "support/error_of.hpp"
#include "support/picks_desk.hpp"
#include "support/picks_rows.hpp"

namespace am::picks {
namespace {

using test::TestDb;
using test::TestDesk;
using test::value_of;

const std::string kLater = "2025-04-28T14:00:00Z";
const Date kFirstImported(2025, 3, 3);

/// Weeks of three models in turn, beginning with that Monday.
std::vector<ImportedWeek> weeks_of(int n, Date first = kFirstImported) {
  std::vector<ImportedWeek> weeks;
  for (int i = 0; i < n; ++i) {
    weeks.push_back({first + 7 * i,
                     "model-" + std::to_string(i % 3),
                     {{"AAPL", Action::buy, "a"}, {"MSFT", Action::buy, "b"}, {"XOM", Action::sell, "c"}},
                     2 + 3 * i});
  }
  return weeks;
}

ImportOptions came_in(const std::string& at) { return {"hash", test::moment(at), false}; }

class Import : public testing::Test {
 protected:
  ImportResult take(const std::vector<ImportedWeek>& weeks, const ImportOptions& options = came_in(kLater)) {
    TestDesk process(home_, kLater);
    Workbench desk = process.desk();
    return import_weeks(desk, weeks, options);
  }
  BackfillResult backfill(Date last, Picker& picker, const std::string& spec) {
    TestDesk process(home_, kLater);
    Workbench desk = process.add(prices_).desk();
    BackfillOptions options;
    options.run_dates = {kFirstImported, last};
    options.price_source = "fake";
    options.picker_spec = spec;
    return run_backfill(desk, picker, options);
  }
  std::string value(const std::string& sql) { return value_of(*db_, sql); }

  TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  test::FakePrices prices_;
};

TEST_F(Import, WaitsForItsPricesAndTwiceIsOnce) {
  const ImportResult first = take(weeks_of(4));
  EXPECT_EQ(first.stored.size(), 4U);
  EXPECT_EQ(first.hindsight, 4);
  EXPECT_EQ(value("SELECT count(*) FROM batches"), "0");
  EXPECT_EQ(value("SELECT string_agg(DISTINCT status || ' ' || (error->>'message'), ',') FROM ops.runs"),
            "deferred imported; its prices and days come with am backfill");
  const std::string before = test::dump_picks(*db_);
  const ImportResult second = take(weeks_of(4));
  EXPECT_TRUE(second.stored.empty());
  EXPECT_EQ(second.unchanged, 4);
  EXPECT_EQ(test::dump_picks(*db_), before);
  const ImportResult more = take(weeks_of(5));
  EXPECT_EQ(more.stored.size(), 1U);
  EXPECT_EQ(more.unchanged, 4);
}

TEST_F(Import, BecomesBatchesByBackfillWhichAsksNobodyForPicks) {
  take(weeks_of(3), came_in("2025-03-10T12:00:00Z"));  // before the second Monday's 9:00, after the first's
  const auto picker = make_imported_picker();
  const BackfillResult filled = backfill(Date(2025, 3, 31), *picker, std::string(kImported));
  EXPECT_EQ(filled.created.size(), 3U) << "the weeks between that have no picks are none of it";
  EXPECT_TRUE(filled.failures.empty()) << filled.failures[0].error.message();
  EXPECT_EQ(
      value(
          "SELECT string_agg(concat_ws(' ', run_date, status, picker, model, origin), ', ' ORDER BY run_date) "
          "FROM batches JOIN ops.batch_origin ON batch_id = id"),
      "2025-03-03 completed imported model-0 imported, 2025-03-10 completed imported model-1 imported, "
      "2025-03-17 completed imported model-2 imported");
  EXPECT_TRUE(hindsight_possible(*find_batch(*db_, Date(2025, 3, 3))));
  EXPECT_FALSE(hindsight_possible(*find_batch(*db_, Date(2025, 3, 10))));
  EXPECT_EQ(take(weeks_of(3)).unchanged, 3) << "as batches, too";
  EXPECT_EQ(backfill(Date(2025, 3, 31), *picker, std::string(kImported)).batches_unchanged, 3);
}

TEST_F(Import, IsTakenUpWithoutLookaheadByAPickerThatSeesTheFuture) {
  take(weeks_of(1));
  test::FakePicker model({"IBM", "KO", "PEP"}, true);
  EXPECT_EQ(backfill(kFirstImported, model, "openai").created.size(), 1U);
  EXPECT_EQ(model.calls(), 0);
  EXPECT_EQ(test::error_of([&] { backfill(kFirstImported + 7, model, "openai"); }).kind(), ErrorKind::usage)
      << "a week without picks would be asked for";
}

TEST_F(Import, OverwritesNothingAndThenTakesNothing) {
  TestDesk monday(home_, "2025-03-03T14:00:00Z");
  monday.add(prices_);
  Workbench desk = monday.desk();
  test::FakePicker picker({"IBM", "KO", "PEP"});
  WeeklyOptions weekly;
  weekly.run_date = kFirstImported;
  weekly.price_source = "fake";
  run_weekly(desk, picker, weekly);
  take({weeks_of(2).back()});
  desk.ledger.claim(kWeeklyJob, "2025-03-17", "{}").run->fail(Error(ErrorKind::data, "no picks"));
  const std::string before = test::dump_picks(*db_);
  std::vector<ImportedWeek> weeks = weeks_of(4);
  weeks[1].picks[0].action = Action::sell;
  const ImportResult result = take(weeks);
  ASSERT_EQ(result.conflicts.size(), 3U);
  EXPECT_EQ(result.conflicts[0].line, 2);
  EXPECT_EQ(result.conflicts[0].problem, "2025-03-03 has a batch (fake, live), and is never overwritten");
  EXPECT_TRUE(result.conflicts[1].problem.starts_with(
      "2025-03-10 has picks that wait for their prices (imported), with other picks, and is never overwritten; am runs show "))
      << result.conflicts[1].problem;
  EXPECT_TRUE(result.conflicts[2].problem.starts_with("2025-03-17 has a run that is failed, without picks"));
  for (const RowProblem& conflict : result.conflicts)
    EXPECT_EQ(conflict.problem.find("--discard"), std::string::npos) << "a hint destroys nothing";
  EXPECT_EQ(test::dump_picks(*db_), before) << "the fourth week is right, and not taken either";
}

TEST_F(Import, OfFiveHundredRowsOfThreeModelsIsThreeGroups) {
  const ImportResult result = take(weeks_of(167, Date(2022, 1, 3)));  // 501 rows
  EXPECT_EQ(result.stored.size(), 167U);
  EXPECT_EQ(
      value(
          "SELECT string_agg(model || ' ' || n, ', ' ORDER BY model) FROM (SELECT output->>'model' AS model, "
          "count(*) AS n FROM ops.steps GROUP BY 1) m"),
      "model-0 56, model-1 56, model-2 55");
}

TEST_F(Import, TwoAtOnceStoreTheFileOnce) {
  const auto both = [&] { return take(weeks_of(20)); };
  auto other = std::async(std::launch::async, both);
  const ImportResult one = both();
  const ImportResult two = other.get();
  EXPECT_EQ(one.stored.size() + two.stored.size(), 20U);
  EXPECT_EQ(one.unchanged + two.unchanged, 20);
  EXPECT_EQ(value("SELECT count(*) FROM ops.runs"), "20");
  EXPECT_EQ(value("SELECT count(*) FROM ops.events WHERE kind = 'picks_imported'"), "1");
}

TEST_F(Import, LooksAgainWhenAnotherProcessMadeARunMeanwhile) {
  // Between the look and the first insert another process stores the same weeks.
  bool raced = false;
  TestDesk process(home_, kLater, {}, [&](std::string_view what) {
    if (what == "BEGIN" && !std::exchange(raced, true)) take(weeks_of(2));
  });
  Workbench desk = process.desk();
  const ImportResult result = import_weeks(desk, weeks_of(2), came_in(kLater));
  EXPECT_TRUE(raced);
  EXPECT_TRUE(result.stored.empty());
  EXPECT_EQ(result.unchanged, 2);
}

TEST_F(Import, PlansOnADryRun) {
  ImportOptions dry = came_in(kLater);
  dry.dry_run = true;
  EXPECT_EQ(take(weeks_of(2), dry).stored.size(), 2U);
  EXPECT_EQ(value("SELECT count(*) FROM ops.runs"), "0");
}

TEST(ImportSweep, MayDieAtAnyCallAndRunAgain) {
  test::SweptJob job{.desk = test::kSweptPicks};
  job.run = [](const TestDb& home, test::CrashPoint& point) {
    TestDesk process(home, kLater, {}, [&](std::string_view what) { point(what); });
    Workbench desk = process.desk();
    import_weeks(desk, weeks_of(3), came_in(kLater));
  };
  job.after_crash = [](kernel::Sql& sql) {
    const std::string runs = value_of(sql, "SELECT count(*) FROM ops.runs");
    EXPECT_TRUE(runs == "0" || runs == "3") << runs;
  };
  for (const test::Crash crash : {test::Crash::error_once, test::Crash::death, test::Crash::lost_connection})
    EXPECT_GE(test::sweep(job, crash), 6);
}

}  // namespace
}  // namespace am::picks
