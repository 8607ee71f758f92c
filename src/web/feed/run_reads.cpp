#include "run_reads.hpp"

#include <algorithm>

namespace am::web {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;
using kernel::Statement;

constexpr std::string_view kRunColumns =
    "SELECT r.run_id::text AS run_id, r.feed, r.run_type, r.status, r.query::text AS query, r.expected_workers, "
    "r.completed_workers, r.failed_workers, r.expected_records, r.counted_records, r.error_message, (SELECT "
    "coalesce(sum(p.records), 0)::bigint FROM feed.partition_progress p WHERE p.run_id = r.run_id) AS records, (extract(epoch "
    "FROM r.watermark_before) * 1000000)::bigint AS watermark_before, (extract(epoch FROM r.watermark_after) * 1000000)::bigint "
    "AS watermark_after, (extract(epoch FROM r.consolidate_at) * 1000000)::bigint AS consolidate_at, (extract(epoch FROM "
    "r.created_at) * 1000000)::bigint AS created_at, (extract(epoch FROM r.settled_at) * 1000000)::bigint AS settled_at, "
    "(extract(epoch FROM r.finished_at) * 1000000)::bigint AS finished_at FROM feed.run_metadata r";

double percent_of(long long part, long long whole) {
  if (whole <= 0) return 100;
  return std::clamp(100.0 * static_cast<double>(part) / static_cast<double>(whole), 0.0, 100.0);
}

}  // namespace

double FeedRunLine::percent() const { return percent_of(records, expected_records); }
double FeedPartitionLine::percent() const { return status == "done" ? 100 : percent_of(records, expected); }

Statement feed_runs_newest_first(const std::optional<std::string>& after, long long offset, int limit) {
  return {
      std::string(kRunColumns) +
          " WHERE $1::uuid IS NULL OR (r.created_at, r.run_id) < (SELECT created_at, run_id FROM feed.run_metadata WHERE "
          "run_id = $1::uuid) ORDER BY r.created_at DESC, r.run_id DESC OFFSET $2::bigint LIMIT $3::integer",
      sql_values(after, offset, limit)};
}

Statement feed_run_by_id(const std::string& id) {
  return {std::string(kRunColumns) + " WHERE r.run_id = $1::uuid", sql_values(id)};
}

std::vector<FeedRunLine> feed_run_lines(const Rows& result) {
  std::vector<FeedRunLine> lines;
  for (const Row row : result) {
    lines.push_back({.id = row.text("run_id"),
                     .feed = row.text("feed"),
                     .type = row.text("run_type"),
                     .status = row.text("status"),
                     .query = row.text("query"),
                     .expected_workers = row.integer("expected_workers"),
                     .completed_workers = row.integer("completed_workers"),
                     .failed_workers = row.integer("failed_workers"),
                     .expected_records = row.integer("expected_records"),
                     .counted_records = row.integer("counted_records"),
                     .records = row.integer("records"),
                     .error = row.maybe_text("error_message"),
                     .watermark_before = row.maybe_micros("watermark_before"),
                     .consolidate_at = row.maybe_micros("consolidate_at"),
                     .settled_at = row.maybe_micros("settled_at"),
                     .finished_at = row.maybe_micros("finished_at"),
                     .watermark_after = row.micros("watermark_after"),
                     .created_at = row.micros("created_at")});
  }
  return lines;
}

Statement feed_partitions_of(const std::string& run) {
  return {
      "SELECT p.partition_id, p.status, (p.payload ->> 'priceMin')::bigint AS price_min, (p.payload ->> 'priceMax')::bigint AS "
      "price_max, (p.payload ->> 'expectedRecords')::bigint AS expected, p.records, p.next_offset, p.failed_pages, p.attempts, "
      "coalesce(p.error_message, w.error_message) AS error, w.worker_id, (extract(epoch FROM w.started_at) * "
      "1000000)::bigint AS started_at, (extract(epoch FROM w.finished_at) * 1000000)::bigint AS finished_at FROM "
      "feed.partition_progress p LEFT JOIN feed.worker_runs w USING (run_id, partition_id) WHERE p.run_id = $1::uuid ORDER BY "
      "price_min, p.id",
      sql_values(run)};
}

std::vector<FeedPartitionLine> feed_partition_lines(const Rows& result) {
  std::vector<FeedPartitionLine> lines;
  for (const Row row : result) {
    lines.push_back({.id = row.text("partition_id"),
                     .status = row.text("status"),
                     .price_min = row.integer("price_min"),
                     .price_max = row.integer("price_max"),
                     .expected = row.integer("expected"),
                     .records = row.integer("records"),
                     .next_offset = row.integer("next_offset"),
                     .failed_pages = row.integer("failed_pages"),
                     .attempts = row.integer("attempts"),
                     .error = row.maybe_text("error"),
                     .worker = row.maybe_text("worker_id"),
                     .started_at = row.maybe_micros("started_at"),
                     .finished_at = row.maybe_micros("finished_at")});
  }
  return lines;
}

Statement feed_pace_of(const std::string& run) {
  return {
      "SELECT count(*) FILTER (WHERE fetched_at > now() - interval '5 minutes') AS pages, coalesce(sum(received) FILTER (WHERE "
      "fetched_at > now() - interval '5 minutes'), 0)::bigint AS stones, coalesce(extract(epoch FROM now() - min(fetched_at) "
      "FILTER (WHERE fetched_at > now() - interval '5 minutes')), 0)::float8::text AS seconds, (extract(epoch FROM "
      "max(fetched_at)) * 1000000)::bigint AS last_page FROM feed.pages WHERE run_id = $1::uuid",
      sql_values(run)};
}

FeedPace feed_pace(const Rows& result) {
  const Row row = result.only();
  return {.pages = row.integer("pages"),
          .stones = row.integer("stones"),
          .seconds = std::max(0.0, row.decimal("seconds").to_double()),
          .last_page = row.maybe_micros("last_page")};
}

Statement feed_problems_of(const std::string& run) {
  return {
      "SELECT consolidation_error AS what, count(*) AS times FROM feed.raw_diamonds_nivoda WHERE run_id = $1::uuid AND "
      "consolidation_error IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10",
      sql_values(run)};
}

std::vector<FeedProblem> feed_problems(const Rows& result) {
  std::vector<FeedProblem> all;
  for (const Row row : result) all.push_back({row.text("what"), row.integer("times")});
  return all;
}

}  // namespace am::web
