// Runs as rows.

#include "am/feed/runs.hpp"

#include <chrono>

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"
#include "am/feed/desk.hpp"
#include "am/kernel/queue_admin.hpp"
#include "run_rows.hpp"

namespace am::feed {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

namespace {

/// The supplier's clock and the database's differ, and what it changes is found a little later.
constexpr std::chrono::minutes kOverlap{15};
constexpr Date kEver{2000, 1, 1};

RunStatus status_of(const std::string& name) {
  const auto status = run_status_of(name);
  if (!status) throw Error(ErrorKind::bug, "run_metadata: status " + shown(name) + " is none of ours");
  return *status;
}

Error no_run(const std::string& id) {
  return Error(ErrorKind::no_input, "no run " + shown(id), "list them with: am feed status");
}

std::string canonical(const std::string& id) {
  const auto uuid = canonical_uuid(id);
  if (!uuid) throw no_run(id);
  return *uuid;
}

}  // namespace

std::string run_columns() {
  return "run_id::text AS run_id, feed, run_type, status, query::text AS query, query_hash, expected_workers, "
         "completed_workers, failed_workers, expected_records, counted_records, decisions, coalesce(error_message, '') AS "
         "error, (extract(epoch FROM watermark_before) * 1000000)::bigint AS watermark_before, (extract(epoch FROM "
         "watermark_after) * 1000000)::bigint AS watermark_after, (extract(epoch FROM consolidate_at) * 1000000)::bigint AS "
         "consolidate_at, (extract(epoch FROM created_at) * 1000000)::bigint AS created_at, (extract(epoch FROM settled_at) * "
         "1000000)::bigint AS settled_at, (extract(epoch FROM finished_at) * 1000000)::bigint AS finished_at";
}

FeedRun run_of(const Row& row) {
  FeedRun run;
  run.id = row.text("run_id");
  run.feed = row.text("feed");
  run.type = row.text("run_type") == run_type_name(RunType::full) ? RunType::full : RunType::incremental;
  run.status = status_of(row.text("status"));
  run.query_json = row.text("query");
  run.query_hash = row.text("query_hash");
  run.expected = static_cast<int>(row.integer("expected_workers"));
  run.completed = static_cast<int>(row.integer("completed_workers"));
  run.failed = static_cast<int>(row.integer("failed_workers"));
  run.expected_records = row.integer("expected_records");
  run.counted_records = row.integer("counted_records");
  run.watermark_before = row.maybe_micros("watermark_before");
  run.watermark_after = row.micros("watermark_after");
  run.consolidate_at = row.maybe_micros("consolidate_at");
  run.decisions = static_cast<int>(row.integer("decisions"));
  run.error = row.text("error");
  run.created_at = row.micros("created_at");
  run.settled_at = row.maybe_micros("settled_at");
  run.finished_at = row.maybe_micros("finished_at");
  return run;
}

std::optional<FeedRun> find_run(kernel::Sql& sql, const std::string& id) {
  const auto uuid = canonical_uuid(id);
  if (!uuid) return std::nullopt;
  const Rows rows = sql.query("SELECT " + run_columns() + " FROM feed.run_metadata WHERE run_id = $1::uuid",
                              sql_values(*uuid));
  return rows.empty() ? std::nullopt : std::optional(run_of(rows[0]));
}

FeedRun load_run(kernel::Sql& sql, const std::string& id) {
  std::optional<FeedRun> run = find_run(sql, id);
  if (!run) throw no_run(id);
  return std::move(*run);
}

FeedRun lock_run(kernel::Transaction& tx, const std::string& id) {
  const Rows rows = tx.query(
      "SELECT " + run_columns() + " FROM feed.run_metadata WHERE run_id = $1::uuid FOR NO KEY UPDATE",
      sql_values(canonical(id)));
  if (rows.empty()) throw no_run(id);
  return run_of(rows[0]);
}

std::string newest_of_kind(kernel::Sql& sql, const std::string& id) {
  return sql
      .query(
          "SELECT n.run_id::text AS id FROM feed.run_metadata r JOIN feed.run_metadata n ON n.feed = r.feed AND n.run_type = "
          "r.run_type WHERE r.run_id = $1::uuid ORDER BY n.created_at DESC, n.run_id DESC LIMIT 1",
          sql_values(id))
      .only()
      .text("id");
}

std::size_t requeue(kernel::Transaction& tx, const std::string& run_id, std::span<const std::string> keys) {
  if (keys.empty()) return 0;
  std::size_t queued = 0;
  std::vector<kernel::SqlValue> changed;
  for (const kernel::ItemChange& change :
       kernel::retry_items(tx, partitions_queue(), {.keys = {keys.begin(), keys.end()}})) {
    if (!change.changed) continue;
    ++queued;
    changed.push_back(kernel::sql_value(change.key));
  }
  tx.query(
      "UPDATE feed.worker_runs w SET status = 'running', error_message = NULL, finished_at = NULL FROM "
      "feed.partition_progress p WHERE p.key = ANY($2::text[]) AND w.run_id = $1::uuid AND w.partition_id = p.partition_id "
      "AND w.status = 'failed'",
      sql_values(run_id, kernel::sql_array(changed)));
  return queued;
}

Filter filter_of(const FeedRun& run, const PriceRange& price) {
  Filter filter{.query_json = run.query_json, .price = price, .updated_from = Instant{kEver.days()}};
  if (run.type == RunType::incremental && run.watermark_before)
    filter.updated_from = *run.watermark_before - kOverlap;
  return filter;
}

}  // namespace am::feed
