#include "am/forecast/verify.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "am/forecast/series.hpp"
#include "row_values.hpp"

namespace am::forecast {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::Sql;
using kernel::sql_values;
using kernel::Verification;

constexpr std::string_view kAgain = "am forecast enqueue --force makes the days anew";
/// Of a sum of doubles that are stored to 12 digits each.
constexpr double kSumTolerance = 1e-9;

/// first and last day as parameters $1 and $2; null: without an end.
kernel::SqlValues ends_of(const std::optional<DateRange>& days) {
  return days ? sql_values(days->first, days->last) : sql_values(std::nullopt, std::nullopt);
}

void check_predictions(Sql& sql, const std::optional<DateRange>& days, Verification& found) {
  const Rows rows = sql.query(
      "SELECT p.series, to_char(p.date, 'YYYY-MM-DD') AS date, p.job, coalesce(j.status, 'not there') AS status, j.series = "
      "p.series AND p.date BETWEEN j.target_from AND j.target_to AS fits FROM forecast.predictions_daily p LEFT JOIN "
      "jobs.forecast_jobs j ON j.id = p.job WHERE ($1::date IS NULL OR p.date BETWEEN $1::date AND $2::date) AND (j.id IS "
      "NULL OR j.status <> 'done' OR j.series <> p.series OR p.date NOT BETWEEN j.target_from AND j.target_to) ORDER BY 1, 2 "
      "LIMIT 5000",
      ends_of(days));
  for (const Row row : rows) {
    const std::string job = "job " + row.text("job");
    const bool other = !row.is_null("fits") && !row.boolean("fits");
    found.find({.subject = row.text("series"),
                .what = row.text("date") + ": its job",
                .expected = job + ", done",
                .got = other ? job + ", of other days" : job + ", " + row.text("status"),
                .hint = std::string(kAgain)});
  }
}

void check_bounds(Sql& sql, const std::optional<DateRange>& days, Verification& found) {
  const Rows rows = sql.query(
      "SELECT series, to_char(date, 'YYYY-MM-DD') AS date, concat_ws(' ', y_lo, y_lo80, y_hat, y_hi80, y_hi) AS got FROM "
      "forecast.predictions_daily WHERE ($1::date IS NULL OR date BETWEEN $1::date AND $2::date) AND NOT (y_lo <= y_lo80 AND "
      "y_lo80 <= y_hat AND y_hat <= y_hi80 AND y_hi80 <= y_hi) ORDER BY 1, 2",
      ends_of(days));
  for (const Row row : rows) {
    found.find({.subject = row.text("series"),
                .what = row.text("date") + ": bounds",
                .expected = "ascending",
                .got = row.text("got"),
                .hint = std::string(kAgain)});
  }
}

/// Of jobs of the series as it is now: an earlier one had another calendar, perhaps.
void check_ranges(Sql& sql, const std::optional<DateRange>& days, Verification& found) {
  const Rows jobs = sql.query(
      "SELECT j.id, j.series, s.calendar, to_char(j.target_from, 'YYYY-MM-DD') AS first, to_char(j.target_to, 'YYYY-MM-DD') AS "
      "last FROM jobs.forecast_jobs j JOIN forecast.series s ON s.name = j.series WHERE j.status = 'done' AND j.job_type = "
      "'forecast' AND (j.payload ->> 'revision')::bigint = s.revision AND ($1::date IS NULL OR (j.target_to >= $1::date AND "
      "j.target_from <= $2::date)) ORDER BY j.id",
      ends_of(days));
  for (const Row job : jobs) {
    const auto calendar = SeriesCalendar::parse(job.text("calendar"));
    if (!calendar) continue;
    std::set<Date> there;
    const Rows rows = sql.query(
        "SELECT to_char(date, 'YYYY-MM-DD') AS date FROM forecast.predictions_daily WHERE series = $1 AND date BETWEEN "
        "$2::date AND $3::date",
        sql_values(job.text("series"), job.text("first"), job.text("last")));
    for (const Row row : rows) there.insert(row.date("date"));
    for (const Date day : calendar->days({job.date("first"), job.date("last")})) {
      if (there.contains(day) || (days && !days->contains(day))) continue;
      found.find({.subject = job.text("series"),
                  .what = day.to_string() + ": prediction",
                  .expected = "one, by job " + job.text("id"),
                  .got = "none",
                  .hint = std::string(kAgain)});
    }
  }
}

void check_totals(Sql& sql, const std::optional<DateRange>& days, Verification& found, long long& totals) {
  const Rows rows = sql.query(
      "SELECT t.series, t.kind, to_char(t.first, 'YYYY-MM-DD') AS first, to_char(t.last, 'YYYY-MM-DD') AS last, t.y_hat::text, "
      "(SELECT coalesce(sum(p.y_hat / 1024), 0)::text FROM forecast.predictions_daily p WHERE p.series = t.series AND p.date "
      "BETWEEN t.first AND t.last) AS of_days, (SELECT coalesce(max(abs(p.y_hat)), 0)::text FROM forecast.predictions_daily p WHERE "
      "p.series = t.series AND p.date BETWEEN t.first AND t.last) AS size FROM forecast.prediction_totals t WHERE ($1::date IS "
      "NULL OR (t.last >= $1::date AND t.first <= $2::date)) ORDER BY 1, 2, 3, 4",
      ends_of(days));
  totals = static_cast<long long>(rows.size());
  for (const Row row : rows) {
    const double got = number(row, "y_hat");
    // In parts of 1024: the days of one range may come to more than a double holds, and are stored as the most of it.
    constexpr double kPart = 1.0 / 1024, kMost = std::numeric_limits<double>::max();
    const double of_days = std::clamp(number(row, "of_days"), -kMost * kPart, kMost * kPart);
    const double scale = std::abs(got) * kPart + number(row, "size") * kPart;
    if (std::abs(got * kPart - of_days) <= kSumTolerance * scale + std::numeric_limits<double>::min())
      continue;
    const double expected = of_days / kPart;
    found.find({.subject = row.text("series"),
                .what = row.text("kind") + " " + row.text("first") + " to " + row.text("last") + ": sum",
                .expected = number_text(expected),
                .got = number_text(got),
                .hint = std::string(kAgain)});
  }
}

}  // namespace

Verification verify_data(kernel::Db& db, std::optional<DateRange> days,
                         const kernel::VerifyProgress& progress) {
  Verification found;
  found.noun = "series";
  found.member = "series";
  const auto snapshot = db.begin(true);
  const Rows counts = snapshot->query(
      "SELECT (SELECT count(*) FROM forecast.series) AS series, (SELECT count(*) FROM forecast.predictions_daily WHERE "
      "$1::date IS NULL OR date BETWEEN $1::date AND $2::date) AS predictions",
      ends_of(days));
  const long long series = counts.only().integer("series");
  const long long predictions = counts.only().integer("predictions");
  long long totals = 0;
  check_predictions(*snapshot, days, found);
  check_bounds(*snapshot, days, found);
  check_ranges(*snapshot, days, found);
  check_totals(*snapshot, days, found, totals);
  if (progress) progress(static_cast<std::size_t>(series), static_cast<std::size_t>(series));
  found.counts = {{"series", series}, {"predictions", predictions}, {"totals", totals}};
  found.looked_at = std::to_string(series) + " series, " + std::to_string(predictions) + " predictions, " +
                    std::to_string(totals) + " totals";
  return found;
}

}  // namespace am::forecast
