// How PostgreSQL runs a claim: two at once never take each other's items for nothing, and no plan reads what is not due.

#include <algorithm>
#include <string>
#include <vector>

#include "queue_bed.hpp"

namespace am::kernel {
namespace {

using test::value_of;

class QueueClaim : public testing::Test {
 protected:
  QueueClaim() { make_queue_table(*db_); }

  /// As a claim sends it, on a connection of its own, so that it can be left open.
  std::vector<std::string> claim_in(Sql& sql, int most) {
    const Rows rows = sql.query(queue_.claim_sql(), sql_values(most, "{}", 120000, "items"));
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < rows.size(); ++i) keys.push_back(rows[i].text("key"));
    return keys;
  }
  std::string plan_of_claim(int most) {
    const Rows rows =
        db_->query("EXPLAIN (COSTS OFF) " + queue_.claim_sql(), sql_values(most, "{}", 120000, "items"));
    std::string plan;
    for (std::size_t i = 0; i < rows.size(); ++i) plan += rows.values[i].at(0).value_or("") + "\n";
    return plan;
  }

  test::TestDb home_;
  std::unique_ptr<Db> db_ = home_.open();
  PgQueue queue_{*db_, queue_spec()};
};

TEST_F(QueueClaim, OfTwoOpenClaimsNeitherSeesAnEmptyQueue) {
  std::vector<NewItem> items;
  for (int i = 0; i < 12; ++i) items.push_back({std::to_string(i), "{}", i % 4});
  enqueue(queue_, *db_, items);
  const auto first = home_.open(), second = home_.open(), third = home_.open();
  const auto one = first->begin(), two = second->begin(), three = third->begin();
  std::vector<std::string> all;
  for (Transaction* tx : {one.get(), two.get(), three.get()}) {
    const std::vector<std::string> keys = claim_in(*tx, 4);
    EXPECT_EQ(keys.size(), 4U) << "all that it asked for, while the others are open";
    all.insert(all.end(), keys.begin(), keys.end());
  }
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::unique(all).begin(), all.end()) << "nothing twice";
  EXPECT_TRUE(claim_in(*db_, 1).empty());
}

TEST_F(QueueClaim, ThePlanUsesTheIndexAndNothingSortsAboveTheLocks) {
  db_->query(
      "INSERT INTO work.items (key, status, priority, ready_at, max_attempts, payload, created_at, updated_at) "
      "SELECT n, CASE WHEN n <= 9000 THEN 'done' ELSE 'queued' END, n % 4, clock_timestamp() + CASE WHEN n > 14000 THEN "
      "interval '1 day' ELSE interval '-1 second' END, 5, '{}', clock_timestamp(), clock_timestamp() "
      "FROM generate_series(1, 20000) n");
  db_->query("ANALYZE work.items");
  for (const int most : {1, 20}) {
    const std::string plan = plan_of_claim(most);
    EXPECT_EQ(plan.find("Sort"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
    EXPECT_NE(plan.find("Index Cond: ((priority = p.p) AND (ready_at <= statement_timestamp()))"),
              std::string::npos)
        << plan;
    EXPECT_NE(plan.find("Index Cond: (id = picked.id)"), std::string::npos) << plan;
  }
}

TEST_F(QueueClaim, DepthIsCountedWithoutReadingWhatIsDone) {
  db_->query(
      "INSERT INTO work.items (key, status, ready_at, max_attempts, payload, created_at, updated_at) "
      "SELECT n, CASE WHEN n <= 19000 THEN 'done' WHEN n % 10 = 0 THEN 'dead' WHEN n % 10 = 1 THEN 'failed' ELSE 'queued' "
      "END, clock_timestamp(), 5, '{}', clock_timestamp(), clock_timestamp() FROM generate_series(1, 20000) n");
  db_->query("VACUUM ANALYZE work.items");
  const Statement asked = ask_queue_state(queue_.spec());
  const Rows rows = db_->query("EXPLAIN (COSTS OFF) " + asked.sql, asked.values);
  std::string plan;
  for (std::size_t i = 0; i < rows.size(); ++i) plan += rows.values[i].at(0).value_or("") + "\n";
  EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
  const QueueState state = queue_state(*db_, queue_.spec());
  EXPECT_EQ(state.ready, 800);
  EXPECT_EQ(state.dead, 100);
  EXPECT_EQ(state.failed, 100);
}

TEST_F(QueueClaim, TheTableIsWhatTheStatementsName) {
  EXPECT_EQ(queue_table_problems(*db_, queue_.spec()), std::vector<std::string>{});
  QueueSpec other = queue_spec();
  other.table = "work.nothing";
  EXPECT_EQ(queue_table_problems(*db_, other), std::vector<std::string>{"work.nothing: no such table"});
  db_->query("ALTER TABLE work.items DROP COLUMN ready_at");
  db_->query("ALTER TABLE work.items ALTER COLUMN epoch TYPE int");
  db_->query("ALTER TABLE work.items ADD COLUMN symbol text");
  EXPECT_EQ(
      queue_table_problems(*db_, queue_.spec()),
      (std::vector<std::string>{
          "work.items: no column ready_at of type timestamp with time zone",
          "work.items: no column epoch of type bigint",
          "work.items: no index (priority, ready_at, id) INCLUDE (status) WHERE status IN ('queued', 'running')"}));
}

}  // namespace
}  // namespace am::kernel
