#include "series_reads.hpp"

#include <algorithm>

#include "am/base/error.hpp"
#include "am/forecast/numbers.hpp"

namespace am::web {

namespace {

using kernel::sql_values;

/// How many known days the page of a series begins with, and the most that it draws.
constexpr int kKnownDays = 120;
constexpr int kMostSeriesDays = 1000;

/// A series with its newest scores: each look walks the primary key's index backwards and stops.
constexpr std::string_view kScored =
    "SELECT s.*, w.kind, to_char(w.as_of, 'YYYY-MM-DD') AS scored_as_of, a.* FROM forecast.series s LEFT JOIN LATERAL (SELECT "
    "k.kind, c.as_of FROM (VALUES ('live', 1), ('backtest', 2)) k (kind, rank), LATERAL (SELECT as_of FROM forecast.scores "
    "WHERE series = s.name AND kind = k.kind ORDER BY as_of DESC LIMIT 1) c ORDER BY k.rank LIMIT 1) w ON true LEFT JOIN LATERAL "
    "(SELECT sum(c.days) AS scored_days, sum(c.mase * c.days) / sum(c.days) FILTER (WHERE c.mase IS NOT NULL) AS mase, "
    "sum(c.naive_mase * c.days) / sum(c.days) FILTER (WHERE c.naive_mase IS NOT NULL) AS naive_mase, sum(c.seasonal_mase * "
    "c.days) / sum(c.days) FILTER (WHERE c.seasonal_mase IS NOT NULL) AS seasonal_mase, sum(c.smape * c.days) / sum(c.days) "
    "FILTER (WHERE c.smape IS NOT NULL) AS smape, sum(c.covered95 * c.days) / sum(c.days) AS covered95, sum(c.covered80 * "
    "c.days) / sum(c.days) AS covered80 FROM forecast.scores c WHERE c.series = s.name AND c.kind = w.kind AND c.as_of = "
    "w.as_of) a ON true ";

constexpr std::string_view kColumnsOfSeries =
    "r.name, r.unit, r.zone, r.calendar, r.season, r.holidays, r.lag_days, r.horizon, r.nightly, r.revision, r.kind, "
    "r.scored_as_of, r.scored_days, r.mase::text, r.naive_mase::text, r.seasonal_mase::text, r.smape::text, "
    "r.covered95::text, r.covered80::text, o.observations, to_char(o.first, 'YYYY-MM-DD') AS first, to_char(o.last, "
    "'YYYY-MM-DD') AS last, (SELECT value::text FROM forecast.observations_daily WHERE series = r.name AND date = o.last) AS "
    "last_value, to_char(p.first, 'YYYY-MM-DD') AS predicted_from, to_char(p.last, 'YYYY-MM-DD') AS predicted_to, "
    "to_char(p.as_of, 'YYYY-MM-DD') AS as_of, to_char(d.began, 'YYYY-MM-DD') AS drifts_since, d.reason AS drift_reason";
constexpr std::string_view kSparks =
    ", (SELECT string_agg(q.value::text, ' ' ORDER BY q.date) FROM (SELECT date, value FROM forecast.observations_daily WHERE "
    "series = r.name ORDER BY date DESC LIMIT 56) q) AS past, (SELECT string_agg(q.y_hat::text, ' ' ORDER BY q.date) FROM "
    "(SELECT date, y_hat FROM forecast.predictions_daily WHERE series = r.name AND date > coalesce(o.last, '-infinity') ORDER "
    "BY date LIMIT 28) q) AS ahead";
constexpr std::string_view kExtents =
    ") r LEFT JOIN LATERAL (SELECT count(*) AS observations, min(date) AS first, max(date) AS last FROM "
    "forecast.observations_daily WHERE series = r.name) o ON true LEFT JOIN LATERAL (SELECT min(date) AS first, max(date) AS "
    "last, max(as_of) AS as_of FROM forecast.predictions_daily WHERE series = r.name) p ON true LEFT JOIN forecast.drifts d ON d.series = r.name AND "
    "d.ended IS NULL ";

/// which: of the series, in their order; again: the same order, of what was joined to them.
std::string series_sql(std::string_view which, std::string_view again, bool sparks) {
  std::string sql = "SELECT ";
  sql.append(kColumnsOfSeries).append(sparks ? kSparks : "").append(" FROM (").append(kScored).append(which);
  sql.append(kExtents).append("ORDER BY ").append(again);
  return sql;
}

double figure(std::string_view text, std::string_view what) {
  const auto value = forecast::parse_number(text);
  if (!value) throw Error(ErrorKind::data, std::string(what) + ": a row holds no number");
  return *value;
}

std::vector<double> figures(const kernel::Row& row, std::string_view column) {
  std::vector<double> all;
  const std::string text = row.maybe_text(column).value_or("");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    all.push_back(figure(std::string_view(text).substr(at, end - at), column));
    at = end + 1;
  }
  return all;
}

}  // namespace

std::optional<double> figure_of(const kernel::Row& row, std::string_view column) {
  return row.is_null(column) ? std::nullopt : std::optional(figure(row.text(column), column));
}

forecast::Bounds bounds_of_row(const kernel::Row& row) {
  return {.y_hat = figure(row.text("y_hat"), "y_hat"),
          .lo = figure(row.text("y_lo"), "y_lo"),
          .hi = figure(row.text("y_hi"), "y_hi"),
          .lo80 = figure(row.text("y_lo80"), "y_lo80"),
          .hi80 = figure(row.text("y_hi80"), "y_hi80")};
}

kernel::Statement series_by_name(const std::optional<std::string>& cursor, int limit) {
  return {series_sql("WHERE $1::text IS NULL OR s.name > $1::text ORDER BY s.name LIMIT $2::int", "r.name",
                     false),
          sql_values(cursor, limit + 1)};
}

kernel::Statement series_worst_first(long long offset, int limit) {
  return {series_sql("ORDER BY a.mase DESC NULLS LAST, s.name OFFSET $1::bigint LIMIT $2::int",
                     "r.mase DESC NULLS LAST, r.name", true),
          sql_values(offset, limit)};
}

kernel::Statement one_series(const std::string& name) {
  return {series_sql("WHERE s.name = $1", "r.name", true), sql_values(name)};
}

std::vector<SeriesLine> series_lines(const kernel::Rows& rows) {
  const bool sparks = std::find(rows.columns.begin(), rows.columns.end(), "past") != rows.columns.end();
  std::vector<SeriesLine> lines;
  for (const kernel::Row row : rows) {
    SeriesLine line{.name = row.text("name"),
                    .unit = row.maybe_text("unit"),
                    .zone = row.text("zone"),
                    .calendar = row.text("calendar"),
                    .season = row.text("season"),
                    .holidays = row.maybe_text("holidays"),
                    .lag_days = row.text("lag_days"),
                    .horizon = row.text("horizon"),
                    .nightly = row.boolean("nightly"),
                    .revision = row.text("revision"),
                    .observations = row.text("observations"),
                    .first = row.maybe_text("first"),
                    .last = row.maybe_text("last"),
                    .last_value = row.maybe_text("last_value"),
                    .predicted_from = row.maybe_text("predicted_from"),
                    .predicted_to = row.maybe_text("predicted_to"),
                    .as_of = row.maybe_text("as_of"),
                    .drifts_since = row.maybe_text("drifts_since"),
                    .drift_reason = row.maybe_text("drift_reason")};
    if (!row.is_null("kind")) {
      line.accuracy = SeriesAccuracy{.kind = row.text("kind"),
                                     .as_of = row.text("scored_as_of"),
                                     .days = row.text("scored_days"),
                                     .mase = figure_of(row, "mase"),
                                     .naive_mase = figure_of(row, "naive_mase"),
                                     .seasonal_mase = figure_of(row, "seasonal_mase"),
                                     .smape = figure_of(row, "smape"),
                                     .covered95 = figure(row.text("covered95"), "covered95"),
                                     .covered80 = figure(row.text("covered80"), "covered80")};
    }
    if (sparks) {
      line.past = figures(row, "past");
      line.ahead = figures(row, "ahead");
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

kernel::Statement series_days(const std::string& name) {
  return {
      "WITH known AS (SELECT date, value FROM forecast.observations_daily WHERE series = $1 ORDER BY date DESC LIMIT "
      "$2::int), predicted AS (SELECT * FROM forecast.predictions_daily WHERE series = $1 AND date >= coalesce((SELECT "
      "min(date) FROM known), '-infinity')) SELECT to_char(coalesce(o.date, p.date), 'YYYY-MM-DD') AS date, o.value::text, "
      "p.y_hat::text, p.y_lo::text, p.y_hi::text, p.y_lo80::text, p.y_hi80::text, to_char(p.as_of, 'YYYY-MM-DD') AS as_of "
      "FROM known o FULL JOIN predicted p ON p.date = o.date ORDER BY coalesce(o.date, p.date) LIMIT $3::int",
      sql_values(name, kKnownDays, kMostSeriesDays)};
}

std::vector<forecast::SeriesDay> series_days_of(const kernel::Rows& rows) {
  std::vector<forecast::SeriesDay> days;
  for (const kernel::Row row : rows) {
    forecast::SeriesDay day{.date = row.date("date"), .value = figure_of(row, "value")};
    if (!row.is_null("y_hat")) {
      day.bounds = bounds_of_row(row);
      day.as_of = row.date("as_of");
    }
    days.push_back(day);
  }
  return days;
}

}  // namespace am::web
