#include "support/feed_rows.hpp"

namespace am::test {

std::string dump_feed(kernel::Sql& sql) {
  return value_of(sql, R"sql(
WITH lines AS (
  SELECT concat_ws(' ', 'feed run', feed, run_type, status, query::text, expected_workers, completed_workers, failed_workers,
    expected_records, counted_records, consolidate_at IS NOT NULL, decisions, error_message) AS line FROM feed.run_metadata
  UNION ALL SELECT concat_ws(' ', 'partition', partition_id, status, (payload - 'runId' - 'watermarkBefore')::text, next_offset,
    records, failed_pages) FROM feed.partition_progress
  UNION ALL SELECT concat_ws(' ', 'worker', partition_id, status, records_processed, error_message) FROM feed.worker_runs
  UNION ALL SELECT concat_ws(' ', 'page', partition_id, page, at_offset, received, new, changed, cardinality(ids)) FROM feed.pages
  UNION ALL SELECT concat_ws(' ', 'raw', feed, supplier_stone_id, offer_id, payload_hash, consolidated, consolidation_error)
    FROM feed.raw_diamonds_nivoda
  UNION ALL SELECT concat_ws(' ', 'stone', feed, supplier_stone_id, stone_type, shape, carats, feed_price, price, margin,
    margin_modifier, rating, missed, deleted_at IS NOT NULL) FROM feed.diamonds
  UNION ALL SELECT concat_ws(' ', 'rule', feed, priority, stone_type, price_min, price_max, margin_modifier, rating, active)
    FROM feed.pricing_rules
  UNION ALL SELECT concat_ws(' ', 'watermark', feed, query_hash) FROM feed.watermarks
  UNION ALL SELECT concat_ws(' ', 'run', job, status) FROM ops.runs
  UNION ALL SELECT concat_ws(' ', 'event', kind, (data - 'item')::text) FROM ops.events
) SELECT coalesce(string_agg(line, E'\n' ORDER BY line), '') FROM lines)sql");
}

void empty_feed(kernel::Sql& sql) {
  sql.query(
      "TRUNCATE feed.run_metadata, feed.partition_progress, feed.worker_runs, feed.pages, feed.raw_diamonds_nivoda, "
      "feed.watermarks, feed.diamonds, feed.pricing_rules, ops.steps, ops.events, ops.runs CASCADE");
}

}  // namespace am::test
