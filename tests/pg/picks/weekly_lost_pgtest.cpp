// A baseline that no waiting brings: the ticker is unknown, its listing ended, or its close never came. It is told as
// 65, so that a mail goes out, with the way out in the hint; and the way out works.

#include <gtest/gtest.h>

#include "am/market/calendar.hpp"
#include "am/picks/jobs.hpp"
#include "support/error_of.hpp"
#include "support/picks_desk.hpp"

namespace am::picks {
namespace {

using test::error_of;
using test::FakePicker;
using test::FakePrices;
using test::TestDesk;
using test::value_of;
using testing::Test;

const Date kLostMonday(2025, 3, 3);
const Date kBaseline(2025, 2, 28);
const std::string kMonday9 = "2025-03-03T14:00:00Z";  // in New York
const std::string kTuesday9 = "2025-03-04T14:00:00Z";

class LostBaseline : public Test {
 protected:
  WeeklyResult run(TestDesk& process, Picker& picker) {
    WeeklyOptions weekly;
    weekly.run_date = kLostMonday;
    weekly.price_source = "fake";
    Workbench desk = process.add(prices_).desk();
    return run_weekly(desk, picker, weekly);
  }
  Error refusal(const std::string& now) {
    TestDesk desk(home_, now);
    return error_of([&] { run(desk, picker_); });
  }
  /// No close from that day to the baseline.
  void end_listing(const std::string& symbol, Date after) {
    for (Date day = after + 1; day <= kBaseline; day = day + 1) prices_.hide(symbol, day);
  }
  std::string run_id() {
    return value_of(*db_, "SELECT id::text FROM ops.runs WHERE job = 'weekly_pick_v1'");
  }
  std::string way_out() { return "am runs abandon --discard " + run_id() + " --yes"; }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  FakePrices prices_;
  FakePicker picker_;
};

TEST_F(LostBaseline, OfAListingThatEndedIsToldAtOnceWithTheWayOut) {
  end_listing("MSFT", Date(2025, 2, 20));  // six sessions
  const Error error = refusal(kMonday9);
  EXPECT_EQ(error.kind(), ErrorKind::data);
  EXPECT_EQ(error.message(),
            "baseline of 2025-03-03: no final close of MSFT for 2025-02-28 (the last one that fake has is of "
            "2025-02-20)");
  EXPECT_NE(error.hint().find(way_out()), std::string::npos) << error.hint();
  EXPECT_EQ(value_of(*db_, "SELECT status FROM ops.runs WHERE job = 'weekly_pick_v1'"), "failed");

  TestDesk desk(home_, kMonday9);
  desk.ledger.discard(*desk.ledger.find(run_id()));
  FakePicker other({"AAPL", "IBM", "XOM"});
  EXPECT_TRUE(run(desk, other).created) << "other picks, in the same week";
}

TEST_F(LostBaseline, OfASymbolThatTheSourceNeverHadIsToldAtOnce) {
  end_listing("MSFT", Date(2024, 1, 1));
  const Error error = refusal(kMonday9);
  EXPECT_EQ(error.kind(), ErrorKind::data);
  EXPECT_EQ(error.message(),
            "baseline of 2025-03-03: no final close of MSFT for 2025-02-28 (fake has none of it)");
  EXPECT_NE(error.hint().find(way_out()), std::string::npos) << error.hint();
}

TEST_F(LostBaseline, OfASymbolThatTheSourceRefusesNamesTheWayOut) {
  prices_.fail("MSFT", Error(ErrorKind::data, "fake: MSFT: unknown symbol", "check the symbol"));
  const Error error = refusal(kMonday9);
  EXPECT_EQ(error.kind(), ErrorKind::data);
  EXPECT_EQ(error.message(), "fake: MSFT: unknown symbol");
  EXPECT_TRUE(error.hint().starts_with("check the symbol; the picks are kept;")) << error.hint();
  EXPECT_NE(error.hint().find(way_out()), std::string::npos) << error.hint();
}

TEST_F(LostBaseline, OfAWeekOrLessIsWaitedForForADay) {
  end_listing("MSFT", Date(2025, 2, 21));  // five sessions: a halt, or a slow vendor
  EXPECT_EQ(refusal(kMonday9).kind(), ErrorKind::deferred);
  EXPECT_EQ(refusal("2025-03-04T13:59:59Z").kind(), ErrorKind::deferred);
  const Error told = refusal(kTuesday9);
  EXPECT_EQ(told.kind(), ErrorKind::data) << "while the week can still be saved";
  EXPECT_NE(told.hint().find(way_out()), std::string::npos);
  for (Date day = Date(2025, 2, 22); day <= kBaseline; day = day + 1) prices_.show("MSFT", day);
  TestDesk later(home_, "2025-03-05T14:00:00Z");
  EXPECT_TRUE(run(later, picker_).created) << "nothing was given up";
  EXPECT_EQ(picker_.calls(), 1);
}

TEST_F(LostBaseline, OfTheBenchmarkIsNoMatterOfThePicks) {
  end_listing("SPY", Date(2024, 1, 1));
  const Error error = refusal(kMonday9);
  EXPECT_EQ(error.kind(), ErrorKind::data);
  EXPECT_EQ(error.hint(), "check the price source and the benchmark; the picks are kept, a rerun goes on");
  prices_.refuse("SPY", kBaseline, "a close of -1");
  EXPECT_EQ(refusal(kMonday9).hint(), "check the price source; the picks are kept, a rerun goes on");
  prices_.fail("SPY", Error(ErrorKind::data, "fake: SPY: unknown symbol", "check the symbol"));
  EXPECT_EQ(refusal(kMonday9).hint(), "check the symbol; the picks are kept, a rerun goes on");
}

TEST_F(LostBaseline, IsNoLostDayOfALaterRehearsal) {
  prices_.hide("MSFT", kBaseline);
  TestDesk desk(home_, "2099-01-05T14:00:00Z");  // --now far ahead: the real Monday has not come
  WeeklyOptions weekly;
  weekly.run_date = Date(2099, 1, 5);
  weekly.price_source = "fake";
  Workbench parts = desk.add(prices_).desk();
  const Error error = error_of([&] { run_weekly(parts, picker_, weekly); });
  EXPECT_EQ(error.kind(), ErrorKind::deferred) << error.message();
}

TEST_F(LostBaseline, ADayWhoseSymbolIsUnknownNamesItsWayOut) {
  TestDesk desk(home_, kMonday9);
  run(desk, picker_);
  prices_.fail("MSFT", Error(ErrorKind::data, "fake: MSFT: unknown symbol", "check the symbol"));
  desk.clock.set(kTuesday9);
  Workbench parts = desk.desk();
  const Batch batch = load_batch(*db_, "latest");
  const Error error = error_of([&] { run_checkpoint(parts, batch, 1, {}); });
  EXPECT_EQ(error.kind(), ErrorKind::data);
  EXPECT_EQ(
      error.hint(),
      "check the symbol; to give the day up, once it is a day late: am checkpoint --batch 2025-03-03 --day 1 "
      "--skip REASON");
}

}  // namespace
}  // namespace am::picks
