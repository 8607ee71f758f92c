// What becomes of a run once its partitions have ended. The row lock is taken by a statement of its own: the one that counts
// has to see what whoever held the lock before has written.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/feed/desk.hpp"
#include "am/feed/runs.hpp"
#include "am/kernel/ledger.hpp"
#include "am/kernel/queue_admin.hpp"
#include "decision.hpp"
#include "run_rows.hpp"

namespace am::feed {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

constexpr std::string_view kTally = R"(
SELECT count(*) AS expected, count(*) FILTER (WHERE status = 'done') AS completed,
  count(*) FILTER (WHERE status IN ('dead', 'failed', 'cancelled')) AS failed,
  count(*) FILTER (WHERE status IN ('queued', 'running')) AS open,
  (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now
FROM feed.partition_progress WHERE run_id = $1::uuid)";

/// A partition also dies where nobody works on it: while it is claimed, or by its age.
constexpr std::string_view kMarkFailed = R"(
INSERT INTO feed.worker_runs AS w (run_id, partition_id, worker_id, status, records_processed, work_item_payload,
  error_message, started_at, finished_at)
SELECT run_id, partition_id, 'none', 'failed', records, payload, error_message, created_at, clock_timestamp()
FROM feed.partition_progress WHERE run_id = $1::uuid AND status IN ('dead', 'failed', 'cancelled')
ON CONFLICT (run_id, partition_id) DO UPDATE SET status = 'failed', records_processed = excluded.records_processed,
  error_message = excluded.error_message, finished_at = excluded.finished_at WHERE w.status = 'running')";

constexpr std::string_view kWrite = R"(
UPDATE feed.run_metadata SET status = $2, completed_workers = $3::int, failed_workers = $4::int,
  consolidate_at = $5::timestamptz, decisions = decisions + $6::int, error_message = $7,
  settled_at = CASE WHEN $6::int > 0 THEN clock_timestamp() ELSE settled_at END,
  finished_at = CASE WHEN $2 = 'failed' THEN coalesce(finished_at, clock_timestamp()) WHEN $2 IN ('running', 'settled')
    THEN NULL ELSE finished_at END,
  updated_at = clock_timestamp()
WHERE run_id = $1::uuid)";

std::vector<std::string> dead_keys(kernel::Sql& sql, const std::string& run_id) {
  const Rows rows = sql.query(
      "SELECT key FROM feed.partition_progress WHERE run_id = $1::uuid AND status = 'dead' ORDER BY id",
      sql_values(run_id));
  std::vector<std::string> keys;
  for (const Row row : rows) keys.push_back(row.text("key"));
  return keys;
}

std::string failure_text(kernel::Sql& sql, const std::string& run_id, const Tally& tally) {
  const Rows rows = sql.query(
      "SELECT partition_id, coalesce(error_message, '') AS error FROM feed.partition_progress WHERE run_id = $1::uuid AND "
      "status IN ('dead', 'failed', 'cancelled') ORDER BY error_message IS NULL, id LIMIT 1",
      sql_values(run_id));
  std::string text =
      std::to_string(tally.failed) + " of " + std::to_string(tally.expected) + " partitions failed";
  if (!rows.empty()) text += "; " + rows[0].text("partition_id") + ": " + one_line(rows[0].text("error"));
  return text;
}

/// A newer one of its kind knows more, and takes what this one left.
bool is_newest(kernel::Sql& sql, const std::string& run_id) { return newest_of_kind(sql, run_id) == run_id; }

}  // namespace

Settlement settle_in(kernel::Transaction& tx, const std::string& run_id) {
  const FeedRun run = lock_run(tx, run_id);
  const Rows counts = tx.query(kTally, sql_values(run_id));
  const Row row = counts.only();
  const auto number = [&](std::string_view name) { return static_cast<int>(row.integer(name)); };
  const Tally tally{number("expected"), number("completed"), number("failed"), number("open")};
  const Instant now = row.micros("now");
  // Asked only where it matters: a run that has ended is opened again.
  const bool may_reopen = (run.status == RunStatus::done || run.status == RunStatus::failed) &&
                          tally.completed > run.completed && is_newest(tx, run_id);
  const Decision decision = decide(run, tally, may_reopen, now);

  Settlement settlement{.status = decision.status,
                        .expected = tally.expected,
                        .completed = tally.completed,
                        .failed = tally.failed,
                        .open = tally.open,
                        .decided = decision.decided,
                        .decisions = run.decisions + (decision.decided ? 1 : 0),
                        .consolidate_at = decision.consolidate_at};
  if (tally.failed > 0) tx.query(kMarkFailed, sql_values(run_id));
  if (decision.requeue) {
    const std::vector<std::string> keys = dead_keys(tx, run_id);
    settlement.requeued = static_cast<long long>(requeue(tx, run_id, keys));
    settlement.failed -= static_cast<int>(settlement.requeued);
    settlement.open += static_cast<int>(settlement.requeued);
  }
  const bool is_changed = decision.decided || settlement.completed != run.completed ||
                          settlement.failed != run.failed || decision.consolidate_at != run.consolidate_at;
  if (!is_changed) return settlement;
  const kernel::SqlValue error =
      !decision.decided ? kernel::sql_value(run.error.empty() ? std::nullopt : std::optional(run.error))
      : decision.status == RunStatus::failed ? kernel::sql_value(failure_text(tx, run_id, tally))
                                             : std::nullopt;
  tx.query(kWrite,
           {kernel::sql_value(run_id), kernel::sql_value(run_status_name(decision.status)),
            kernel::sql_value(settlement.completed), kernel::sql_value(settlement.failed),
            kernel::sql_value(decision.consolidate_at), kernel::sql_value(decision.decided ? 1 : 0), error});
  if (decision.decided)
    kernel::Ledger::event(tx, decision.status == RunStatus::failed ? "feed_run_failed" : "feed_run_settled",
                          {}, {},
                          nlohmann::ordered_json{{"completed", tally.completed},
                                                 {"failed", tally.failed},
                                                 {"requeued", settlement.requeued},
                                                 {"decision", settlement.decisions}}
                              .dump(),
                          "run " + run_id);
  return settlement;
}

Settlement settle(kernel::Db& db, const std::string& run_id) {
  Settlement settlement;
  db.transact([&](kernel::Transaction& tx) { settlement = settle_in(tx, run_id); });
  return settlement;
}

}  // namespace am::feed
