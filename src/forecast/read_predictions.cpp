#include "am/forecast/predictions.hpp"
#include "row_values.hpp"

namespace am::forecast {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

Bounds bounds_of(const Row& row) {
  return {.y_hat = number(row, "y_hat"),
          .lo = number(row, "y_lo"),
          .hi = number(row, "y_hi"),
          .lo80 = number(row, "y_lo80"),
          .hi80 = number(row, "y_hi80")};
}

constexpr std::string_view kColumns =
    "to_char(p.date, 'YYYY-MM-DD') AS date, p.y_hat::text, p.y_lo::text, p.y_hi::text, p.y_lo80::text, p.y_hi80::text, "
    "p.model_version, to_char(p.as_of, 'YYYY-MM-DD') AS as_of, p.revision, p.job, o.value::text AS value ";
constexpr std::string_view kJoin =
    "LEFT JOIN forecast.observations_daily o ON o.series = p.series AND o.date = p.date WHERE p.series = $1 AND ($2::date IS "
    "NULL OR p.date >= $2::date) AND ($3::date IS NULL OR p.date <= $3::date) ";

}  // namespace

kernel::Statement ask_predictions(const PredictionFilter& f) {
  std::string sql = "SELECT ";
  if (!f.as_of) {
    sql.append(kColumns).append("FROM forecast.predictions_daily p ").append(kJoin).append("ORDER BY p.date");
    return {std::move(sql), sql_values(f.series, f.from, f.to)};
  }
  sql.append("DISTINCT ON (p.date) ")
      .append(kColumns)
      .append("FROM forecast.prediction_history p ")
      .append(kJoin);
  sql.append("AND p.as_of <= $4::date ORDER BY p.date, p.as_of DESC");
  return {std::move(sql), sql_values(f.series, f.from, f.to, f.as_of)};
}

std::vector<Prediction> make_predictions(const Rows& result) {
  std::vector<Prediction> all;
  for (const Row row : result) {
    all.push_back({.date = row.date("date"),
                   .bounds = bounds_of(row),
                   .value = maybe_number(row, "value"),
                   .model_version = row.text("model_version"),
                   .as_of = row.date("as_of"),
                   .revision = row.integer("revision"),
                   .job = row.integer("job")});
  }
  return all;
}

std::vector<Prediction> read_predictions(kernel::Sql& sql, const PredictionFilter& filter) {
  const kernel::Statement statement = ask_predictions(filter);
  return make_predictions(sql.query(statement.sql, statement.values));
}

kernel::Statement ask_totals(const TotalFilter& f) {
  return {
      "SELECT t.kind, to_char(t.first, 'YYYY-MM-DD') AS first, to_char(t.last, 'YYYY-MM-DD') AS last, t.y_hat::text, "
      "t.y_lo::text, t.y_hi::text, t.y_lo80::text, t.y_hi80::text, to_char(t.as_of, 'YYYY-MM-DD') AS as_of, t.job, "
      "(SELECT CASE WHEN count(*) = count(o.value) AND abs(sum(o.value / 1024)) < 1.7e305 THEN (sum(o.value / 1024) * "
      "1024)::text END FROM forecast.predictions_daily p LEFT JOIN "
      "forecast.observations_daily o ON o.series = p.series AND o.date = p.date WHERE p.series = t.series AND p.date BETWEEN "
      "t.first AND t.last) AS value FROM forecast.prediction_totals t WHERE t.series = $1 AND (t.kind = $4 OR $4::text IS NULL "
      "AND t.kind IN ('week', 'month')) AND ($2::date IS NULL OR t.last >= $2::date) AND ($3::date IS NULL OR t.first <= "
      "$3::date) AND ($5::int IS NULL OR t.last >= coalesce((SELECT max(date) FROM forecast.observations_daily WHERE series = "
      "$1) - $5::int, '-infinity')) AND (t.kind = 'range' OR NOT EXISTS (SELECT FROM forecast.prediction_totals n WHERE n.series = "
      "t.series AND n.kind = t.kind AND n.first <= t.last AND n.last >= t.first AND n.job > t.job)) ORDER BY t.kind DESC, t.first, "
      "t.last",
      sql_values(f.series, f.from, f.to, f.kind, f.past_days)};
}

std::vector<PredictedTotal> make_totals(const Rows& result) {
  std::vector<PredictedTotal> all;
  for (const Row row : result) {
    all.push_back({.kind = row.text("kind"),
                   .first = row.date("first"),
                   .last = row.date("last"),
                   .bounds = bounds_of(row),
                   .value = maybe_number(row, "value"),
                   .as_of = row.date("as_of"),
                   .job = row.integer("job")});
  }
  return all;
}

std::vector<PredictedTotal> read_totals(kernel::Sql& sql, const TotalFilter& filter) {
  const kernel::Statement statement = ask_totals(filter);
  return make_totals(sql.query(statement.sql, statement.values));
}

kernel::Statement ask_earlier(const PredictionFilter& f, std::optional<int> most) {
  const auto said = [](std::string_view days) {
    return "(SELECT h.y_hat::text FROM forecast.prediction_history h WHERE h.series = p.series AND h.date = p.date AND "
           "h.as_of <= p.date - " +
           std::string(days) + " ORDER BY h.as_of DESC LIMIT 1)";
  };
  return {
      "SELECT to_char(p.date, 'YYYY-MM-DD') AS date, " + said("7") + " AS week_before, " + said("28") +
          " AS month_before FROM forecast.predictions_daily p JOIN forecast.observations_daily o ON o.series = p.series AND "
          "o.date = p.date WHERE p.series = $1 AND ($2::date IS NULL OR p.date >= $2::date) AND ($3::date IS NULL OR p.date "
          "<= $3::date) ORDER BY p.date DESC LIMIT $4::int",
      sql_values(f.series, f.from, f.to, most)};
}

std::vector<EarlierForecast> make_earlier(const Rows& result) {
  std::vector<EarlierForecast> all;
  for (const Row row : result) {
    all.push_back({.date = row.date("date"),
                   .week_before = maybe_number(row, "week_before"),
                   .month_before = maybe_number(row, "month_before")});
  }
  return all;
}

}  // namespace am::forecast
