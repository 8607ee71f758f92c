// Whoever lost a run decides nothing any more, and whoever comes to a run whose rows are stored asks nobody.

#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/picks_desk.hpp"

namespace am::picks {
namespace {

using test::error_of;
using test::FakePicker;
using test::FakePrices;
using test::TestDesk;
using test::value_of;

const Date kFencedMonday(2025, 3, 3);
const std::string kFencedMorning = "2025-03-03T15:00:00Z";
const std::string kNextMorning = "2025-03-04T15:00:00Z";  // day 1 is due

class Fenced : public testing::Test {
 protected:
  WeeklyResult run_week(TestDesk& process, FakePicker& picker) {
    Workbench desk = process.add(prices_).desk();
    WeeklyOptions options;
    options.run_date = kFencedMonday;
    options.price_source = "fake";
    return run_weekly(desk, picker, options);
  }
  void make() {
    TestDesk process(home_, kFencedMorning);
    run_week(process, picker_);
  }
  DayResult run_day(CheckpointOptions options = {}) {
    TestDesk process(home_, kNextMorning);
    Workbench desk = process.add(prices_).desk();
    return run_checkpoint(desk, *find_batch(*process.db, kFencedMonday), 1, options);
  }
  bool settle(const std::string& job) {
    TestDesk process(home_, kNextMorning);
    Workbench desk = process.desk();  // without prices: asking anybody would be an error
    return settle_run(
        desk, *process.ledger.find(
                  value_of(*db_, "SELECT id::text FROM ops.runs WHERE job = $1", kernel::sql_values(job))));
  }
  /// While a vendor is asked, somebody closes the run of that job.
  void abandon_during_a_call(const std::string& job) {
    prices_.on_call([this, job](const std::string& symbol) {
      if (symbol != "SPY") return;  // the first, and alone
      db_->query(
          "UPDATE ops.runs SET status = 'abandoned', epoch = epoch + 1, lease_until = NULL WHERE job = $1 AND "
          "status = 'running'",
          kernel::sql_values(job));
    });
  }
  std::string run_of(std::string_view job) {
    return value_of(*db_, "SELECT status || ' ' || attempt FROM ops.runs WHERE job = $1",
                    kernel::sql_values(job));
  }
  std::string count(const std::string& what) { return value_of(*db_, "SELECT count(*) FROM " + what); }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  FakePrices prices_;
  FakePicker picker_;
};

TEST_F(Fenced, ABadPriceThatALoserSawFailsNoBatch) {
  make();
  prices_.refuse("XOM", kFencedMonday, "close \"0\" is not above zero");
  abandon_during_a_call("daily_checkpoint_v1");
  EXPECT_EQ(error_of([&] { run_day(); }).kind(), ErrorKind::busy);
  EXPECT_EQ(value_of(*db_, "SELECT status FROM batches"), "active");
  EXPECT_EQ(count("ops.events WHERE kind = 'batch_failed'"), "0");
}

TEST_F(Fenced, ABadBaselineThatALoserSawIsNoEvent) {
  prices_.refuse("XOM", Date(2025, 2, 28), "close \"0\" is not above zero");
  abandon_during_a_call("weekly_pick_v1");
  TestDesk process(home_, kFencedMorning);
  EXPECT_EQ(error_of([&] { run_week(process, picker_); }).kind(), ErrorKind::busy);
  EXPECT_EQ(count("ops.events"), "0");
}

TEST_F(Fenced, ADayThatIsStoredUnderAFailedRunIsNotAskedForAgain) {
  make();
  run_day();
  db_->query("UPDATE ops.runs SET status = 'failed' WHERE job = 'daily_checkpoint_v1'");
  db_->query("DELETE FROM market.daily_closes");
  const int calls = prices_.calls();
  EXPECT_EQ(run_day().outcome, DayOutcome::unchanged);
  EXPECT_EQ(prices_.calls(), calls);
  EXPECT_EQ(run_of("daily_checkpoint_v1"), "done 2");
}

TEST_F(Fenced, ABatchThatWasMadeBetweenTheLookAndTheClaimIsNotPickedAgain) {
  bool raced = false;
  TestDesk late(home_, kFencedMorning, {}, [&](std::string_view what) {
    if (raced || what.find("INSERT INTO ops.runs") == std::string_view::npos) return;
    raced = true;
    make();
    db_->query("DELETE FROM ops.runs WHERE job = 'weekly_pick_v1'");
  });
  FakePicker other({"IBM", "KO", "PEP"});
  const WeeklyResult result = run_week(late, other);
  EXPECT_TRUE(raced);
  EXPECT_FALSE(result.created);
  EXPECT_TRUE(result.batch);
  EXPECT_EQ(other.calls(), 0);
  EXPECT_EQ(run_of("weekly_pick_v1"), "done 1");
}

TEST_F(Fenced, ARunBesideItsFinishedWorkIsSettledWithoutAsking) {
  make();
  run_day();
  for (const char* status : {"failed", "interrupted", "deferred", "running"}) {
    db_->query(
        "UPDATE ops.runs SET status = $1, lease_until = clock_timestamp() - interval '1 hour' WHERE job <> "
        "'fetch_closes_v1'",
        kernel::sql_values(status));
    EXPECT_TRUE(settle("weekly_pick_v1")) << status;
    EXPECT_TRUE(settle("daily_checkpoint_v1")) << status;
    EXPECT_EQ(count("ops.runs WHERE status <> 'done'"), "0");
  }
}

TEST_F(Fenced, AForcedDayThatFailedIsSettled) {
  make();
  run_day();
  const std::string before = value_of(*db_, "SELECT string_agg(c::text, ';') FROM checkpoints c");
  db_->query("DELETE FROM market.daily_closes");
  prices_.fail("*", Error(ErrorKind::unavailable, "no connection"));
  EXPECT_EQ(error_of([&] { run_day({.force = true}); }).kind(), ErrorKind::unavailable);
  EXPECT_EQ(run_of("daily_checkpoint_v1"), "failed 2");
  EXPECT_TRUE(settle("daily_checkpoint_v1"));
  EXPECT_EQ(run_of("daily_checkpoint_v1"), "done 3");
  EXPECT_EQ(value_of(*db_, "SELECT string_agg(c::text, ';') FROM checkpoints c"), before);
}

TEST_F(Fenced, ARunWhoseWorkIsMissingIsNotSettled) {
  prices_.hide("XOM", Date(2025, 2, 28));
  TestDesk process(home_, kFencedMorning);
  EXPECT_EQ(error_of([&] { run_week(process, picker_); }).kind(), ErrorKind::deferred);
  EXPECT_FALSE(settle("weekly_pick_v1"));
  EXPECT_FALSE(settle("fetch_closes_v1"));
  EXPECT_EQ(run_of("weekly_pick_v1"), "deferred 1");
  prices_.show("XOM", Date(2025, 2, 28));
  run_week(process, picker_);
  prices_.hide("XOM", kFencedMonday);
  EXPECT_EQ(error_of([&] { run_day(); }).kind(), ErrorKind::deferred);
  EXPECT_FALSE(settle("daily_checkpoint_v1"));
}

}  // namespace
}  // namespace am::picks
