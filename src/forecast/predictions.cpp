// What a job writes: predictions, their history, totals.

#include "am/forecast/jobs.hpp"
#include "am/forecast/live.hpp"
#include "row_values.hpp"

namespace am::forecast {

namespace {

using kernel::Rows;
using kernel::sql_array;
using kernel::sql_value;
using kernel::sql_values;
using kernel::SqlValue;

/// Bounds as five arrays, rounded as they are stored.
struct BoundColumns {
  std::vector<SqlValue> y_hat, lo, hi, lo80, hi80;
  void add(const Bounds& bounds) {
    y_hat.emplace_back(number_text(bounds.y_hat));
    lo.emplace_back(number_text(bounds.lo));
    hi.emplace_back(number_text(bounds.hi));
    lo80.emplace_back(number_text(bounds.lo80));
    hi80.emplace_back(number_text(bounds.hi80));
  }
  void append_to(kernel::SqlValues& values) const {
    for (const auto* column : {&y_hat, &lo, &hi, &lo80, &hi80}) values.push_back(sql_array(*column));
  }
};

constexpr std::string_view kBoundsOf =
    "unnest($2::date[], $3::double precision[], $4::double precision[], $5::double precision[], $6::double precision[], "
    "$7::double precision[]) AS p(date, y_hat, y_lo, y_hi, y_lo80, y_hi80)";

// What a row says, apart from who wrote it. A day is written again when that differs, or when it is from newer data.
constexpr std::string_view kDaily =
    " INSERT INTO forecast.predictions_daily AS o (series, date, y_hat, y_lo, y_hi, y_lo80, y_hi80, model_version, as_of, "
    "revision, job, generated_at) SELECT $1, p.date, p.y_hat, p.y_lo, p.y_hi, p.y_lo80, p.y_hi80, $8, $9::date, $10::bigint, "
    "$11::bigint, clock_timestamp() FROM ";
constexpr std::string_view kDailyConflict =
    " ON CONFLICT (series, date) DO UPDATE SET y_hat = excluded.y_hat, y_lo = excluded.y_lo, y_hi = excluded.y_hi, y_lo80 = "
    "excluded.y_lo80, y_hi80 = excluded.y_hi80, model_version = excluded.model_version, as_of = excluded.as_of, revision = "
    "excluded.revision, job = excluded.job, generated_at = excluded.generated_at "
    "WHERE (o.as_of, o.revision) < (excluded.as_of, excluded.revision) OR ((o.as_of, o.revision) = (excluded.as_of, "
    "excluded.revision) AND (o.y_hat, o.y_lo, o.y_hi, o.y_lo80, o.y_hi80, o.model_version) IS DISTINCT FROM (excluded.y_hat, "
    "excluded.y_lo, excluded.y_hi, excluded.y_lo80, excluded.y_hi80, excluded.model_version)) RETURNING to_char(date, "
    "'YYYY-MM-DD') AS date";
constexpr std::string_view kNoDays =
    "DELETE FROM forecast.predictions_daily WHERE series = $1 AND date BETWEEN ($2::date[])[1] AND "
    "($2::date[])[cardinality($2::date[])] AND date <> ALL ($2::date[]) AND (as_of, revision) < ($3::date, $4::bigint) "
    "RETURNING to_char(date, 'YYYY-MM-DD') AS date";
constexpr std::string_view kHistory =
    "INSERT INTO forecast.prediction_history AS o (series, date, y_hat, y_lo, y_hi, y_lo80, y_hi80, model_version, as_of, "
    "revision, job, generated_at) SELECT $1, p.date, p.y_hat, p.y_lo, p.y_hi, p.y_lo80, p.y_hi80, $8, $9::date, $10::bigint, "
    "$11::bigint, clock_timestamp() FROM ";
constexpr std::string_view kHistoryConflict =
    " ON CONFLICT (series, date, as_of) DO UPDATE SET y_hat = excluded.y_hat, y_lo = excluded.y_lo, y_hi = excluded.y_hi, "
    "y_lo80 = excluded.y_lo80, y_hi80 = excluded.y_hi80, model_version = excluded.model_version, revision = "
    "excluded.revision, job = excluded.job, generated_at = excluded.generated_at WHERE o.revision < excluded.revision OR "
    "(o.revision = excluded.revision AND (o.y_hat, o.y_lo, o.y_hi, o.y_lo80, o.y_hi80, o.model_version) IS DISTINCT FROM "
    "(excluded.y_hat, excluded.y_lo, excluded.y_hi, excluded.y_lo80, excluded.y_hi80, excluded.model_version))";

std::string text_of(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string_view kind_name(Total::Kind kind) {
  switch (kind) {
    case Total::Kind::week:
      return "week";
    case Total::Kind::month:
      return "month";
    case Total::Kind::range:
      return "range";
  }
  return "range";
}

/// Writes the days where what is stored is of no newer data, and what a calendar of before had between them goes. Returns
/// those that changed.
std::vector<SqlValue> store_days(kernel::Transaction& tx, const Predicted& p,
                                 const kernel::SqlValues& values) {
  std::vector<SqlValue> changed;
  const auto note = [&](const Rows& rows) {
    for (const kernel::Row row : rows) changed.push_back(sql_value(row.text("date")));
  };
  note(tx.query(kNoDays, sql_values(p.series, values[1], p.as_of, p.revision)));
  note(tx.query(text_of({kDaily, kBoundsOf, kDailyConflict}), values));
  return changed;
}

/// A total stays while all its days are those of its forecast, and is stored where they are; so the order in which jobs
/// end makes no difference.
void store_totals(kernel::Transaction& tx, const Predicted& p, const std::vector<SqlValue>& changed) {
  if (!changed.empty()) {
    tx.query(
        "DELETE FROM forecast.prediction_totals WHERE series = $1 AND EXISTS (SELECT FROM unnest($2::date[]) AS c(date) "
        "WHERE c.date BETWEEN first AND last)",
        sql_values(p.series, sql_array(changed)));
  }
  std::vector<SqlValue> kinds, first, last;
  BoundColumns bounds;
  for (const Total& total : p.forecast.totals) {
    kinds.push_back(sql_value(kind_name(total.kind)));
    first.push_back(sql_value(p.days.at(static_cast<std::size_t>(total.first))));
    last.push_back(sql_value(p.days.at(static_cast<std::size_t>(total.first + total.count - 1))));
    bounds.add(total.bounds);
  }
  if (kinds.empty()) return;
  kernel::SqlValues values = sql_values(p.series, sql_array(last));
  bounds.append_to(values);
  for (const SqlValue& each : sql_values(sql_array(kinds), sql_array(first), p.as_of, p.revision, p.job))
    values.push_back(each);
  tx.query(
      "INSERT INTO forecast.prediction_totals (series, kind, first, last, y_hat, y_lo, y_hi, y_lo80, y_hi80, as_of, revision, "
      "job) SELECT $1, t.kind, t.first, t.last, t.y_hat, t.y_lo, t.y_hi, t.y_lo80, t.y_hi80, $10::date, $11::bigint, "
      "$12::bigint FROM unnest($8::text[], $9::date[], $2::date[], $3::double precision[], $4::double precision[], "
      "$5::double precision[], $6::double precision[], $7::double precision[]) AS t(kind, first, last, y_hat, y_lo, y_hi, "
      "y_lo80, y_hi80) WHERE NOT EXISTS (SELECT FROM forecast.predictions_daily o WHERE o.series = $1 AND o.date BETWEEN "
      "t.first AND t.last AND (o.as_of, o.revision) <> ($10::date, $11::bigint)) ON CONFLICT (series, kind, first, last) DO NOTHING",
      values);
}

}  // namespace

void store_predictions(kernel::Transaction& tx, const Predicted& p) {
  if (p.days.empty() || p.days.size() != p.forecast.days.size())
    throw Error(ErrorKind::bug, "series " + p.series + ": a forecast of other days than asked for");
  // Two jobs of one series write one after the other.
  if (tx.query("SELECT FROM forecast.series WHERE name = $1 FOR NO KEY UPDATE", sql_values(p.series)).empty())
    load_series(tx, p.series);  // which says so
  std::vector<SqlValue> dates;
  BoundColumns bounds;
  for (std::size_t i = 0; i < p.days.size(); ++i) {
    dates.push_back(sql_value(p.days[i]));
    bounds.add(p.forecast.days[i]);
  }
  kernel::SqlValues values = sql_values(p.series, sql_array(dates));
  bounds.append_to(values);
  for (const SqlValue& each : sql_values(p.forecast.model_version, p.as_of, p.revision, p.job))
    values.push_back(each);
  const std::vector<SqlValue> changed = store_days(tx, p, values);
  tx.query(text_of({kHistory, kBoundsOf, kHistoryConflict}), values);
  store_totals(tx, p, changed);
  mark_predicted(tx, p.series, p.days);
}

}  // namespace am::forecast
