// A queue as people see it: depth, list, retry, cancel.

#include <array>
#include <string>
#include <vector>

#include "am/kernel/desk.hpp"
#include "queue_bed.hpp"
#include "support/error_of.hpp"

namespace am::kernel {
namespace {

class QueuePeople : public testing::Test {
 protected:
  QueuePeople() {
    make_queue_table(*db_);
    enqueue(queue_, *db_, {{"dead", "{}", 0}, {"failed", "{}", 0}, {"done", "{}", 0}, {"running", "{}", 0}});
    const std::vector<Item> items = queue_.claim(4);
    db_->query("UPDATE work.items SET max_attempts = 1 WHERE key = 'dead'");
    queue_.fail(*db_, items[0], Error(ErrorKind::unavailable, "away"));
    queue_.bury(*db_, items[1], "never");
    queue_.finish(*db_, std::span(items).subspan(2, 1));
    held_ = items[3];
    enqueue(queue_, *db_, {{"queued", "{}"}, {"later", "{}", 1, *parse_rfc3339("2100-01-01T00:00:00Z")}});
    db_->query("DELETE FROM ops.events");
  }
  std::string items(const std::optional<std::string>& status = {}, const ItemNames& names = {},
                    int limit = 100) {
    std::string text;
    for (const ItemInfo& item : list_items(*db_, queue_.spec(), status, names, limit))
      text += (text.empty() ? "" : " ") + item.key + ":" + item.status;
    return text;
  }
  std::string events() {
    return test::value_of(*db_,
                          "SELECT string_agg(kind || ' ' || data::text, E'\n' ORDER BY id) FROM ops.events");
  }
  static std::string text_of(const std::vector<ItemChange>& changes) {
    std::string text;
    for (const ItemChange& change : changes)
      text += change.key + ":" + change.was + (change.changed ? " changed\n" : " left\n");
    return text;
  }

  test::TestDb home_;
  std::unique_ptr<Db> db_ = home_.open();
  PgQueue queue_{*db_, queue_spec()};
  Item held_;
};

TEST_F(QueuePeople, DepthIsToldByState) {
  const QueueState state = queue_state(*db_, queue_.spec());
  EXPECT_EQ(state.queue, "items");
  EXPECT_EQ(state.ready, 1);
  EXPECT_EQ(state.later, 1);
  EXPECT_EQ(state.running, 1);
  EXPECT_EQ(state.dead, 1);
  EXPECT_EQ(state.failed, 1);
  EXPECT_EQ(state.oldest_ready, list_items(*db_, queue_.spec(), {}, {.keys = {"queued"}}, 1).at(0).ready_at);
  db_->query("UPDATE work.items SET ready_at = '2000-01-01Z' WHERE status = 'running'");
  const QueueState lost = queue_state(*db_, queue_.spec());
  EXPECT_EQ(lost.running, 0);
  EXPECT_EQ(lost.ready, 2) << "an item whose worker is gone is ready again";
  EXPECT_EQ(lost.oldest_ready, parse_rfc3339("2000-01-01T00:00:00Z"));
  db_->query("DELETE FROM work.items");
  EXPECT_EQ(queue_state(*db_, queue_.spec()).oldest_ready, std::nullopt);
}

TEST_F(QueuePeople, ALongQueueIsCountedUpToABound) {
  const long long most = QueueState::kMostCounted;
  db_->query(
      "INSERT INTO work.items (key, priority, ready_at, max_attempts, payload, created_at, updated_at) "
      "SELECT 'many ' || n, n % 4, now() + CASE WHEN n % 2 = 0 THEN interval '-1 hour' ELSE '1 day' END, 1, '{}', "
      "now(), now() FROM generate_series(1, 2 * ($1::bigint + 500)) n",
      sql_values(most));
  db_->query("ANALYZE work.items");
  const QueueState state = queue_state(*db_, queue_.spec());
  EXPECT_EQ(state.ready, most);
  EXPECT_EQ(state.later, most);
  EXPECT_EQ(state.running, 1) << "among those that wait for tomorrow";
  EXPECT_EQ(state.dead, 1);
  const Statement asked = ask_queue_state(queue_.spec());
  std::string plan;
  const Rows rows = db_->query("EXPLAIN (COSTS OFF) " + asked.sql, asked.values);
  for (const Row row : rows) plan += row.text("QUERY PLAN") + "\n";
  EXPECT_EQ(plan.find("Seq Scan on items"), std::string::npos) << plan;
}

TEST_F(QueuePeople, TheQueuesOfADeskAreReadWithItsOverview) {
  static const std::array<QueueSpec, 1> kQueues{queue_spec()};
  const Desk with{.name = "with", .queues = kQueues}, without{.name = "without"};
  const OverviewReading reading({&without, &with}, {}, *parse_rfc3339("2026-01-26T14:00:00Z"));
  const Overview overview = reading.make(read_snapshot(*db_, reading.statements()));
  ASSERT_EQ(overview.queues.size(), 1U);
  EXPECT_EQ(overview.queues[0].queue, "items");
  EXPECT_EQ(overview.queues[0].running, 1);
  const ProgramMetrics metrics = program_metrics(
      [&](const std::vector<Statement>& statements) { return read_snapshot(*db_, statements); }, {&with}, {},
      overview.now);
  EXPECT_NE(metrics_text(metrics.families).find("am_queue_items{queue=\"items\",state=\"dead\"} 1\n"),
            std::string::npos);
}

TEST_F(QueuePeople, ItemsAreListedByStatusAndName) {
  EXPECT_EQ(items(), "dead:dead failed:failed running:running queued:queued later:queued");
  EXPECT_EQ(items("queued"), "queued:queued later:queued");
  EXPECT_EQ(items("done"), "done:done");
  EXPECT_EQ(items({}, {.keys = {"done", "nothing"}, .ids = {held_.id}}), "done:done running:running");
  EXPECT_EQ(items("done", {.keys = {"done", "dead"}}), "done:done");
  EXPECT_EQ(items({}, {}, 2), "dead:dead failed:failed");
  const ItemInfo dead = list_items(*db_, queue_.spec(), "dead", {}, 1).at(0);
  EXPECT_EQ(dead.error_message, "away");
  EXPECT_EQ(dead.attempts, 1);
  EXPECT_EQ(dead.max_attempts, 1);
  EXPECT_EQ(dead.holder, "");
}

TEST_F(QueuePeople, RetryingBeginsAnew) {
  const ItemNames names{.keys = {"dead", "failed", "done", "queued", "nothing"}, .ids = {held_.id}};
  EXPECT_EQ(
      text_of(retry_items(*db_, queue_.spec(), names)),
      "dead:dead changed\nfailed:failed changed\ndone:done left\nrunning:running left\nqueued:queued left\n");
  EXPECT_EQ(events(),
            "item_retried {\"key\": \"dead\", \"was\": \"dead\", \"item\": 1, \"queue\": \"items\"}\n"
            "item_retried {\"key\": \"failed\", \"was\": \"failed\", \"item\": 2, \"queue\": \"items\"}");
  const std::vector<Item> again = queue_.claim(2);
  ASSERT_EQ(again.size(), 2U);
  EXPECT_EQ(again[0].key, "dead");
  EXPECT_EQ(again[0].attempt, 1);
}

TEST_F(QueuePeople, CancellingTakesAnItemFromItsWorker) {
  const ItemNames names{.keys = {"dead", "failed", "done", "later"}, .ids = {held_.id}};
  EXPECT_EQ(
      text_of(cancel_items(*db_, queue_.spec(), names, "symbol delisted")),
      "dead:dead changed\nfailed:failed changed\ndone:done left\nrunning:running changed\nlater:queued changed\n");
  EXPECT_EQ(test::error_of([&] { queue_.finish(*db_, std::span(&held_, 1)); }).kind(), ErrorKind::busy);
  EXPECT_EQ(test::value_of(*db_, "SELECT data->>'reason' FROM ops.events WHERE data->>'key' = 'running'"),
            "symbol delisted");
  EXPECT_EQ(items("cancelled", {.ids = {held_.id}}), "running:cancelled");
  EXPECT_EQ(text_of(cancel_items(*db_, queue_.spec(), {.ids = {held_.id}}, "")), "running:cancelled left\n");
  EXPECT_EQ(text_of(retry_items(*db_, queue_.spec(), {.ids = {held_.id}})), "running:cancelled changed\n");
  EXPECT_EQ(queue_.claim(1).at(0).key, "running");
}

}  // namespace
}  // namespace am::kernel
