// Retry and cancel: under the lock of the run's row.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/feed/desk.hpp"
#include "am/feed/steer.hpp"
#include "am/kernel/ledger.hpp"
#include "am/kernel/queue_admin.hpp"
#include "run_rows.hpp"

namespace am::feed {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

namespace {

/// Of the newest run of each kind the newest that has failures; one that was cancelled has none.
std::optional<std::string> newest_with_failures(kernel::Sql& sql, const std::string& feed) {
  const Rows rows = sql.query(
      "SELECT r.run_id::text AS id FROM (SELECT DISTINCT ON (run_type) * FROM feed.run_metadata WHERE feed = $1 ORDER BY "
      "run_type, created_at DESC, run_id DESC) r WHERE r.status <> 'cancelled' AND EXISTS (SELECT FROM feed.partition_progress p "
      "WHERE p.run_id = r.run_id AND p.status IN ('dead', 'failed')) ORDER BY r.created_at DESC, r.run_id DESC LIMIT 1",
      sql_values(feed));
  return rows.empty() ? std::nullopt : std::optional(rows[0].text("id"));
}

std::vector<std::string> keys_of(kernel::Sql& sql, const std::string& run_id, std::string_view statuses) {
  const Rows rows = sql.query(
      "SELECT key FROM feed.partition_progress WHERE run_id = $1::uuid AND status = ANY($2::text[]) ORDER BY id",
      sql_values(run_id, statuses));
  std::vector<std::string> keys;
  for (const Row row : rows) keys.push_back(row.text("key"));
  return keys;
}

std::string key_of(kernel::Sql& sql, const FeedRun& run, const std::string& partition) {
  const Rows rows =
      sql.query("SELECT key FROM feed.partition_progress WHERE run_id = $1::uuid AND partition_id = $2",
                sql_values(run.id, partition));
  if (rows.empty())
    throw Error(ErrorKind::no_input, "run " + run.id + ": no partition " + shown(partition),
                "list them with: am feed status --run " + run.id);
  return rows[0].text("key");
}

void require_retryable(kernel::Sql& sql, const FeedRun& run) {
  const std::string kind = std::string(run_type_name(run.type));
  if (run.status == RunStatus::cancelled)
    throw Error(ErrorKind::no_input, "run " + run.id + ": it was cancelled",
                "plan another one: am feed plan --" + kind);
  const std::string newest = newest_of_kind(sql, run.id);
  if (newest != run.id)
    throw Error(ErrorKind::no_input,
                "run " + run.id + ": run " + newest + " has taken its place (expected the newest " + kind +
                    " run of feed " + run.feed + ")",
                "am feed retry --run " + newest);
}

void open_again(kernel::Transaction& tx, const FeedRun& run, long long queued) {
  tx.query(
      "UPDATE feed.run_metadata SET status = 'running', consolidate_at = NULL, error_message = NULL, settled_at = NULL, "
      "finished_at = NULL, updated_at = clock_timestamp() WHERE run_id = $1::uuid",
      sql_values(run.id));
  kernel::Ledger::event(
      tx, "feed_run_retried", {}, {},
      nlohmann::ordered_json{{"was", run_status_name(run.status)}, {"partitions", queued}}.dump(),
      "run " + run.id);
}

}  // namespace

RetryResult retry_run(kernel::Db& db, const RetryRequest& request) {
  RetryResult result;
  db.transact([&](kernel::Transaction& tx) {
    result = {};
    const auto wanted = request.run ? request.run : newest_with_failures(tx, request.feed);
    if (!wanted) return;
    const FeedRun run = lock_run(tx, *wanted);
    result.run_id = run.id;
    require_retryable(tx, run);
    const std::vector<std::string> keys = request.partition ? std::vector{key_of(tx, run, *request.partition)}
                                                            : keys_of(tx, run.id, "{dead,failed}");
    result.queued = static_cast<long long>(requeue(tx, run.id, keys));
    if (result.queued > 0) open_again(tx, run, result.queued);
    result.after = settle_in(tx, run.id);
  });
  return result;
}

CancelResult cancel_run(kernel::Db& db, const std::string& run_id, std::string_view reason) {
  CancelResult result;
  db.transact([&](kernel::Transaction& tx) {
    result = {};
    const FeedRun run = lock_run(tx, run_id);
    if (run.status != RunStatus::running && run.status != RunStatus::settled) return;
    result.is_changed = true;
    const std::vector<std::string> keys = keys_of(tx, run.id, "{queued,running}");
    if (!keys.empty()) {
      const auto changes = kernel::cancel_items(tx, partitions_queue(), {.keys = keys}, reason);
      result.cancelled = std::ranges::count_if(changes, &kernel::ItemChange::changed);
    }
    const std::string text = reason.empty() ? "cancelled" : "cancelled: " + one_line(reason);
    tx.query(
        "UPDATE feed.run_metadata SET status = 'cancelled', consolidate_at = NULL, error_message = $2, finished_at = "
        "clock_timestamp(), updated_at = clock_timestamp() WHERE run_id = $1::uuid",
        sql_values(run.id, text));
    kernel::Ledger::event(tx, "feed_run_cancelled", {}, {},
                          nlohmann::ordered_json{{"was", run_status_name(run.status)},
                                                 {"partitions", result.cancelled},
                                                 {"reason", one_line(reason)}}
                              .dump(),
                          "run " + run.id);
    settle_in(tx, run.id);  // it only counts
  });
  return result;
}

std::vector<std::string> open_runs(kernel::Sql& sql) {
  const Rows rows = sql.query(
      "SELECT run_id::text AS id FROM feed.run_metadata WHERE status IN ('running', 'settled') ORDER BY created_at, run_id");
  std::vector<std::string> ids;
  for (const Row row : rows) ids.push_back(row.text("id"));
  return ids;
}

}  // namespace am::feed
