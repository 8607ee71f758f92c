// What is stored and would not be stored any more: picks of one share, prices that cannot be right. Told, and repaired by
// the command that is named; nobody else is held up.

#include <gtest/gtest.h>

#include "am/picks/schedule.hpp"
#include "am/picks/verify.hpp"
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

const Date kStoredMonday(2025, 3, 3);
const Date kStoredFriday(2025, 2, 28);
const std::string kStoredMorning = "2025-03-03T14:00:00Z";  // 9:00 in New York

class StoredValues : public testing::Test {
 protected:
  static WeeklyOptions options(Date run_date = kStoredMonday) {
    WeeklyOptions weekly;
    weekly.run_date = run_date;
    weekly.price_source = "fake";
    return weekly;
  }
  WeeklyResult run(TestDesk& process, Picker& picker, const WeeklyOptions& weekly = options()) {
    Workbench desk = process.add(prices_).desk();
    return run_weekly(desk, picker, weekly);
  }
  void make(Date run_date = kStoredMonday, FakePicker picker = FakePicker()) {
    TestDesk process(home_, run_date.to_string() + "T15:00:00Z");
    run(process, picker, options(run_date));
  }
  DueResult due(const std::string& now) {
    TestDesk process(home_, now);
    Workbench desk = process.add(prices_).desk();
    return run_due(desk, active_batches(*process.db), {});
  }
  std::string status() {
    return value_of(*db_, "SELECT status FROM public.batches WHERE run_date = $1::date",
                    kernel::sql_values(kStoredMonday));
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  FakePrices prices_;
  FakePicker picker_;
};

// As versions before this one stored it: the finished step would be replayed for ever, also after the vendor healed.
TEST_F(StoredValues, AStoredSnapshotThatCannotBeRightIsTakenAgain) {
  for (const char* bad : {"1e-99", "1e-400", "1e400"}) {
    test::empty_picks(*db_);
    FakePicker picker;
    TestDesk desk(home_, kStoredMorning);
    desk.add(prices_);
    {
      const kernel::Claim claim = desk.ledger.claim(kWeeklyJob, "2025-03-03", "{}");
      claim.run->step("generate_picks", "2025-03-03", [&] {
        std::string picks;
        for (const Pick& pick : picker.pick(kStoredMonday, "SPY").picks) {
          picks += (picks.empty() ? "" : ",") + std::string(R"({"ticker":")") + pick.ticker +
                   R"(","action":"BUY","reasoning":"r"})";
        }
        return R"({"picker":"fake","model":"","prompt_hash":"","picks":[)" + picks + "]}";
      });
      claim.run->step("snapshot_prices", "2025-03-03", [&] {
        return R"({"source":"fake","benchmark":"SPY","baseline":"2025-02-28","closes":{"AAPL":")" +
               Decimal::of(bad).to_string() + R"(","MSFT":"100","SPY":"400","XOM":"90"}})";
      });
    }
    const WeeklyResult made = run(desk, picker);
    EXPECT_TRUE(made.created) << bad;
    EXPECT_EQ(picker.calls(), 1) << "the picks are kept";
    for (const StoredPick& stored : made.batch->picks)
      EXPECT_EQ(stored.initial_price.to_string(), made_up_close(stored.pick.ticker, kStoredFriday));
    EXPECT_TRUE(verify_data(*db_, std::nullopt).findings.empty());
  }
}

TEST_F(StoredValues, AStoredBaselineThatCannotBeRightIsTakenAgainWithItsDays) {
  TestDesk desk(home_, kStoredMorning);
  const std::string id = run(desk, picker_).batch->id;
  TestDesk later(home_, "2025-03-20T14:00:00Z");
  Workbench all = later.add(prices_).desk();
  run_due(all, active_batches(*db_), {});
  const auto figures = [&] {
    return value_of(
        *db_,
        "SELECT string_agg(concat_ws(' ', c.checkpoint_date, c.benchmark_price, c.benchmark_return_pct, "
        "p.ticker, p.initial_price, m.current_price, m.absolute_return_pct, m.vs_benchmark_pct), '; ' ORDER BY "
        "c.checkpoint_date, p.ticker) FROM public.checkpoints c LEFT JOIN public.pick_checkpoint_metrics m ON "
        "m.checkpoint_id = c.id LEFT JOIN public.picks p ON p.id = m.pick_id");
  };
  const std::string right = figures();
  for (const char* spoil :
       {"UPDATE public.picks SET initial_price = 1e-99 WHERE ticker = 'XOM'",
        "UPDATE public.picks SET initial_price = 'NaN' WHERE ticker = 'XOM'",
        "WITH b AS (UPDATE public.batches SET benchmark_initial_price = 1e300) UPDATE public.checkpoints SET "
        "benchmark_price = 1e300 WHERE checkpoint_date = '2025-02-28'"}) {
    db_->query(spoil);
    db_->query(
        "UPDATE public.checkpoints SET benchmark_return_pct = 7 WHERE benchmark_return_pct IS NOT NULL");
    db_->query("UPDATE public.pick_checkpoint_metrics SET absolute_return_pct = 1e80");
    TestDesk mender(home_, "2025-03-20T15:00:00Z");
    const WeeklyResult again = run(mender, picker_);
    EXPECT_FALSE(again.created);
    EXPECT_EQ(again.batch->id, id);
    EXPECT_EQ(again.batch->baseline_problem, "");
    EXPECT_EQ(figures(), right) << spoil;
  }
  EXPECT_EQ(picker_.calls(), 1);
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM ops.events WHERE kind = 'baseline_retaken'"), "3");
  EXPECT_TRUE(verify_data(*db_, std::nullopt).findings.empty());
}

TEST_F(StoredValues, StoredPicksOfOneShareNameTheWayOut) {
  FakePicker twice({"BRK.B", "BRK-B", "XOM"});
  TestDesk desk(home_, kStoredMorning);
  const Error error = error_of([&] { run(desk, twice); });
  EXPECT_EQ(error.kind(), ErrorKind::needs_human);
  EXPECT_EQ(error.message(),
            "stored picks of 2025-03-03: pick 2: BRK-B is picked twice: it is the same share as BRK.B");
  EXPECT_NE(error.hint().find("--discard --yes"), std::string::npos);
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM public.batches"), "0");
}

TEST_F(StoredValues, PicksThatWereMadeForOneBenchmarkAreNotMeasuredAgainstThemselves) {
  prices_.fail("*", Error(ErrorKind::unavailable, "no connection"));
  TestDesk desk(home_, kStoredMorning);
  error_of([&] { run(desk, picker_); });
  prices_.heal();
  WeeklyOptions other = options();
  other.benchmark = "XOM";
  EXPECT_EQ(error_of([&] { run(desk, picker_, other); }).kind(), ErrorKind::needs_human);
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM public.batches"), "0");
  EXPECT_TRUE(run(desk, picker_).created);
}

TEST_F(StoredValues, PicksOfOnePickerAreNotPickedAgainByAnother) {
  prices_.fail("*", Error(ErrorKind::unavailable, "no connection"));
  TestDesk desk(home_, kStoredMorning);
  WeeklyOptions weekly = options();
  weekly.picker_spec = "openai";
  error_of([&] { run(desk, picker_, weekly); });
  prices_.heal();
  weekly.picker_spec = "momentum";
  FakePicker other({"IBM", "KO", "PEP"});
  EXPECT_TRUE(run(desk, other, weekly).created);
  EXPECT_EQ(other.calls(), 0);
}

TEST_F(StoredValues, ABaselineThatCannotBeRightFailsItsBatchAloneUntilItIsTakenAgain) {
  make();
  make(Date(2025, 3, 10), FakePicker({"IBM", "KO", "PEP"}));
  db_->query("UPDATE public.picks SET initial_price = 1e-99 WHERE ticker = 'XOM'");
  const DueResult all = due("2025-03-12T14:00:00Z");
  EXPECT_EQ(status(), "failed");
  EXPECT_EQ(all.days.size(), 2U) << "no other batch is held up";
  ASSERT_EQ(all.failures.size(), 1U);
  EXPECT_EQ(all.failures[0].error.kind(), ErrorKind::data);
  EXPECT_NE(
      all.failures[0].error.message().find("public.picks XOM of 2025-03-03: initial_price 1e-99 cannot"),
      std::string::npos)
      << all.failures[0].error.message();
  EXPECT_EQ(all.failures[0].error.hint(), "take the baseline again: am run-weekly --run-date 2025-03-03");
  TestDesk mender(home_, "2025-03-12T14:00:00Z");
  Workbench desk = mender.add(prices_).desk();
  retake_baseline(desk, *find_batch(*db_, kStoredMonday));
  EXPECT_EQ(status(), "active");
  EXPECT_TRUE(due("2025-03-12T14:00:00Z").failures.empty());
}

// The day of an earlier version whose closes cannot be right: the command that the messages name repairs it.
TEST_F(StoredValues, AForcedDayReplacesWhatCannotBeRight) {
  make();
  EXPECT_EQ(due("2025-03-04T14:00:00Z").days.size(), 1U);
  db_->query("UPDATE public.pick_checkpoint_metrics SET current_price = 1e400, absolute_return_pct = 1e400");
  TestDesk process(home_, "2025-03-04T14:00:00Z");
  Workbench desk = process.add(prices_).desk();
  CheckpointOptions force;
  force.force = true;
  EXPECT_EQ(run_checkpoint(desk, *find_batch(*db_, kStoredMonday), 1, force).outcome, DayOutcome::computed);
  EXPECT_EQ(value_of(*db_, "SELECT max(current_price) < 1000 FROM public.pick_checkpoint_metrics"), "t");
}

// Another program measured a day on which the exchange was closed.
TEST_F(StoredValues, AForcedDayThatIsClosedDropsItsFigures) {
  make();
  due("2025-03-07T14:00:00Z");
  db_->query(
      "UPDATE public.checkpoints SET checkpoint_date = '2025-03-08' WHERE checkpoint_date = '2025-03-06'");
  const auto metrics = [&] {
    return value_of(
        *db_,
        "SELECT count(*) || ' ' || count(*) FILTER (WHERE c.checkpoint_date = '2025-03-08') "
        "FROM public.pick_checkpoint_metrics m JOIN public.checkpoints c ON c.id = m.checkpoint_id");
  };
  ASSERT_EQ(metrics(), "12 3");
  TestDesk process(home_, "2025-03-20T14:00:00Z");
  Workbench desk = process.add(prices_).desk();
  CheckpointOptions force;
  EXPECT_EQ(run_checkpoint(desk, *find_batch(*db_, kStoredMonday), 6, force).outcome, DayOutcome::unchanged);
  ASSERT_EQ(metrics(), "12 3");
  force.force = true;
  EXPECT_EQ(run_checkpoint(desk, *find_batch(*db_, kStoredMonday), 6, force).outcome, DayOutcome::skipped);
  EXPECT_EQ(metrics(), "9 0") << "those of the other days stay";
  EXPECT_EQ(value_of(*db_,
                     "SELECT status || ' ' || coalesce(benchmark_price::text, 'none') || ' ' || "
                     "coalesce(benchmark_return_pct::text, 'none') FROM public.checkpoints "
                     "WHERE checkpoint_date = '2025-03-08'"),
            "skipped none none");
}

}  // namespace
}  // namespace am::picks
