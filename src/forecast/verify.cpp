#include "am/forecast/verify.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "am/forecast/live.hpp"
#include "am/forecast/store.hpp"
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

/// What the stored figures say, without MASE: its unit is the usual step as it was known then.
std::string text_of(const SpanScore& score) {
  return std::to_string(score.days) + " days, sMAPE " +
         (score.smape ? number_text(*score.smape, 6) : "none") + ", within " +
         number_text(score.covered95, 6) + " and " + number_text(score.covered80, 6);
}

std::string steps_of(Date as_of, int first, int last) {
  return as_of.to_string() + ": live score of " + std::to_string(first) + " to " + std::to_string(last) +
         " days ahead";
}

/// Where fewer forecasts are there than were scored, they have been pruned since: nothing is said of that.
void compare_score(const std::string& series, Date as_of, const SpanScore& is, const SpanScore* was,
                   Verification& found) {
  if (was != nullptr && is.days < was->days) return;
  const std::string expected = text_of(is);
  const std::string got = was != nullptr ? text_of(*was) : "none";
  if (expected == got) return;
  found.find({.subject = series,
              .what = steps_of(as_of, is.first_step, is.last_step),
              .expected = expected,
              .got = got,
              .hint = std::string(kAgain) + ", and the next night scores them"});
}

/// Live scores are what the stored forecasts and days come to. From a marked day on they are made tonight.
void check_scores(Sql& sql, const std::optional<DateRange>& days, Verification& found, long long& scores) {
  const Rows rows = sql.query(
      "SELECT c.series, to_char(c.as_of, 'YYYY-MM-DD') AS as_of, c.first_step, c.last_step, c.days, c.smape::text, "
      "c.covered95::text, c.covered80::text FROM forecast.scores c WHERE c.kind = 'live' AND ($1::date IS NULL OR c.as_of "
      "BETWEEN $1::date AND $2::date) AND NOT EXISTS (SELECT FROM forecast.score_marks m WHERE m.series = c.series AND m.date <= "
      "c.as_of) ORDER BY c.series, c.as_of, c.first_step",
      ends_of(days));
  scores = static_cast<long long>(rows.size());
  std::map<std::string, std::map<Date, std::vector<SpanScore>>> stored;
  for (const Row row : rows) {
    stored[row.text("series")][row.date("as_of")].push_back(
        {.first_step = static_cast<int>(row.integer("first_step")),
         .last_step = static_cast<int>(row.integer("last_step")),
         .days = static_cast<int>(row.integer("days")),
         .smape = maybe_number(row, "smape"),
         .covered95 = number(row, "covered95"),
         .covered80 = number(row, "covered80")});
  }
  for (const auto& [name, by_day] : stored) {
    std::vector<Date> as_of;
    for (const auto& [day, spans] : by_day) as_of.push_back(day);
    for (const LiveScore& score : live_scores(sql, load_series(sql, name), as_of, as_of.back())) {
      const std::vector<SpanScore>& before = by_day.at(score.as_of);
      for (const SpanScore& span : score.spans) {
        const auto was = std::ranges::find(before, span.first_step, &SpanScore::first_step);
        compare_score(name, score.as_of, span, was == before.end() ? nullptr : &*was, found);
      }
    }
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
  long long scores = 0;
  check_scores(*snapshot, days, found, scores);
  if (progress) progress(static_cast<std::size_t>(series), static_cast<std::size_t>(series));
  found.counts = {{"series", series}, {"predictions", predictions}, {"totals", totals}, {"scores", scores}};
  found.looked_at = std::to_string(series) + " series, " + std::to_string(predictions) + " predictions, " +
                    std::to_string(totals) + " totals, " + std::to_string(scores) + " live scores";
  return found;
}

}  // namespace am::forecast
