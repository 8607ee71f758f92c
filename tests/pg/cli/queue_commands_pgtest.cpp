// `am queue` over a desk that has one.

#include <array>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "am/kernel/queue.hpp"
#include "am/kernel/queue_admin.hpp"
#include "cli/config_table.hpp"
#include "cli/ops/queue_commands.hpp"
#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::cli {
namespace {

using Json = nlohmann::json;
using test::error_of;
using test::value_of;

constexpr std::array<kernel::QueueSpec, 2> kQueues{
    {{.name = "forecasts", .table = "work.forecasts"}, {.name = "pages", .table = "work.pages"}}};
constexpr kernel::Desk kDesk{.name = "sample", .queues = kQueues};

class QueueCommands : public testing::Test {
 protected:
  QueueCommands() {
    db_->transact([](kernel::Transaction& tx) {
      tx.script("CREATE SCHEMA work; " + kernel::queue_table_sql("work.forecasts") +
                kernel::queue_table_sql("work.pages"));
    });
    const std::vector<kernel::NewItem> items{
        {"dead", R"({"a": 1})", 0}, {"held", "{}", 1}, {"open", "{}", 2}};
    db_->transact([&](kernel::Transaction& sql) { queue_.enqueue(sql, items); });
    held_ = queue_.claim(2);
    db_->query("UPDATE work.forecasts SET max_attempts = 1 WHERE key = 'dead'");
    queue_.fail(*db_, held_.at(0), Error(ErrorKind::unavailable, "away"));
    db_->query("DELETE FROM ops.events");
  }
  static kernel::Config config_for(const std::string& url) {
    kernel::ConfigSources sources;
    sources.env = {{"DATABASE_URL", url}};
    sources.read_file = [](const std::string&) { return std::nullopt; };
    return kernel::Config::load(config_table(), sources);
  }
  Outcome retry(const std::string& item) {
    return retry_in_queue({.queue = "forecasts", .item = item}, desks_, context_);
  }
  Outcome cancel(const std::string& item, const std::string& reason = "no use") {
    return cancel_in_queue({.queue = "forecasts", .item = item, .reason = reason}, desks_, context_);
  }
  std::string events() {
    return value_of(*db_,
                    "SELECT string_agg(kind || ' ' || (data->>'key'), ', ' ORDER BY id) FROM ops.events");
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  kernel::PgQueue queue_{*db_, kQueues[0]};
  std::vector<kernel::Item> held_;

  std::istringstream in_;
  std::ostringstream out_, err_;
  kernel::Stop stop_;
  Environment environment_{.env = {}, .in = in_, .out = out_, .err = err_, .stop = stop_};
  GlobalOptions options_;
  kernel::Config config_ = config_for(home_.url());
  kernel::SystemClock clock_;
  kernel::Log log_{err_, {}};
  Context context_{environment_, options_, config_, clock_, log_};
  const kernel::Desks desks_{&kDesk};
};

TEST_F(QueueCommands, ListShowsWhatIsOpenDeadOrFailed) {
  const Outcome all = list_queue({.queue = "forecasts"}, desks_, context_);
  const Json items = Json::parse(all.data);
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[0]["key"], "dead");
  EXPECT_EQ(items[0]["status"], "dead");
  EXPECT_EQ(items[0]["error"], "away");
  EXPECT_EQ(items[0]["payload"], Json::parse(R"({"a": 1})"));
  EXPECT_EQ(items[0]["holder"], Json());
  EXPECT_EQ(items[1]["holder"]["pid"], getpid());
  EXPECT_NE(all.table.find("away"), std::string::npos) << all.table;
  EXPECT_EQ(Json::parse(list_queue({.queue = "forecasts", .status = "queued"}, desks_, context_).data).size(),
            1U);
  EXPECT_EQ(Json::parse(list_queue({.queue = "forecasts", .limit = 2}, desks_, context_).data).size(), 2U);
  EXPECT_EQ(list_queue({.queue = "pages"}, desks_, context_).table, "no items\n");
  EXPECT_EQ(error_of([&] { list_queue({.queue = "forecasts", .status = "lost"}, desks_, context_); }).kind(),
            ErrorKind::usage);
}

TEST_F(QueueCommands, AnUnknownQueueIsToldWithThoseThatAre) {
  const Error unknown = error_of([&] { list_queue({.queue = "forecast"}, desks_, context_); });
  EXPECT_EQ(unknown.kind(), ErrorKind::no_input);
  EXPECT_EQ(unknown.message(), "queue 'forecast': not found (expected forecasts, pages)");
  const Error none = error_of([&] { list_queue({.queue = "forecasts"}, {}, context_); });
  EXPECT_EQ(none.kind(), ErrorKind::no_input);
  EXPECT_EQ(none.message(), "queue 'forecasts': not found, no desk of this installation has a queue");
}

TEST_F(QueueCommands, RetryQueuesAgainByKeyOrId) {
  const Outcome again = retry("dead");
  EXPECT_EQ(again.kind, OutcomeKind::changed);
  EXPECT_EQ(again.table, "queued again: forecasts item 1 'dead', which was dead\n");
  EXPECT_EQ(
      Json::parse(again.data),
      Json::parse(R"({"queue": "forecasts", "id": 1, "key": "dead", "was": "dead", "status": "queued"})"));
  EXPECT_EQ(retry("1").kind, OutcomeKind::unchanged) << "it is queued";
  EXPECT_EQ(retry("held").table, "unchanged: forecasts item 2 'held' is running\n");
  EXPECT_EQ(events(), "item_retried dead");
  for (const char* none : {"nothing", "99", "-1", "1x"})
    EXPECT_EQ(error_of([&] { retry(none); }).kind(), ErrorKind::no_input) << none;
}

TEST_F(QueueCommands, AWordThatIsAKeyIsNoId) {
  const std::vector<kernel::NewItem> items{{"1", "{}"}};
  db_->transact([&](kernel::Transaction& sql) { queue_.enqueue(sql, items); });
  EXPECT_EQ(Json::parse(cancel("1").data)["key"], "1");
  EXPECT_EQ(value_of(*db_, "SELECT status FROM work.forecasts WHERE id = 1"), "dead");
}

TEST_F(QueueCommands, CancelTakesAnItemFromItsWorker) {
  const Outcome cancelled = cancel("held", "delisted");
  EXPECT_EQ(cancelled.table, "cancelled forecasts item 2 'held', which was running\n");
  EXPECT_EQ(error_of([&] { queue_.finish(*db_, std::span(held_).subspan(1)); }).kind(), ErrorKind::busy);
  EXPECT_EQ(value_of(*db_, "SELECT error_message FROM work.forecasts WHERE id = 2"), "cancelled: delisted");
  EXPECT_EQ(cancel("held").kind, OutcomeKind::unchanged);
  EXPECT_EQ(retry("held").kind, OutcomeKind::changed);
  EXPECT_EQ(events(), "item_cancelled held, item_retried held");
}

}  // namespace
}  // namespace am::cli
