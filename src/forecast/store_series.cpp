// forecast.series, and what is stored of each.

#include "am/base/text.hpp"
#include "am/forecast/jobs.hpp"
#include "am/forecast/live.hpp"
#include "am/forecast/store.hpp"
#include "am/kernel/ledger.hpp"
#include "am/kernel/queue_admin.hpp"
#include "row_values.hpp"

namespace am::forecast {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::Sql;
using kernel::sql_values;

constexpr std::string_view kSelect =
    "SELECT name, unit, zone, calendar, season, zero_means_missing, non_negative, holidays, source, lag_days, horizon, "
    "nightly, revision FROM forecast.series ";

SeriesInfo series_of(const Row& row) {
  SeriesInfo series;
  series.name = row.text("name");
  series.unit = row.maybe_text("unit");
  series.zone = row.text("zone");
  series.calendar = row.text("calendar");
  series.season = row.text("season");
  series.zero_means_missing = row.boolean("zero_means_missing");
  if (!row.is_null("non_negative")) series.non_negative = row.boolean("non_negative");
  series.holidays = row.maybe_text("holidays");
  series.source = row.maybe_text("source");
  series.lag_days = static_cast<int>(row.integer("lag_days"));
  series.horizon = static_cast<int>(row.integer("horizon"));
  series.nightly = row.boolean("nightly");
  series.revision = row.integer("revision");
  return series;
}

}  // namespace

Added add_series(kernel::Transaction& tx, const SeriesInfo& s, bool replace) {
  const kernel::SqlValues values =
      sql_values(s.name, s.unit, s.zone, s.calendar, s.season, s.zero_means_missing, s.non_negative,
                 s.holidays, s.source, s.lag_days, s.horizon, s.nightly);
  // Jobs of a removed one of that name have keys that are not this one's.
  const Rows made = tx.query(
      "INSERT INTO forecast.series (name, unit, zone, calendar, season, zero_means_missing, non_negative, holidays, source, "
      "lag_days, horizon, nightly, revision, created_at) VALUES ($1, $2, $3, $4, $5, $6::boolean, $7::boolean, $8, $9, "
      "$10::integer, $11::integer, $12::boolean, (SELECT coalesce(max((payload ->> 'revision')::numeric::bigint), 0) FROM "
      "jobs.forecast_jobs WHERE series = $1 AND jsonb_typeof(payload -> 'revision') = 'number'), clock_timestamp()) ON CONFLICT "
      "(name) DO NOTHING",
      values);
  if (made.affected == 1) return Added::made;
  const Rows differs = tx.query(
      "SELECT (unit, zone, calendar, season, zero_means_missing, non_negative, holidays, source, lag_days, horizon, nightly) "
      "IS DISTINCT FROM ($2::text, $3::text, $4::text, $5::text, $6::boolean, $7::boolean, $8::text, $9::text, $10::integer, "
      "$11::integer, $12::boolean) AS differs FROM forecast.series WHERE name = $1 FOR UPDATE",
      values);
  if (!differs.only().boolean("differs")) return Added::same;
  if (!replace) return Added::differs;
  tx.query(
      "UPDATE forecast.series SET unit = $2, zone = $3, calendar = $4, season = $5, zero_means_missing = $6::boolean, "
      "non_negative = $7::boolean, holidays = $8, source = $9, lag_days = $10::integer, horizon = $11::integer, nightly = "
      "$12::boolean, revision = revision + 1 WHERE name = $1",
      values);
  mark_all(tx, s.name);
  return Added::replaced;
}

std::optional<SeriesInfo> find_series(Sql& sql, const std::string& name) {
  const Rows rows = sql.query(std::string(kSelect) + "WHERE name = $1", sql_values(name));
  return rows.empty() ? std::nullopt : std::optional(series_of(rows[0]));
}

SeriesInfo load_series(Sql& sql, const std::string& name) {
  if (auto found = find_series(sql, name)) return *std::move(found);
  throw Error(ErrorKind::no_input, "series " + shown(name) + ": not found",
              "am forecast series list shows them; am forecast series add makes one");
}

std::vector<SeriesInfo> list_series(Sql& sql) {
  std::vector<SeriesInfo> all;
  const Rows rows = sql.query(std::string(kSelect) + "ORDER BY name");
  for (const Row row : rows) all.push_back(series_of(row));
  return all;
}

std::vector<SeriesExtent> series_extents(Sql& sql, const std::optional<std::string>& name) {
  const Rows rows = sql.query(
      "SELECT s.name, coalesce(o.n, 0) AS observations, to_char(o.first, 'YYYY-MM-DD') AS first, "
      "to_char(o.last, 'YYYY-MM-DD') AS last, (SELECT value FROM forecast.observations_daily v WHERE v.series = s.name AND "
      "v.date = o.last)::text AS last_value, (SELECT count(*) FROM forecast.predictions_daily p WHERE p.series = s.name) AS "
      "predictions, (SELECT count(*) FROM forecast.observation_changes c WHERE c.series = s.name) AS changes, "
      "(SELECT to_char(d.began, 'YYYY-MM-DD') FROM forecast.drifts d WHERE d.series = s.name AND d.ended IS NULL) AS drifts_since "
      "FROM forecast.series s LEFT JOIN (SELECT series, count(*) AS n, min(date) AS first, max(date) AS last FROM "
      "forecast.observations_daily WHERE $1::text IS NULL OR series = $1 GROUP BY series) o ON o.series = s.name "
      "WHERE $1::text IS NULL OR s.name = $1 ORDER BY s.name",
      sql_values(name));
  std::vector<SeriesExtent> all;
  for (const Row row : rows) {
    SeriesExtent extent;
    extent.series = row.text("name");
    extent.observations = row.integer("observations");
    extent.predictions = row.integer("predictions");
    extent.changes = row.integer("changes");
    if (!row.is_null("first")) extent.first = row.date("first");
    if (!row.is_null("last")) extent.last = row.date("last");
    if (!row.is_null("drifts_since")) extent.drifts_since = row.date("drifts_since");
    extent.last_value = maybe_number(row, "last_value");
    all.push_back(std::move(extent));
  }
  return all;
}

RemovedSeries remove_series(kernel::Transaction& tx, const std::string& name) {
  // Who queues a job holds the row: either its job is cancelled here, or it finds no series.
  if (tx.query("SELECT FROM forecast.series WHERE name = $1 FOR UPDATE", sql_values(name)).empty())
    load_series(tx, name);  // which says so
  const SeriesExtent extent = series_extents(tx, name).at(0);
  RemovedSeries removed{.observations = extent.observations, .predictions = extent.predictions, .jobs = 0};
  kernel::ItemNames open;
  const Rows rows = tx.query(
      "SELECT id FROM jobs.forecast_jobs WHERE series = $1 AND status IN ('queued', 'running') ORDER BY id",
      sql_values(name));
  for (const Row row : rows) open.ids.push_back(row.integer("id"));
  if (!open.ids.empty()) {
    for (const kernel::ItemChange& change :
         kernel::cancel_items(tx, jobs_queue(), open, "series " + name + " was removed"))
      removed.jobs += change.changed ? 1 : 0;
  }
  tx.query("DELETE FROM forecast.series WHERE name = $1", sql_values(name));
  kernel::Ledger::event(tx, "series_removed", {}, {}, "{}", "series " + name);
  return removed;
}

}  // namespace am::forecast
