#include "am/forecast/live.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>

#include "accuracy.hpp"
#include "am/forecast/drift.hpp"
#include "am/forecast/store.hpp"
#include "row_values.hpp"

namespace am::forecast {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::Sql;
using kernel::sql_array;
using kernel::sql_value;
using kernel::sql_values;
using kernel::SqlValue;

/// In one transaction, which holds the series.
constexpr std::size_t kMarksAtOnce = 100;

SqlValue dates_of(const std::vector<Date>& days) {
  std::vector<SqlValue> dates;
  for (const Date day : days) dates.push_back(sql_value(day));
  return sql_array(dates);
}

std::vector<Date> dates_in(const Rows& rows) {
  std::vector<Date> days;
  for (const Row row : rows) days.push_back(row.date("date"));
  return days;
}

/// What is known of a series, by existing day.
class Known {
 public:
  Known(Sql& sql, const SeriesInfo& series, Date last) {
    const std::vector<Observed> observed = read_observations(sql, series.name, {}, last);
    const auto calendar = SeriesCalendar::parse(series.calendar);
    if (observed.empty() || !calendar) return;
    days_ = calendar->days({observed.front().date, last});
    values_.assign(days_.size(), std::numeric_limits<double>::quiet_NaN());
    for (const Observed& each : observed) {
      const std::size_t i = count_to(each.date);
      if (i > 0 && days_[i - 1] == each.date) values_[i - 1] = each.value;
    }
  }

  /// How many existing days there are up to that one.
  std::size_t count_to(Date day) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(days_, day) - days_.begin());
  }
  /// Whether it is a day of the series as it is described now.
  bool has(Date day) const { return std::ranges::binary_search(days_, day); }
  /// How many existing days `day`, which is one, lies ahead of as_of; 0: of one that is none any more, perhaps.
  std::size_t step(Date as_of, Date day) const {
    return count_to(day) - std::min(count_to(day), count_to(as_of));
  }
  std::span<const double> past(Date as_of) const { return std::span(values_).first(count_to(as_of)); }
  const Yardstick& yardstick(Date as_of, std::size_t season) {
    const auto key = std::pair(as_of, season);
    const auto found = yardsticks_.find(key);
    if (found != yardsticks_.end()) return found->second;
    return yardsticks_.emplace(key, Yardstick(past(as_of), season)).first->second;
  }

 private:
  std::vector<Date> days_;
  std::vector<double> values_;  ///< NaN: not known
  std::map<std::pair<Date, std::size_t>, Yardstick> yardsticks_;
};

struct Said {
  Date as_of;
  Bounds bounds;
  std::string model_version;
};
/// A day that came, and what was said of it.
struct ScoredDay {
  Date date;
  double value = 0;
  std::vector<Said> said;  ///< oldest first
};

std::vector<ScoredDay> read_days(Sql& sql, const std::string& series, DateRange range) {
  const Rows rows = sql.query(
      "SELECT to_char(h.date, 'YYYY-MM-DD') AS date, to_char(h.as_of, 'YYYY-MM-DD') AS as_of, o.value::text AS value, "
      "h.y_hat::text, h.y_lo::text, h.y_hi::text, h.y_lo80::text, h.y_hi80::text, h.model_version FROM "
      "forecast.prediction_history h JOIN forecast.observations_daily o ON o.series = h.series AND o.date = h.date WHERE "
      "h.series = $1 AND h.date BETWEEN $2::date AND $3::date ORDER BY h.date, h.as_of",
      sql_values(series, range.first, range.last));
  std::vector<ScoredDay> all;
  for (const Row row : rows) {
    const Date date = row.date("date");
    if (all.empty() || all.back().date != date) all.push_back({date, number(row, "value"), {}});
    all.back().said.push_back({row.date("as_of"),
                               {.y_hat = number(row, "y_hat"),
                                .lo = number(row, "y_lo"),
                                .hi = number(row, "y_hi"),
                                .lo80 = number(row, "y_lo80"),
                                .hi80 = number(row, "y_hi80")},
                               row.text("model_version")});
  }
  return all;
}

/// The scored days nearest to one, itself among them: `forward`: from it on, else up to it.
std::vector<Date> nearest_days(Sql& sql, const std::string& series, Date day, Date known, bool forward) {
  const std::string_view order = forward ? "o.date >= $2::date AND o.date <= $3::date AND EXISTS"
                                         : "o.date <= $2::date AND o.date <= $3::date AND EXISTS";
  return dates_in(sql.query(
      "SELECT to_char(o.date, 'YYYY-MM-DD') AS date FROM forecast.observations_daily o WHERE o.series = $1 AND " +
          std::string(order) +
          " (SELECT FROM forecast.prediction_history h WHERE h.series = o.series AND h.date = o.date) ORDER BY o.date " +
          (forward ? "" : "DESC ") + "LIMIT $4::integer",
      sql_values(series, day, known, kScoredDays)));
}

LiveScore score_of(std::span<const ScoredDay> window, Known& known) {
  LiveScore score{.as_of = window.back().date,
                  .window = {window.front().date, window.back().date},
                  .scored = static_cast<int>(window.size()),
                  .spans = {},
                  .model_version = window.back().said.back().model_version};
  std::array<AccuracySums, kSpans.size()> sums;
  std::size_t last = 0;
  for (const ScoredDay& day : window) {
    for (const Said& said : day.said) {
      const std::size_t step = known.step(said.as_of, day.date);
      if (step == 0) continue;
      last = std::max(last, step);
      const std::size_t season = season_of_version(said.model_version);
      sums.at(span_of_step(static_cast<int>(step)))
          .add(day.value, said.bounds, seasonal_naive(known.past(said.as_of), step, season),
               known.yardstick(said.as_of, season));
    }
  }
  score.spans = span_scores(sums, static_cast<int>(last));
  return score;
}

/// The days whose windows hold a marked one, and the marked days themselves, which may have lost their score.
std::set<Date> touched_days(Sql& sql, const std::string& series, const std::vector<Date>& marked,
                            Date known) {
  std::set<Date> touched(marked.begin(), marked.end());
  for (const Date day : marked) {
    const std::vector<Date> after = nearest_days(sql, series, day, known, true);
    touched.insert(after.begin(), after.end());
  }
  return touched;
}

/// The marked days of one transaction; how many were scored.
long long score_marked(kernel::Transaction& tx, const std::string& name, const std::vector<Date>& marked,
                       Date known, const std::optional<std::string>& run_id) {
  // Who stores days or predictions of it waits, or was waited for.
  const bool there =
      !tx.query("SELECT FROM forecast.series WHERE name = $1 FOR NO KEY UPDATE", sql_values(name)).empty();
  if (!there) return 0;
  const SeriesInfo series = load_series(tx, name);
  tx.query("DELETE FROM forecast.score_marks WHERE series = $1 AND date = ANY ($2::date[])",
           sql_values(name, dates_of(marked)));
  const std::set<Date> touched = touched_days(tx, name, marked, known);
  const std::vector<Date> days(touched.begin(), touched.end());
  const std::vector<LiveScore> scores = live_scores(tx, series, days, known);
  tx.query("DELETE FROM forecast.scores WHERE series = $1 AND kind = 'live' AND as_of = ANY ($2::date[])",
           sql_values(name, dates_of(days)));
  for (const LiveScore& score : scores)
    store_scores(tx, name, ScoreKind::live, score.as_of, score.spans, score.model_version);
  const std::vector<Date> newest = nearest_days(tx, name, known, known, false);
  if (newest.empty()) return static_cast<long long>(scores.size());
  const auto judged = std::ranges::find(scores, newest.front(), &LiveScore::as_of);
  if (judged != scores.end()) judge_drift(tx, name, *judged, run_id);
  return static_cast<long long>(scores.size());
}

}  // namespace

void mark_observed(kernel::Transaction& tx, const std::string& series, const std::vector<Date>& days) {
  if (days.empty()) return;
  tx.query(
      "INSERT INTO forecast.score_marks (series, date) SELECT DISTINCT series, date FROM forecast.prediction_history WHERE "
      "series = $1 AND date = ANY ($2::date[]) ON CONFLICT DO NOTHING",
      sql_values(series, dates_of(days)));
}

void mark_predicted(kernel::Transaction& tx, const std::string& series, const std::vector<Date>& days) {
  tx.query(
      "INSERT INTO forecast.score_marks (series, date) SELECT series, date FROM forecast.observations_daily WHERE series = $1 "
      "AND date = ANY ($2::date[]) ON CONFLICT DO NOTHING",
      sql_values(series, dates_of(days)));
}

void mark_all(kernel::Transaction& tx, const std::string& series) {
  tx.query(
      "INSERT INTO forecast.score_marks (series, date) SELECT o.series, o.date FROM forecast.observations_daily o WHERE "
      "o.series = $1 AND EXISTS (SELECT FROM forecast.prediction_history h WHERE h.series = o.series AND h.date = o.date) ON "
      "CONFLICT DO NOTHING",
      sql_values(series));
}

std::vector<LiveScore> live_scores(Sql& sql, const SeriesInfo& series, std::vector<Date> days, Date known) {
  std::vector<LiveScore> all;
  std::erase_if(days, [&](Date day) { return day > known; });
  if (days.empty()) return all;
  std::ranges::sort(days);
  const std::vector<Date> before = nearest_days(sql, series.name, days.front(), known, false);
  const Date first = before.empty() ? days.front() : before.back();
  std::vector<ScoredDay> scored = read_days(sql, series.name, {first, days.back()});
  Known past(sql, series, known);
  std::erase_if(scored, [&](const ScoredDay& day) { return !past.has(day.date); });
  for (const Date day : days) {
    const auto at = std::ranges::lower_bound(scored, day, {}, &ScoredDay::date);
    if (at == scored.end() || at->date != day) continue;
    const auto place = static_cast<std::size_t>(at - scored.begin()) + 1;
    const std::size_t count = std::min(place, static_cast<std::size_t>(kScoredDays));
    LiveScore score = score_of(std::span(scored).subspan(place - count, count), past);
    if (!score.spans.empty()) all.push_back(std::move(score));
  }
  return all;
}

long long score_series(kernel::Db& db, const std::string& series, Instant now,
                       const std::optional<std::string>& run_id) {
  const auto described = find_series(db, series);
  if (!described) return 0;
  const Date known = last_known_day(*described, now);
  // What is marked and not over yet is scored when it is.
  const std::vector<Date> marked = dates_in(db.query(
      "SELECT to_char(date, 'YYYY-MM-DD') AS date FROM forecast.score_marks WHERE series = $1 AND date <= "
      "$2::date ORDER BY date",
      sql_values(series, known)));
  long long scored = 0;
  for (std::size_t i = 0; i < marked.size(); i += kMarksAtOnce) {
    const auto from = marked.begin() + static_cast<std::ptrdiff_t>(i);
    const auto to = marked.begin() + static_cast<std::ptrdiff_t>(std::min(i + kMarksAtOnce, marked.size()));
    long long now_scored = 0;
    db.transact(
        [&](kernel::Transaction& tx) { now_scored = score_marked(tx, series, {from, to}, known, run_id); });
    scored += now_scored;
  }
  return scored;
}

}  // namespace am::forecast
