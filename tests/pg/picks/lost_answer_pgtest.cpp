// An answer that was paid for is kept until it is stored, wherever the connection breaks meanwhile.

#include <gtest/gtest.h>

#include "support/crash_sweep.hpp"
#include "support/error_of.hpp"
#include "support/network_desk.hpp"

namespace am::picks {
namespace {

using test::Break;
using test::error_of;
using test::FakeVendors;
using test::NetworkDesk;
using test::value_of;

const Date kPaidMonday(2025, 3, 3);
const std::string kPaidMorning = "2025-03-03T14:00:00Z";
const std::map<std::string, int> kOnceEach = {{"AAPL", 1}, {"MSFT", 1}, {"SPY", 1}, {"XOM", 1}, {"chat", 1}};

class LostAnswer : public testing::Test {
 protected:
  std::string broken() { return value_of(*db_, "SELECT last_value > 1 FROM public.breaks"); }
  std::string runs() {
    return value_of(*db_, "SELECT string_agg(DISTINCT concat_ws(' ', status, attempt), ', ') FROM ops.runs");
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  FakeVendors vendors_{Date(2025, 2, 28)};
};

TEST_F(LostAnswer, AConnectionThatBreaksAtTheRecordOfThePicksCostsNoSecondAnswer) {
  test::break_once(*db_, "UPDATE", "ops.steps", Break::in_statement);
  EXPECT_TRUE(NetworkDesk(home_, kPaidMorning, vendors_).run_weekly(kPaidMonday).created);
  EXPECT_EQ(broken(), "t");
  EXPECT_EQ(vendors_.counts(), kOnceEach);
  EXPECT_EQ(runs(), "done 1");
}

TEST_F(LostAnswer, AConnectionThatBreaksAtTheCommitOfTheBatchCostsNothing) {
  test::break_once(*db_, "INSERT", "batches", Break::at_commit);
  EXPECT_TRUE(NetworkDesk(home_, kPaidMorning, vendors_).run_weekly(kPaidMonday).created);
  EXPECT_EQ(broken(), "t");
  EXPECT_EQ(vendors_.counts(), kOnceEach);
  EXPECT_EQ(runs(), "done 1");
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM batches"), "1");
}

TEST_F(LostAnswer, ACommitOfTheBatchWhoseAnswerIsLostIsLookedUp) {
  bool lost = false;
  const auto probe = [&](std::string_view what) {
    if (what != "COMMITTED" || lost || value_of(*db_, "SELECT count(*) FROM batches") == "0") return;
    lost = true;
    throw Error(ErrorKind::unavailable, "database: connection lost during commit, the outcome is unknown")
        .final();
  };
  const WeeklyResult made = NetworkDesk(home_, kPaidMorning, vendors_, probe).run_weekly(kPaidMonday);
  EXPECT_TRUE(lost);
  EXPECT_EQ(value_of(*db_, "SELECT id::text FROM batches"), made.batch->id);
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM ops.events WHERE kind = 'batch_created'"), "1");
  EXPECT_EQ(vendors_.counts(), kOnceEach);
  EXPECT_EQ(runs(), "done 1");
}

TEST_F(LostAnswer, AConnectionThatBreaksAtTheClosesCostsNoSecondRequest) {
  test::break_once(*db_, "INSERT", "market.daily_closes", Break::in_statement);
  EXPECT_TRUE(NetworkDesk(home_, kPaidMorning, vendors_).run_weekly(kPaidMonday).created);
  EXPECT_EQ(broken(), "t");
  EXPECT_EQ(vendors_.counts(), kOnceEach);
  EXPECT_EQ(runs(), "done 1");
}

TEST_F(LostAnswer, AConnectionThatBreaksAtTheCommitOfADayCostsNothing) {
  NetworkDesk(home_, kPaidMorning, vendors_).run_weekly(kPaidMonday);
  test::break_once(*db_, "INSERT", "checkpoints", Break::at_commit);
  FakeVendors later(Date(2025, 3, 3));
  NetworkDesk network(home_, "2025-03-04T14:30:00Z", later);
  Workbench desk = network.desk.desk();
  EXPECT_EQ(run_checkpoint(desk, *find_batch(*db_, kPaidMonday), 1, {}).outcome, DayOutcome::computed);
  EXPECT_EQ(broken(), "t");
  EXPECT_EQ(later.counts(), (std::map<std::string, int>{{"AAPL", 1}, {"MSFT", 1}, {"SPY", 1}, {"XOM", 1}}));
  EXPECT_EQ(value_of(*db_, "SELECT string_agg(kind, ' ' ORDER BY id) FROM ops.events"),
            "batch_created checkpoint_computed");
}

TEST_F(LostAnswer, WhenTheDatabaseStaysAwayTheModelIsNamed) {
  kernel::LedgerOptions options;
  options.lease = std::chrono::seconds(1);
  bool away = true;
  const auto probe = [&](std::string_view what) {
    if (away && what.find("UPDATE ops.steps") != std::string_view::npos)
      throw Error(ErrorKind::unavailable, "database: connection lost");
  };
  {
    NetworkDesk network(home_, kPaidMorning, vendors_, probe, options);
    const Error lost = error_of([&] { network.run_weekly(kPaidMonday); });
    EXPECT_EQ(lost.kind(), ErrorKind::unavailable);
    EXPECT_EQ(
        lost.message(),
        "picks of 2025-03-03: the answer of gpt-4o-mini was paid for, and a rerun asks again: step generate_picks: "
        "its output could not be stored, and is lost: database: connection lost");
  }
  away = false;
  EXPECT_TRUE(NetworkDesk(home_, kPaidMorning, vendors_, probe).run_weekly(kPaidMonday).created);
  EXPECT_EQ(vendors_.count("chat"), 2);
}

}  // namespace
}  // namespace am::picks
