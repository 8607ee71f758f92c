#include "am/feed/progress.hpp"

#include <algorithm>
#include <cmath>

#include "am/base/text.hpp"
#include "run_rows.hpp"

namespace am::feed {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

namespace {

/// Beside the runs {chosen}: what of their partitions there is, and of the open ones the pages of the last five minutes ($1,
/// seconds). The pages' moments are not indexed: a run has some 16,000, which are read in a few milliseconds.
constexpr std::string_view kRunProgress = R"(
WITH chosen AS MATERIALIZED (SELECT * FROM feed.run_metadata {chosen})
SELECT {columns}, p.records, p.failed_pages, p.queued, p.running, (extract(epoch FROM p.touched_at) * 1000000)::bigint AS
  touched_at, coalesce(g.pages, 0) AS pages, coalesce(g.recent_pages, 0) AS recent_pages, coalesce(g.recent_stones, 0) AS
  recent_stones, coalesce(extract(epoch FROM statement_timestamp() - g.first_recent) * 1000000, 0)::bigint AS recent_time
FROM chosen r CROSS JOIN LATERAL (
  SELECT coalesce(sum(records), 0)::bigint AS records, coalesce(sum(failed_pages), 0)::bigint AS failed_pages,
    count(*) FILTER (WHERE status = 'queued') AS queued, count(*) FILTER (WHERE status = 'running') AS running,
    max(updated_at) AS touched_at FROM feed.partition_progress WHERE run_id = r.run_id) p
LEFT JOIN LATERAL (
  SELECT count(*) AS pages, count(*) FILTER (WHERE recent) AS recent_pages,
    coalesce(sum(received) FILTER (WHERE recent), 0)::bigint AS recent_stones, min(fetched_at) FILTER (WHERE recent) AS
    first_recent
  FROM (SELECT received, fetched_at, fetched_at > statement_timestamp() - $1::int * interval '1 second' AS recent
    FROM feed.pages WHERE run_id = r.run_id) t) g ON {paced}
ORDER BY created_at DESC, run_id DESC)";

constexpr std::string_view kPartitions =
    "SELECT p.run_id::text AS run_id, p.partition_id, p.status, (p.payload ->> 'priceMin')::bigint AS price_min, (p.payload ->> "
    "'priceMax')::bigint AS price_max, (p.payload ->> 'expectedRecords')::bigint AS expected, p.records, p.next_offset, "
    "p.failed_pages, p.attempts, p.max_attempts, coalesce(w.worker_id, '') AS worker, coalesce(p.error_message, '') AS error, "
    "(extract(epoch FROM p.updated_at) * 1000000)::bigint AS updated_at FROM feed.partition_progress p LEFT JOIN "
    "feed.worker_runs w ON w.run_id = p.run_id AND w.partition_id = p.partition_id ";

/// Under which a rate would be that of one page.
constexpr double kLeastSeconds = 1;

std::string progress_sql(std::string_view chosen, std::string_view paced) {
  std::string sql(kRunProgress);
  const auto put = [&](std::string_view place, std::string_view by) {
    sql.replace(sql.find(place), place.size(), by);
  };
  put("{chosen}", chosen);
  put("{columns}", run_columns());
  put("{paced}", paced);
  return sql;
}

RunProgress progress_of(const Row& row) {
  RunProgress progress{.run = run_of(row)};
  progress.records = row.integer("records");
  progress.failed_pages = row.integer("failed_pages");
  progress.queued = static_cast<int>(row.integer("queued"));
  progress.running = static_cast<int>(row.integer("running"));
  progress.touched_at = row.maybe_micros("touched_at");
  progress.pages = row.integer("pages");
  constexpr double kMicros = 1e6;
  const double seconds = std::max(kLeastSeconds, static_cast<double>(row.integer("recent_time")) / kMicros);
  progress.pages_per_second = static_cast<double>(row.integer("recent_pages")) / seconds;
  progress.stones_per_second = static_cast<double>(row.integer("recent_stones")) / seconds;
  return progress;
}

std::vector<RunProgress> progress_list(const Rows& rows) {
  std::vector<RunProgress> all;
  for (const Row row : rows) all.push_back(progress_of(row));
  return all;
}

std::vector<PartitionProgress> partition_list(const Rows& rows) {
  std::vector<PartitionProgress> all;
  for (const Row row : rows) {
    all.push_back({.run_id = row.text("run_id"),
                   .partition_id = row.text("partition_id"),
                   .status = row.text("status"),
                   .price = {row.integer("price_min"), row.integer("price_max")},
                   .expected = row.integer("expected"),
                   .records = row.integer("records"),
                   .next_offset = row.integer("next_offset"),
                   .failed_pages = static_cast<int>(row.integer("failed_pages")),
                   .attempts = static_cast<int>(row.integer("attempts")),
                   .max_attempts = static_cast<int>(row.integer("max_attempts")),
                   .worker = row.text("worker"),
                   .error = row.text("error"),
                   .updated_at = row.micros("updated_at")});
  }
  return all;
}

constexpr auto kWindowSeconds = std::chrono::duration_cast<std::chrono::seconds>(kPaceWindow).count();

}  // namespace

double RunProgress::percent() const {
  constexpr double kAll = 100;
  if (run.expected_records == 0) return kAll;
  return std::min(kAll, kAll * static_cast<double>(records) / static_cast<double>(run.expected_records));
}

std::optional<std::chrono::seconds> RunProgress::time_left() const {
  const long long left = run.expected_records - records;
  if (left <= 0 || stones_per_second <= 0) return std::nullopt;
  return std::chrono::seconds(std::llround(static_cast<double>(left) / stones_per_second));
}

std::vector<RunProgress> newest_runs(kernel::Sql& sql, const std::string& feed, int limit) {
  return progress_list(
      sql.query(progress_sql("WHERE feed = $2 ORDER BY created_at DESC, run_id DESC LIMIT $3::int",
                             "r.status IN ('running', 'settled')"),
                sql_values(kWindowSeconds, feed, limit)));
}

RunProgress run_progress(kernel::Sql& sql, const std::string& run_id) {
  const FeedRun run = load_run(sql, run_id);
  return progress_list(
             sql.query(progress_sql("WHERE run_id = $2::uuid", "true"), sql_values(kWindowSeconds, run.id)))
      .at(0);
}

std::vector<PartitionProgress> partitions_of(kernel::Sql& sql, const std::string& run_id) {
  return partition_list(sql.query(
      std::string(kPartitions) + "WHERE p.run_id = $1::uuid ORDER BY p.partition_id", sql_values(run_id)));
}

std::vector<PartitionProgress> dead_letters(kernel::Sql& sql, const std::string& feed,
                                            const std::optional<std::string>& run_id, int limit) {
  return partition_list(sql.query(
      std::string(kPartitions) +
          "JOIN feed.run_metadata r ON r.run_id = p.run_id WHERE r.feed = $1 AND p.status IN ('failed', "
          "'dead') AND ($2::uuid IS NULL OR p.run_id = $2::uuid) ORDER BY p.updated_at DESC, p.id LIMIT "
          "$3::int",
      sql_values(feed, run_id, limit)));
}

std::vector<Watermark> watermarks(kernel::Sql& sql) {
  const Rows rows = sql.query(
      "SELECT w.feed, w.query_hash, w.run_id::text AS run_id, coalesce(r.query::text, '') AS query, (extract(epoch FROM "
      "w.watermark) * 1000000)::bigint AS at, (extract(epoch FROM w.updated_at) * 1000000)::bigint AS updated_at FROM "
      "feed.watermarks w LEFT JOIN feed.run_metadata r ON r.run_id = w.run_id ORDER BY w.feed, w.query_hash");
  std::vector<Watermark> all;
  for (const Row row : rows) {
    all.push_back({.feed = row.text("feed"),
                   .query_hash = row.text("query_hash"),
                   .run_id = row.text("run_id"),
                   .query_json = row.text("query"),
                   .at = row.micros("at"),
                   .updated_at = row.micros("updated_at")});
  }
  return all;
}

std::vector<kernel::Statement> ask_feed_metrics(Instant /*now*/) {
  return {
      {progress_sql(
           "WHERE run_id IN (SELECT DISTINCT ON (feed, run_type) run_id FROM feed.run_metadata ORDER BY feed, "
           "run_type, created_at DESC, run_id DESC)",
           "r.status IN ('running', 'settled')"),
       sql_values(kWindowSeconds)},
      {"SELECT w.run_id::text AS run_id, extract(epoch FROM avg(w.finished_at - w.started_at))::float8::text AS mean, "
       "extract(epoch FROM max(w.finished_at - w.started_at))::float8::text AS longest FROM feed.worker_runs w WHERE w.run_id "
       "IN (SELECT DISTINCT ON (feed, run_type) run_id FROM feed.run_metadata ORDER BY feed, run_type, created_at DESC, run_id "
       "DESC) AND w.status = 'completed' AND w.finished_at IS NOT NULL GROUP BY w.run_id",
       {}},
      {"SELECT feed, left(query_hash, 12) AS query, extract(epoch FROM watermark)::float8::text AS at FROM feed.watermarks "
       "ORDER BY feed, query_hash",
       {}}};
}

std::vector<kernel::MetricFamily> make_feed_metrics(std::span<const Rows> results, Instant /*now*/) {
  const auto gauge = [](std::string name, std::string help) {
    return kernel::MetricFamily{
        .name = std::move(name), .help = std::move(help), .type = kernel::MetricType::gauge, .samples = {}};
  };
  auto stones = gauge("am_feed_run_stones",
                      "Stones of the latest run of each kind: expected by its plan, and fetched.");
  auto partitions = gauge("am_feed_run_partitions", "Its partitions by how they stand.");
  auto pace = gauge("am_feed_pages_per_second", "Pages of an open run, over the last five minutes.");
  auto failed =
      gauge("am_feed_failed_pages", "Pages of it that had to be asked for again, or were given up.");
  auto took = gauge("am_feed_partition_seconds", "How long its partitions that are done took.");
  auto touched =
      gauge("am_feed_run_touched_timestamp_seconds",
            "When a worker last touched a partition of an open run; long ago: nobody works on it.");
  auto watermark =
      gauge("am_feed_watermark_timestamp_seconds", "Up to when the inventory is known, by feed and filter.");
  const auto seconds = [](Instant at) {
    return std::chrono::duration<double>(at.time_since_epoch()).count();
  };
  for (const RunProgress& progress : progress_list(results[0])) {
    const FeedRun& run = progress.run;
    const auto labels = [&](kernel::MetricLabels more = {}) {
      kernel::MetricLabels all = {{"feed", run.feed}, {"type", std::string(run_type_name(run.type))}};
      all.insert(all.end(), more.begin(), more.end());
      return all;
    };
    const auto add = [](kernel::MetricFamily& family, kernel::MetricLabels with, double value) {
      family.samples.push_back({.labels = std::move(with), .value = value});
    };
    add(stones, labels({{"which", "expected"}}), static_cast<double>(run.expected_records));
    add(stones, labels({{"which", "fetched"}}), static_cast<double>(progress.records));
    add(partitions, labels({{"which", "expected"}}), run.expected);
    add(partitions, labels({{"which", "completed"}}), run.completed);
    add(partitions, labels({{"which", "failed"}}), run.failed);
    add(failed, labels(), static_cast<double>(progress.failed_pages));
    if (run.status == RunStatus::running || run.status == RunStatus::settled)
      add(pace, labels(), progress.pages_per_second);
    if (run.status == RunStatus::running && progress.touched_at)
      add(touched, labels(), seconds(*progress.touched_at));
    for (const Row row : results[1]) {
      if (row.text("run_id") != run.id) continue;
      add(took, labels({{"which", "mean"}}), row.decimal("mean").to_double());
      add(took, labels({{"which", "longest"}}), row.decimal("longest").to_double());
    }
  }
  for (const Row row : results[2])
    watermark.samples.push_back({.labels = {{"feed", row.text("feed")}, {"query", row.text("query")}},
                                 .value = row.decimal("at").to_double()});
  return {stones, partitions, pace, failed, took, touched, watermark};
}

}  // namespace am::feed
