// From what is asked for to an item of the queue, and from a job to the question that the models get.

#include <algorithm>
#include <cmath>
#include <limits>

#include "am/base/text.hpp"
#include "am/forecast/jobs.hpp"

namespace am::forecast {

namespace {

using kernel::Rows;
using kernel::sql_values;

std::string text_of(DateRange range) { return range.first.to_string() + " to " + range.last.to_string(); }

void check_range(const JobRequest& request) {
  const DateRange range{request.from, request.to};
  if (range.last < range.first)
    throw Error(ErrorKind::usage, "range " + text_of(range) + ": it ends before it begins");
  if (range.last - range.first >= kMostDays) {
    throw Error(ErrorKind::usage, "range " + text_of(range) + ": " +
                                      std::to_string(range.last - range.first + 1) +
                                      " days (expected at most " + std::to_string(kMostDays) + ")");
  }
  if (request.as_of && request.from <= *request.as_of) {
    throw Error(ErrorKind::usage, "as-of " + request.as_of->to_string() +
                                      ": not before the range, which begins " + request.from.to_string());
  }
}

/// The newest day of the series that is known and may be looked at.
Date newest_day(kernel::Sql& sql, const SeriesInfo& series, const JobRequest& request, Instant now) {
  Date last = std::min(request.from - 1, last_known_day(series, now));
  if (request.as_of) last = std::min(last, *request.as_of);
  const Rows rows = sql.query(
      "SELECT to_char(max(date), 'YYYY-MM-DD') AS newest FROM forecast.observations_daily WHERE series = $1 AND date <= "
      "$2::date",
      sql_values(series.name, last));
  if (rows.only().is_null("newest")) {
    throw Error(ErrorKind::no_input, "series " + series.name + ": nothing is known up to " + last.to_string(),
                "am forecast import brings observations");
  }
  return rows.only().date("newest");
}

/// A set of holidays that ends before the range does.
std::optional<std::string> holiday_warning(kernel::Sql& sql, const SeriesInfo& series, Date last_day) {
  if (!series.holidays) return std::nullopt;
  const auto last = last_holiday(sql, *series.holidays);
  if (last && last_day <= *last) return std::nullopt;
  return "series " + series.name + ": holidays " + *series.holidays + " " +
         (last ? "end with " + last->to_string() : "are not there") + ", before the range does (" +
         last_day.to_string() + ")";
}

/// The key that nobody has yet: "…#2", "…#3".
std::string next_key(kernel::Sql& sql, const std::string& key) {
  const Rows rows = sql.query(
      "SELECT key FROM jobs.forecast_jobs WHERE key = $1 OR starts_with(key, $1 || '#')", sql_values(key));
  if (rows.empty()) return key;
  long long last = 1;
  for (const kernel::Row row : rows) {
    const std::string& each = row.text("key");
    if (each.size() > key.size())
      last = std::max(last, parse_integer(std::string_view(each).substr(key.size() + 1), 1,
                                          std::numeric_limits<int>::max())
                                .value_or(1));
  }
  return key + "#" + std::to_string(last + 1);
}

}  // namespace

Enqueued enqueue_job(kernel::Transaction& tx, kernel::Queue& queue, const JobRequest& request, Instant now) {
  check_range(request);
  // Until the job is there nobody removes it.
  tx.query("SELECT FROM forecast.series WHERE name = $1 FOR KEY SHARE", sql_values(request.series));
  const SeriesInfo series = load_series(tx, request.series);
  const auto calendar = SeriesCalendar::parse(series.calendar);
  if (!calendar || calendar->days({request.from, request.to}).empty()) {
    throw Error(ErrorKind::usage, "range " + text_of({request.from, request.to}) + ": series " + series.name +
                                      " has no day in it (its calendar is " + series.calendar + ")");
  }
  Enqueued result;
  result.payload = {.type = request.type,
                    .series = series.name,
                    .from = request.from,
                    .to = request.to,
                    .as_of = newest_day(tx, series, request, now),
                    .revision = series.revision};
  if (request.from - result.payload.as_of > kMostDays) {
    throw Error(ErrorKind::no_input, "series " + series.name + ": its newest known day is " +
                                         result.payload.as_of.to_string() + ", too long before " +
                                         request.from.to_string() + " (expected at most " +
                                         std::to_string(kMostDays) + " days)");
  }
  if (auto warning = holiday_warning(tx, series, request.to)) result.warnings.push_back(*std::move(warning));
  const std::string key = result.payload.key();
  do {  // another one may force the same meanwhile
    result.key = request.force ? next_key(tx, key) : key;
    const kernel::NewItem item{.key = result.key,
                               .payload_json = result.payload.to_json(),
                               .priority = request.priority,
                               .not_before = request.not_before};
    result.is_new = queue.enqueue(tx, std::span(&item, 1)) == 1;
  } while (request.force && !result.is_new);
  return result;
}

Question read_question(kernel::Sql& sql, const std::string& name, DateRange target, Date as_of) {
  Question question;
  question.series = load_series(sql, name);
  const auto calendar = SeriesCalendar::parse(question.series.calendar);
  const std::vector<Observed> known = read_observations(sql, name, {}, as_of);
  if (!calendar || known.empty()) {
    throw Error(ErrorKind::no_input, "series " + name + ": nothing is known up to " + as_of.to_string());
  }
  SeriesInput& input = question.input;
  input.days = calendar->days({known.front().date, known.back().date});
  auto next = known.begin();
  for (const Date day : input.days) {
    while (next != known.end() && next->date < day) ++next;
    const bool has = next != known.end() && next->date == day;
    input.values.push_back(has ? next->value : std::numeric_limits<double>::quiet_NaN());
  }
  input.seasons = seasons_of_text(question.series.season);
  input.non_negative = question.series.non_negative;
  input.zero_means_missing = question.series.zero_means_missing;
  if (question.series.holidays) {
    input.holidays = read_holiday_set(sql, *question.series.holidays, {known.front().date, target.last});
  }
  if (auto warning = holiday_warning(sql, question.series, target.last))
    question.warnings.push_back(*std::move(warning));
  const std::vector<Date> lead = calendar->days({known.back().date + 1, target.first - 1});
  question.targets = calendar->days(target);
  if (question.targets.empty()) {
    throw Error(ErrorKind::usage, "range " + text_of(target) + ": series " + name + " has no day in it");
  }
  Horizon& horizon = question.horizon;
  horizon.steps = static_cast<int>(question.targets.size());
  horizon.lead = static_cast<int>(lead.size());
  horizon.span = question.series.horizon;
  horizon.days = lead;
  horizon.days.insert(horizon.days.end(), question.targets.begin(), question.targets.end());
  return question;
}

}  // namespace am::forecast
