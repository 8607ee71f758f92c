#include "support/picks_rows.hpp"

namespace am::test {

std::string dump_picks(kernel::Sql& sql) {
  return value_of(sql, R"sql(
WITH named AS (SELECT id, to_char(run_date, 'YYYY-MM-DD') AS day FROM batches),
runs AS (
  SELECT r.id, r.job || ' ' || coalesce(n.day || substr(r.slot, 37), r.slot) AS name, r.status, r.params
  FROM ops.runs r LEFT JOIN named n ON starts_with(r.slot, n.id::text) WHERE r.job <> 'fetch_closes_v1'),
lines AS (
  SELECT concat_ws(' ', 'batch', n.day, benchmark_symbol, benchmark_initial_price, status) AS line
    FROM batches b JOIN named n ON n.id = b.id
  UNION ALL SELECT concat_ws(' ', 'origin', n.day, picker, coalesce(model, '-'), coalesce(served_model, '-'),
                             coalesce(template_hash, '-'), coalesce(prompt_hash, '-'), price_source, origin, imported_at)
    FROM ops.batch_origin o JOIN named n ON n.id = o.batch_id
  UNION ALL SELECT concat_ws(' ', 'pick', n.day, ticker, action, initial_price, reasoning) FROM picks p JOIN named n ON n.id = p.batch_id
  UNION ALL SELECT concat_ws(' ', 'checkpoint', n.day, checkpoint_date, status, coalesce(benchmark_price::text, '-'),
                             coalesce(benchmark_return_pct::text, '-'))
    FROM checkpoints c JOIN named n ON n.id = c.batch_id
  UNION ALL SELECT concat_ws(' ', 'metric', n.day, checkpoint_date, ticker, current_price, absolute_return_pct, vs_benchmark_pct)
    FROM pick_checkpoint_metrics m JOIN checkpoints c ON c.id = m.checkpoint_id JOIN picks p ON p.id = m.pick_id
    JOIN named n ON n.id = c.batch_id
  UNION ALL SELECT concat_ws(' ', 'close', source, symbol, day, close) FROM market.daily_closes
  UNION ALL SELECT concat_ws(' ', 'action', symbol, day, kind, ratio, new_symbol, price, source) FROM market.corporate_actions
  UNION ALL SELECT concat_ws(' ', 'asked', source, symbol, day) FROM market.splits_asked
  UNION ALL SELECT concat_ws(' ', 'run', name, status, params::text) FROM runs
  UNION ALL SELECT concat_ws(' ', 'step', r.name, s.name, s.input_hash, s.finished_at IS NOT NULL,
                             regexp_replace(s.output::text, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'ID', 'g'))
    FROM ops.steps s JOIN runs r ON r.id = s.run_id
  UNION ALL SELECT concat_ws(' ', 'discarded', job, slot, name, output::text) FROM ops.discarded_steps
  UNION ALL SELECT concat_ws(' ', 'template', hash) FROM ops.prompt_templates
  UNION ALL SELECT concat_ws(' ', 'event', e.kind, coalesce(n.day, '-'), (e.data - 'before')::text)
    FROM ops.events e LEFT JOIN named n ON n.id = e.batch_id
) SELECT string_agg(line, E'\n' ORDER BY line) FROM lines)sql");
}

void empty_picks(kernel::Sql& sql) {
  sql.query(
      "WITH a AS (DELETE FROM pick_checkpoint_metrics), b AS (DELETE FROM checkpoints), c AS (DELETE FROM "
      "picks), "
      "d AS (DELETE FROM ops.steps), e AS (DELETE FROM ops.batch_origin), f AS (DELETE FROM "
      "market.daily_closes), "
      "i AS (DELETE FROM market.corporate_actions), j AS (DELETE FROM market.splits_asked), "
      "k AS (DELETE FROM ops.discarded_steps), l AS (DELETE FROM ops.prompt_templates), "
      "g AS (DELETE FROM ops.events), h AS (DELETE FROM ops.rate_limits) DELETE FROM ops.runs");
  sql.query("DELETE FROM batches");
}

}  // namespace am::test
