// The backfill: missing weeks and their missing days from history, resumable, with as few calls as possible.

#include <csignal>

#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/picks_desk.hpp"
#include "support/picks_rows.hpp"

namespace am::picks {
namespace {

using test::error_of;
using test::FakePicker;
using test::FakePrices;
using test::TestDesk;
using test::value_of;

const Date kFirst(2025, 3, 3);
const Date kLast(2025, 3, 17);

class BackfillJob : public testing::Test {
 protected:
  static BackfillOptions options(Date first = kFirst, Date last = kLast) {
    BackfillOptions backfill;
    backfill.run_dates = {first, last};
    backfill.price_source = "fake";
    return backfill;
  }
  BackfillResult run(TestDesk& process, const BackfillOptions& backfill = options()) {
    Workbench desk = process.add(prices_).desk();
    return run_backfill(desk, picker_, backfill);
  }
  BackfillResult run(const std::string& now, const BackfillOptions& backfill = options()) {
    TestDesk process(home_, now);
    return run(process, backfill);
  }
  std::string count(const std::string& what) { return value_of(*db_, "SELECT count(*) FROM " + what); }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  FakePrices prices_;
  FakePicker picker_;
};

TEST_F(BackfillJob, FillsTheWeeksWithFewCalls) {
  const BackfillResult result = run("2025-05-01T14:00:00Z");
  EXPECT_EQ(result.created, (std::vector<std::string>{"2025-03-03", "2025-03-10", "2025-03-17"}));
  EXPECT_EQ(result.computed, 30);
  EXPECT_EQ(result.skipped, 12);
  EXPECT_EQ(result.unchanged, 0);
  EXPECT_TRUE(result.failures.empty());
  EXPECT_EQ(count("batches WHERE status = 'completed'"), "3");
  EXPECT_EQ(count("ops.batch_origin WHERE origin = 'backfill'"), "3");
  EXPECT_EQ(prices_.calls(), 4 + 3 * 4)
      << "one per symbol for the first baseline, then one per symbol and week";
}

TEST_F(BackfillJob, ARerunChangesNothingAndCallsNobody) {
  run("2025-05-01T14:00:00Z");
  const std::string before = test::dump_picks(*db_);
  const int calls = prices_.calls();
  const BackfillResult again = run("2025-05-02T14:00:00Z");
  EXPECT_TRUE(again.created.empty());
  EXPECT_EQ(again.batches_unchanged, 3);
  EXPECT_EQ(again.unchanged, 42);
  EXPECT_EQ(again.computed + again.skipped, 0);
  EXPECT_EQ(prices_.calls(), calls);
  EXPECT_EQ(picker_.calls(), 3);
  EXPECT_EQ(test::dump_picks(*db_), before);
}

TEST_F(BackfillJob, GoesNoFurtherThanToday) {
  const BackfillResult result = run("2025-03-19T14:00:00Z", options(Date(2025, 3, 4), Date(2025, 12, 31)));
  EXPECT_EQ(result.created, (std::vector<std::string>{"2025-03-10", "2025-03-17"}))
      << "the Mondays within the range that have come";
  EXPECT_EQ(count("checkpoints c JOIN batches b ON b.id = c.batch_id WHERE checkpoint_date >= run_date"),
            "11");
  EXPECT_EQ(
      error_of([&] { run("2025-03-19T14:00:00Z", options(Date(2025, 3, 18), Date(2025, 3, 22))); }).kind(),
      ErrorKind::usage);
}

TEST_F(BackfillJob, GoesOnWithAWeekThatIsHalfThere) {
  run("2025-03-07T15:00:00Z", options(kFirst, kFirst));
  EXPECT_EQ(count("checkpoints"), "5");
  const BackfillResult rest = run("2025-05-01T14:00:00Z", options(kFirst, kFirst));
  EXPECT_EQ(rest.unchanged, 4);
  EXPECT_EQ(rest.computed, 6);
  EXPECT_EQ(rest.skipped, 4);
  test::empty_picks(*db_);
  run("2025-05-01T14:00:00Z", options(kFirst, kFirst));
  EXPECT_EQ(count("batches WHERE status = 'completed'"), "1");
}

TEST_F(BackfillJob, AStopBetweenTwoItemsIsTakenUpAgain) {
  TestDesk undisturbed(home_, "2025-05-01T14:00:00Z");
  run(undisturbed);
  const std::string expected = test::dump_picks(*db_);
  test::empty_picks(*db_);
  {
    TestDesk stopped(home_, "2025-05-01T14:00:00Z");
    BackfillOptions stopping = options();
    stopping.progress = [&](std::size_t done, std::size_t of) {
      EXPECT_EQ(of, 3U);
      if (done == 2) stopped.stop.request(SIGTERM);
    };
    EXPECT_EQ(error_of([&] { run(stopped, stopping); }).kind(), ErrorKind::terminated);
    EXPECT_EQ(count("batches"), "2");
  }
  run("2025-05-01T14:00:00Z");
  EXPECT_EQ(test::dump_picks(*db_), expected);
}

TEST_F(BackfillJob, APickerThatSeesTheFutureIsRefused) {
  FakePicker oracle({"AAPL", "MSFT", "XOM"}, true);
  TestDesk process(home_, "2025-05-01T14:00:00Z");
  Workbench desk = process.add(prices_).desk();
  EXPECT_EQ(error_of([&] { run_backfill(desk, oracle, options()); }).kind(), ErrorKind::usage);
  EXPECT_EQ(count("ops.runs"), "0");
  BackfillOptions allowed = options();
  allowed.allow_lookahead = true;
  EXPECT_EQ(run_backfill(desk, oracle, allowed).created.size(), 3U);
}

TEST_F(BackfillJob, ABadWeekDoesNotStopTheOthers) {
  prices_.refuse("AAPL", Date(2025, 3, 7),
                 "close \"0\" is not above zero");  // the baseline of the second week
  const BackfillResult result = run("2025-05-01T14:00:00Z");
  EXPECT_EQ(result.created, (std::vector<std::string>{"2025-03-03", "2025-03-17"}));
  ASSERT_EQ(result.failures.size(), 2U);
  EXPECT_EQ(result.failures[0].day, 5);
  EXPECT_EQ(result.failures[0].error.kind(), ErrorKind::data);
  EXPECT_EQ(result.failures[1].day, 0);
  EXPECT_EQ(value_of(*db_, "SELECT status FROM batches WHERE run_date = '2025-03-03'"), "failed");
  EXPECT_EQ(value_of(*db_, "SELECT status FROM batches WHERE run_date = '2025-03-17'"), "completed");
  EXPECT_EQ(result.unchanged, 0) << "days that nobody looked at are not called unchanged";
}

TEST_F(BackfillJob, DaysThatCouldNotBeAskedForAreNotCalledUnchanged) {
  run("2025-03-03T15:00:00Z", options(kFirst, kFirst));
  const int asked = prices_.calls();
  prices_.on_call([&](const std::string&) {
    if (prices_.calls() > asked + 4) throw Error(ErrorKind::unavailable, "no connection");
  });
  prices_.hide("SPY", kFirst);  // the prefetch leaves a hole, so the day asks again
  const BackfillResult result = run("2025-03-10T15:00:00Z", options(kFirst, kFirst));
  EXPECT_EQ(result.failures.size(), 1U);
  EXPECT_EQ(result.unchanged, 0);
  EXPECT_EQ(result.skipped, 2);
}

TEST_F(BackfillJob, ADryRunTouchesNothing) {
  BackfillOptions dry = options();
  dry.dry_run = true;
  const BackfillResult plan = run("2025-05-01T14:00:00Z", dry);
  EXPECT_EQ(plan.created.size(), 3U);
  EXPECT_EQ(picker_.calls() + prices_.calls(), 0);
  EXPECT_EQ(count("ops.runs"), "0");
}

TEST_F(BackfillJob, ASpentBudgetEndsItAndTheRestFollows) {
  prices_.on_call([&](const std::string&) {
    if (prices_.calls() > 6)
      throw Error(ErrorKind::deferred, "the budget is spent")
          .retry_after(test::moment("2025-05-02T00:00:00Z"));
  });
  const BackfillResult first = run("2025-05-01T14:00:00Z");
  ASSERT_FALSE(first.failures.empty());
  EXPECT_EQ(first.failures.back().error.kind(), ErrorKind::deferred);
  EXPECT_TRUE(first.failures.back().error.not_before());
  EXPECT_EQ(first.failures.back().run_date, Date(2025, 3, 10))
      << "what is spent is spent for the week after, too";
  EXPECT_EQ(picker_.calls(), 2) << "so nobody is paid for its picks";
  EXPECT_EQ(first.created, std::vector<std::string>{"2025-03-03"});
  prices_.on_call({});
  const BackfillResult rest = run("2025-05-02T14:00:00Z");
  EXPECT_EQ(rest.created, (std::vector<std::string>{"2025-03-10", "2025-03-17"}));
  EXPECT_EQ(count("batches WHERE status = 'completed'"), "3");
  EXPECT_EQ(picker_.calls(), 3) << "once a week";
}

}  // namespace
}  // namespace am::picks
