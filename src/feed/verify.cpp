#include "verify.hpp"

#include "am/feed/types.hpp"

namespace am::feed {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;
using kernel::Verification;

/// Rows of what is wrong, as run, what, expected, got. $1 and $2: the first and last day of the plans, or null.
struct Check {
  std::string_view sql;
  std::string_view hint;
};

/// What every check begins with: the runs of these days.
constexpr std::string_view kRuns =
    "WITH runs AS (SELECT * FROM feed.run_metadata WHERE $1::date IS NULL OR (created_at AT TIME ZONE 'UTC')::date BETWEEN "
    "$1::date AND $2::date) ";

constexpr Check kChecks[] = {
    // A stone that was on two pages of a partition is one of its records.
    {"SELECT r.run_id::text AS run, p.partition_id || ': records' AS what, coalesce(g.stones, 0)::text AS expected, "
     "p.records::text AS got FROM runs r JOIN feed.partition_progress p USING (run_id) LEFT JOIN (SELECT g.run_id, "
     "g.partition_id, count(DISTINCT i.id) AS stones FROM feed.pages g, unnest(g.ids) AS i(id) WHERE g.run_id IN (SELECT run_id "
     "FROM runs) GROUP BY 1, 2) g ON g.run_id = p.run_id AND g.partition_id = p.partition_id WHERE p.records <> "
     "coalesce(g.stones, 0) ORDER BY 1, 2",
     ""},
    {"SELECT DISTINCT r.run_id::text AS run, g.partition_id || ': pages' AS what, 'of a partition of the run' AS expected, 'of "
     "none' AS got FROM runs r JOIN feed.pages g USING (run_id) WHERE NOT EXISTS (SELECT FROM feed.partition_progress p WHERE "
     "p.run_id = g.run_id AND p.partition_id = g.partition_id) ORDER BY 1, 2",
     ""},
    // A worker's record of a partition that is done says what the partition says.
    {"SELECT r.run_id::text AS run, p.partition_id || ': its worker''s record' AS what, 'completed, ' || p.records AS expected, "
     "coalesce(w.status || ', ' || w.records_processed, 'none') AS got FROM runs r JOIN feed.partition_progress p USING (run_id) "
     "LEFT JOIN feed.worker_runs w ON w.run_id = p.run_id AND w.partition_id = p.partition_id WHERE p.status = 'done' AND "
     "(w.status IS DISTINCT FROM 'completed' OR w.records_processed <> p.records) ORDER BY 1, 2",
     ""},
    {"SELECT r.run_id::text AS run, 'partitions' AS what, r.expected_workers::text AS expected, count(p.id)::text AS got FROM runs "
     "r LEFT JOIN feed.partition_progress p USING (run_id) GROUP BY r.run_id, r.expected_workers HAVING count(p.id) <> "
     "r.expected_workers ORDER BY 1",
     ""},
    // A partition's end is counted a moment after it: of a run that goes on the counters may be behind.
    {"SELECT r.run_id::text AS run, 'completed and failed partitions' AS what, t.completed || ' and ' || t.failed AS expected, "
     "r.completed_workers || ' and ' || r.failed_workers AS got FROM runs r, LATERAL (SELECT count(*) FILTER (WHERE status = "
     "'done') AS completed, count(*) FILTER (WHERE status IN ('dead', 'failed', 'cancelled')) AS failed, count(*) FILTER (WHERE "
     "status IN ('queued', 'running')) AS open FROM feed.partition_progress WHERE run_id = r.run_id) t WHERE t.open = 0 AND "
     "r.status NOT IN ('running', 'settled') AND (r.completed_workers <> t.completed OR r.failed_workers <> t.failed) OR "
     "r.completed_workers > t.completed ORDER BY 1",
     "am feed work ends by counting them again"},
    {"SELECT r.run_id::text AS run, p.partition_id || ': start of its prices' AS what, p.ended::text AS expected, p.began::text AS "
     "got FROM runs r, LATERAL (SELECT partition_id, (payload ->> 'priceMin')::bigint AS began, lag((payload ->> "
     "'priceMax')::bigint, 1, 0::bigint) OVER (ORDER BY (payload ->> 'priceMin')::bigint) AS ended FROM feed.partition_progress "
     "WHERE run_id = r.run_id) p WHERE p.began <> p.ended ORDER BY 1, 2",
     ""},
    {"SELECT r.run_id::text AS run, 'watermark' AS what, to_char(r.watermark_after AT TIME ZONE 'UTC', "
     "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') || ' of a complete run' AS expected, to_char(w.watermark AT TIME ZONE 'UTC', "
     "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS got FROM runs r JOIN feed.watermarks w ON w.run_id = r.run_id WHERE w.watermark <> "
     "r.watermark_after OR w.feed <> r.feed OR w.query_hash <> r.query_hash ORDER BY 1",
     ""},
};

}  // namespace

Verification verify_feed(kernel::Db& db, std::optional<DateRange> days,
                         const kernel::VerifyProgress& progress) {
  Verification found;
  found.noun = "run";
  found.member = "run";
  const auto ends = days ? sql_values(days->first, days->last) : sql_values(std::nullopt, std::nullopt);
  const auto snapshot = db.begin(true);
  const Rows counts = snapshot->query(
      "SELECT count(*) AS runs, coalesce(sum((SELECT count(*) FROM feed.partition_progress p WHERE p.run_id = r.run_id)), "
      "0)::bigint AS partitions, coalesce(sum((SELECT count(*) FROM feed.pages g WHERE g.run_id = r.run_id)), 0)::bigint AS pages "
      "FROM feed.run_metadata r WHERE $1::date IS NULL OR (created_at AT TIME ZONE 'UTC')::date BETWEEN $1::date AND $2::date",
      ends);
  const Row row = counts.only();
  found.counts = {{"runs", row.integer("runs")},
                  {"partitions", row.integer("partitions")},
                  {"pages", row.integer("pages")}};
  found.looked_at =
      row.text("runs") + " runs, " + row.text("partitions") + " partitions, " + row.text("pages") + " pages";
  for (const Check& check : kChecks) {
    for (const Row wrong : snapshot->query(std::string(kRuns) + std::string(check.sql), ends))
      found.find({.subject = wrong.text("run"),
                  .what = wrong.text("what"),
                  .expected = wrong.text("expected"),
                  .got = wrong.text("got"),
                  .hint = std::string(check.hint)});
  }
  const auto runs = static_cast<std::size_t>(row.integer("runs"));
  if (progress) progress(runs, runs);
  return found;
}

}  // namespace am::feed
