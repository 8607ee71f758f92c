#pragma once
// A database with a run and its partitions, and what a worker would have made of them. Nothing is fetched here.

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "am/feed/desk.hpp"
#include "am/feed/runs.hpp"
#include "am/kernel/queue.hpp"
#include "support/pg.hpp"

namespace am::feed {

inline std::string run_number(int n) {
  std::string id = "0198c0de-0000-7000-8000-000000000000";
  const std::string digits = std::to_string(n);
  return id.replace(id.size() - digits.size(), digits.size(), digits);
}

/// "p-001"
inline std::string partition_number(int n) {
  std::string digits = std::to_string(n);
  return "p-" + std::string(3 - std::min<std::size_t>(digits.size(), 3), '0') + digits;
}

/// A run of so many partitions of 100 stones, all of them queued; an hour older for each number below 100.
inline std::string insert_run(kernel::Db& db, int partitions, int number, RunType type) {
  const std::string id = run_number(number);
  db.query(
      "INSERT INTO feed.run_metadata (run_id, feed, run_type, query, query_hash, expected_workers, expected_records, "
      "counted_records, watermark_after, created_at, updated_at) SELECT $1::uuid, 'nivoda', $2, '{}', repeat('0', 64), "
      "$3::int, 100 * $3::int, 100 * $3::int, at, at, at FROM (SELECT clock_timestamp() - (100 - $4::int) * interval '1 hour' "
      "AS at) t",
      kernel::sql_values(id, run_type_name(type), partitions, number));
  kernel::PgQueue queue(db, partitions_queue());
  std::vector<kernel::NewItem> items;
  for (int i = 1; i <= partitions; ++i) {
    const WorkItemMessage message{.run_id = id,
                                  .partition_id = partition_number(i),
                                  .price_min = 100LL * (i - 1),
                                  .price_max = 100LL * i,
                                  .expected_records = 100,
                                  .is_incremental = type == RunType::incremental};
    items.push_back({message.key(), message.to_json()});
  }
  queue.enqueue(db, items);
  return id;
}
/// Partitions from..to of the run are as if a worker had left them so.
inline void mark(kernel::Db& db, const std::string& status, int from, int to, int number,
                 const std::string& error) {
  const std::string worker = status == "done" ? "completed" : status == "running" ? "running" : "failed";
  db.query(
      "WITH p AS (UPDATE feed.partition_progress SET status = $2, attempts = 1, error_message = nullif($5, ''), records = CASE "
      "WHEN $2 = 'done' THEN 100 ELSE 30 END, next_offset = CASE WHEN $2 = 'done' THEN 100 ELSE 30 END WHERE run_id = "
      "$1::uuid AND partition_id BETWEEN $3 AND $4 RETURNING *) INSERT INTO feed.worker_runs AS w (run_id, partition_id, "
      "worker_id, status, records_processed, work_item_payload, error_message, started_at) SELECT run_id, partition_id, "
      "'host/1', $6, records, payload, error_message, clock_timestamp() FROM p ON CONFLICT (run_id, partition_id) DO UPDATE "
      "SET status = excluded.status, records_processed = excluded.records_processed, error_message = excluded.error_message",
      kernel::sql_values(run_number(number), status, partition_number(from), partition_number(to), error,
                         worker));
}

class FeedRunTest : public testing::Test {
 protected:
  std::string add_run(int partitions, int number = 1, RunType type = RunType::full) {
    return insert_run(*db_, partitions, number, type);
  }
  void set(const std::string& status, int from, int to, int number = 1, const std::string& error = {}) {
    mark(*db_, status, from, to, number, error);
  }
  std::string value(const std::string& sql) { return test::value_of(*db_, sql); }
  /// "settled 7+3/10"
  std::string standing(int number = 1) {
    return test::value_of(
        *db_,
        "SELECT concat(status, ' ', completed_workers, '+', failed_workers, '/', expected_workers) FROM "
        "feed.run_metadata WHERE run_id = $1::uuid",
        kernel::sql_values(run_number(number)));
  }

  const test::TestDb home_;
  const std::unique_ptr<kernel::Db> db_ = home_.open();
};

}  // namespace am::feed
