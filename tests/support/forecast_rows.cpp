#include "support/forecast_rows.hpp"

namespace am::test {

std::string dump_forecast(kernel::Sql& sql) {
  return value_of(sql, R"sql(
WITH lines AS (
  SELECT concat_ws(' ', 'series', name, calendar, season, revision) AS line FROM forecast.series
  UNION ALL SELECT concat_ws(' ', 'observation', series, date, value) FROM forecast.observations_daily
  UNION ALL SELECT concat_ws(' ', 'change', series, date, was) FROM forecast.observation_changes
  UNION ALL SELECT concat_ws(' ', 'predicted', series, date, y_hat, y_lo, y_hi, y_lo80, y_hi80, model_version, as_of, revision)
    FROM forecast.predictions_daily
  UNION ALL SELECT concat_ws(' ', 'then', series, date, as_of, y_hat, y_lo, y_hi, y_lo80, y_hi80, model_version, revision)
    FROM forecast.prediction_history
  UNION ALL SELECT concat_ws(' ', 'total', series, kind, first, last, y_hat, y_lo, y_hi, y_lo80, y_hi80, as_of, revision)
    FROM forecast.prediction_totals
  UNION ALL SELECT concat_ws(' ', 'score', series, kind, as_of, first_step, days, mase, covered95) FROM forecast.scores
  UNION ALL SELECT concat_ws(' ', 'marked', series, date) FROM forecast.score_marks
  UNION ALL SELECT concat_ws(' ', 'drift', series, began, ended, reason) FROM forecast.drifts
  UNION ALL SELECT concat_ws(' ', 'notice', kind, subject, text, told_at IS NULL) FROM forecast.notices
  UNION ALL SELECT concat_ws(' ', 'job', key, status, payload::text) FROM jobs.forecast_jobs
  UNION ALL SELECT concat_ws(' ', 'run', job, slot, status) FROM ops.runs
  UNION ALL SELECT concat_ws(' ', 'event', kind, subject, (data - 'queued' - 'there' - 'scored')::text) FROM ops.events
) SELECT string_agg(line, E'\n' ORDER BY line) FROM lines)sql");
}

void empty_forecast(kernel::Sql& sql) {
  sql.query(
      "WITH a AS (DELETE FROM forecast.series), b AS (DELETE FROM jobs.forecast_jobs), c AS (DELETE FROM "
      "forecast.holidays), d0 AS (DELETE FROM forecast.notices), d AS (DELETE FROM ops.steps), e AS (DELETE FROM ops.events) DELETE FROM ops.runs");
}

}  // namespace am::test
