// What a database of the earlier service may hold: a batch that was started on another day than Monday.

#include <gtest/gtest.h>

#include "am/market/calendar.hpp"
#include "am/picks/report.hpp"
#include "am/picks/verify.hpp"
#include "support/error_of.hpp"
#include "support/picks_desk.hpp"
#include "support/picks_rows.hpp"

namespace am::picks {
namespace {

using test::FakePicker;
using test::FakePrices;
using test::TestDesk;
using test::value_of;

const Date kOtherMonday(2025, 3, 3);
const std::string kOtherMorning = "2025-03-03T14:00:00Z";
const std::string kOtherLater = "2025-03-20T14:00:00Z";

class OtherDay : public testing::Test {
 protected:
  static WeeklyOptions options() {
    WeeklyOptions weekly;
    weekly.run_date = kOtherMonday;
    weekly.price_source = "fake";
    return weekly;
  }
  /// Monday's batch, as if the earlier service had been started for it that many days later.
  std::string adopted(int later) {
    TestDesk process(home_, kOtherMorning);
    Workbench desk = process.add(prices_).desk();
    const std::string id = run_weekly(desk, picker_, options()).batch->id;
    const Date run_date = kOtherMonday + later;
    db_->query("DELETE FROM ops.runs");
    db_->query("UPDATE ops.batch_origin SET origin = 'adopted'");
    db_->query("UPDATE batches SET run_date = $1::date", kernel::sql_values(run_date));
    db_->query("UPDATE checkpoints SET checkpoint_date = $1::date",
               kernel::sql_values(market::previous_session(run_date)));
    return id;
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  FakePrices prices_;
  FakePicker picker_;
};

TEST_F(OtherDay, IsTheBatchOfItsWeek) {
  for (int later = 1; later < 7; ++later) {
    test::empty_picks(*db_);
    const std::string id = adopted(later);
    FakePicker nobody;
    TestDesk process(home_, kOtherMorning);
    Workbench desk = process.add(prices_).desk();
    const WeeklyResult again = run_weekly(desk, nobody, options());
    EXPECT_FALSE(again.created) << later;
    EXPECT_EQ(again.batch->id, id);
    EXPECT_EQ(again.batch->run_date, kOtherMonday + later);
    EXPECT_EQ(nobody.calls(), 0);
    TestDesk later_process(home_, kOtherLater);
    Workbench later_desk = later_process.add(prices_).desk();
    WeeklyOptions next = options();
    next.run_date = kOtherMonday + 7;
    EXPECT_TRUE(run_weekly(later_desk, nobody, next).created) << "the next week has none";
  }
}

TEST_F(OtherDay, ABaselineThatCannotBeRightIsTakenAgainByTheCommandThatIsNamed) {
  adopted(1);
  db_->query("UPDATE picks SET initial_price = 'NaN' WHERE ticker = 'XOM'");
  TestDesk later(home_, kOtherLater);
  Workbench desk = later.add(prices_).desk();
  const Error failed = test::error_of([&] { run_checkpoint(desk, load_batch(*later.db, "latest"), 2, {}); });
  const std::string hint = "take the baseline again: am run-weekly --run-date 2025-03-03";
  EXPECT_EQ(failed.hint(), hint);
  EXPECT_EQ(make_report(read_histories(*db_, std::nullopt), std::nullopt, {}).doubts.at(0).hint, hint);

  EXPECT_TRUE(run_weekly(desk, picker_, options()).batch->baseline_problem.empty());
  EXPECT_EQ(value_of(*db_, "SELECT initial_price::text FROM picks WHERE ticker = 'XOM'"),
            test::made_up_close("XOM", kOtherMonday));
  EXPECT_TRUE(verify_data(*db_, std::nullopt).findings.empty()) << "its run in the ledger is the week's";
}

}  // namespace
}  // namespace am::picks
