// Every line about a checkpoint carries its id, as it is stored.

#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/picks/schedule.hpp"
#include "support/error_of.hpp"
#include "support/picks_desk.hpp"

namespace am::picks {
namespace {

using test::TestDesk;
using test::value_of;

const Date kLoggedMonday(2025, 3, 3);
const std::string kLoggedLater = "2025-03-20T14:00:00Z";

class CheckpointLog : public testing::Test {
 protected:
  void SetUp() override {
    TestDesk process(home_, "2025-03-03T14:00:00Z");
    Workbench desk = process.add(prices_).desk();
    test::FakePicker picker;
    WeeklyOptions weekly;
    weekly.run_date = kLoggedMonday;
    weekly.price_source = "fake";
    run_weekly(desk, picker, weekly);
    weekly_lines_ = process.lines.str();
  }
  /// The ids of checkpoints in lines of the log; "" for a line without one.
  static std::set<std::string> ids_in(const std::string& lines) {
    std::set<std::string> ids;
    for (const std::string& line : split(trim(lines), '\n'))
      ids.insert(nlohmann::json::parse(line).value("checkpoint_id", ""));
    return ids;
  }
  std::string stored(Date date) {
    return value_of(*db_, "SELECT id::text FROM checkpoints WHERE checkpoint_date = $1::date",
                    kernel::sql_values(date));
  }
  std::set<std::string> ids_of_day(int day, CheckpointOptions options = {}) {
    TestDesk process(home_, kLoggedLater);
    Workbench desk = process.add(prices_).desk();
    run_checkpoint(desk, load_batch(*process.db, "latest"), day, options);
    return ids_in(process.lines.str());
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  test::FakePrices prices_;
  std::string weekly_lines_;
};

TEST_F(CheckpointLog, TheInitialOneIsNamedWhereTheBatchIsCreated) {
  const std::string id = stored(Date(2025, 2, 28));
  EXPECT_EQ(ids_in(weekly_lines_), (std::set<std::string>{"", id}));
  for (const std::string& line : split(trim(weekly_lines_), '\n')) {
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["msg"] == "batch created", json.contains("checkpoint_id")) << line;
  }
}

TEST_F(CheckpointLog, EveryLineOfADayNamesItAsItIsStored) {
  for (int i = 0; i < 2; ++i) {  // the second day's closes are asked for, the first's are known
    const int day = 2 - i;
    const auto ids = ids_of_day(day);
    EXPECT_EQ(ids, std::set<std::string>{stored(kLoggedMonday + (day - 1))});
    EXPECT_EQ(ids_of_day(day, {.force = true}), ids) << "computed again, it keeps its id";
  }
  const auto ids = ids_of_day(6);
  EXPECT_EQ(ids, std::set<std::string>{stored(Date(2025, 3, 8))}) << "a Saturday";
}

TEST_F(CheckpointLog, ADayThatComesToNothingIsNamedToo) {
  prices_.refuse("XOM", kLoggedMonday, "XOM: close 0 is not above zero");
  TestDesk process(home_, kLoggedLater);
  Workbench desk = process.add(prices_).desk();
  const Batch batch = load_batch(*process.db, "latest");
  EXPECT_EQ(test::error_of([&] { run_checkpoint(desk, batch, 1, {}); }).kind(), ErrorKind::data);
  const auto ids = ids_in(process.lines.str());
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_FALSE(ids.contains(""));
}

TEST_F(CheckpointLog, ABaselineTakenAgainNamesTheInitialOne) {
  db_->query("UPDATE picks SET initial_price = 'NaN' WHERE ticker = 'XOM'");
  TestDesk process(home_, kLoggedLater);
  Workbench desk = process.add(prices_).desk();
  retake_baseline(desk, load_batch(*process.db, "latest"));
  EXPECT_TRUE(ids_in(process.lines.str()).contains(stored(Date(2025, 2, 28))));
}

}  // namespace
}  // namespace am::picks
