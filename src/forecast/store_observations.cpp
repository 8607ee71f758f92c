// forecast.observations_daily with its changes, and the holidays.

#include <algorithm>
#include <map>

#include "am/base/text.hpp"
#include "am/forecast/live.hpp"
#include "am/forecast/store.hpp"
#include "am/market/calendar.hpp"
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

constexpr std::string_view kExchange = "nyse";

/// Days with their values as two arrays.
struct Columns {
  std::vector<SqlValue> dates, values;
  void add(Date date, double value) {
    dates.push_back(sql_value(date));
    values.emplace_back(exact_text(value));
  }
};

/// The days between the first and the last that a file speaks of, empty ones too.
std::optional<DateRange> range_of(const SeriesObservations& said) {
  std::optional<DateRange> range;
  const auto widen = [&](Date day) {
    if (!range) range = DateRange{day, day};
    range->first = std::min(range->first, day);
    range->last = std::max(range->last, day);
  };
  for (const Observed& day : said.days) widen(day.date);
  for (const Date day : said.empty_days) widen(day);
  return range;
}

}  // namespace

ImportCounts store_observations(kernel::Transaction& tx, const std::string& series,
                                const SeriesObservations& said, bool replace) {
  const Rows locked = tx.query(
      "SELECT calendar, revision FROM forecast.series WHERE name = $1 FOR NO KEY UPDATE", sql_values(series));
  if (locked.empty()) load_series(tx, series);  // which says so
  ImportCounts counts;
  counts.revision = locked.only().integer("revision");
  const auto calendar = SeriesCalendar::parse(locked.only().text("calendar"));
  const std::optional<DateRange> range = range_of(said);
  if (!range || !calendar) return counts;

  std::map<Date, double> before;
  const Rows rows = tx.query(
      "SELECT to_char(date, 'YYYY-MM-DD') AS date, value::text AS value FROM forecast.observations_daily WHERE series = $1 "
      "AND date BETWEEN $2::date AND $3::date",
      sql_values(series, range->first, range->last));
  for (const Row row : rows) before.emplace(row.date("date"), number(row, "value"));

  Columns now, was;
  std::vector<SqlValue> gone;
  std::vector<Date> other;  // days that are not as they were
  for (const Observed& day : said.days) {
    if (!calendar->has(day.date)) {
      ++counts.off_calendar;
      continue;
    }
    const auto stored = before.find(day.date);
    if (stored == before.end()) {
      ++counts.added;
    } else if (stored->second == day.value) {
      ++counts.same;
    } else {
      ++counts.changed;
      was.add(day.date, stored->second);
    }
    if (stored == before.end() || stored->second != day.value) {
      now.add(day.date, day.value);
      other.push_back(day.date);
    }
    if (stored != before.end()) before.erase(stored);
  }
  if (replace) {
    for (const auto& [date, value] : before) {
      ++counts.removed;
      was.add(date, value);
      gone.push_back(sql_value(date));
      other.push_back(date);
    }
  }
  if (!counts.is_changed()) return counts;

  if (!was.dates.empty()) {
    tx.query(
        "INSERT INTO forecast.observation_changes (series, date, was, at) SELECT $1, d, v, clock_timestamp() FROM "
        "unnest($2::date[], $3::double precision[]) AS c(d, v)",
        sql_values(series, sql_array(was.dates), sql_array(was.values)));
  }
  if (!now.dates.empty()) {
    tx.query(
        "INSERT INTO forecast.observations_daily (series, date, value) SELECT $1, d, v FROM "
        "unnest($2::date[], $3::double precision[]) AS c(d, v) ON CONFLICT (series, date) DO UPDATE SET value = "
        "excluded.value",
        sql_values(series, sql_array(now.dates), sql_array(now.values)));
  }
  if (!gone.empty()) {
    tx.query("DELETE FROM forecast.observations_daily WHERE series = $1 AND date = ANY ($2::date[])",
             sql_values(series, sql_array(gone)));
  }
  mark_observed(tx, series, other);
  tx.query("UPDATE forecast.series SET revision = revision + 1 WHERE name = $1", sql_values(series));
  ++counts.revision;
  return counts;
}

HolidayCounts store_holidays(Sql& sql, const std::string& set, std::span<const NamedDay> days) {
  std::vector<SqlValue> dates, names;
  for (const NamedDay& day : days) {
    dates.push_back(sql_value(day.date));
    names.push_back(sql_value(day.name));
  }
  const Rows rows = sql.query(
      "WITH said AS (SELECT d, n FROM unnest($2::date[], $3::text[]) AS c(d, n)), "
      "before AS (SELECT h.date, h.name FROM forecast.holidays h JOIN said ON said.d = h.date WHERE h.set = $1), "
      "written AS (INSERT INTO forecast.holidays (set, date, name) SELECT $1, d, n FROM said ON CONFLICT (set, date) DO UPDATE "
      "SET name = excluded.name WHERE holidays.name <> excluded.name RETURNING date) "
      "SELECT (SELECT count(*) FROM written) AS written, (SELECT count(*) FROM written JOIN before USING (date)) AS changed",
      sql_values(set, sql_array(dates), sql_array(names)));
  const long long written = rows.only().integer("written");
  const long long changed = rows.only().integer("changed");
  // Its series are others now: a job of before is not this one.
  if (written > 0)
    sql.query("UPDATE forecast.series SET revision = revision + 1 WHERE holidays = $1", sql_values(set));
  return {
      .added = written - changed, .changed = changed, .same = static_cast<long long>(days.size()) - written};
}

std::vector<Observed> read_observations(Sql& sql, const std::string& series, std::optional<Date> first,
                                        Date last) {
  const Rows rows = sql.query(
      "SELECT to_char(date, 'YYYY-MM-DD') AS date, value::text AS value FROM forecast.observations_daily WHERE series = $1 "
      "AND ($2::date IS NULL OR date >= $2::date) AND date <= $3::date ORDER BY date",
      sql_values(series, first, last));
  std::vector<Observed> all;
  all.reserve(rows.size());
  for (const Row row : rows) all.push_back({row.date("date"), number(row, "value")});
  return all;
}

std::optional<std::string> exchange_holiday(std::string_view set, Date day) {
  const DateRange known = market::kCalendarRange;
  if (set != kExchange || day < known.first || known.last < day) return std::nullopt;
  const auto closed = market::closed_reason(day);
  return closed && *closed != "weekend" ? std::optional(std::string(*closed)) : std::nullopt;
}

std::vector<Holiday> read_holiday_set(Sql& sql, const std::string& set, DateRange range) {
  std::vector<Holiday> all;
  if (set == kExchange) {
    const DateRange within{std::max(range.first, market::kCalendarRange.first),
                           std::min(range.last, market::kCalendarRange.last)};
    for (Date day = within.first; day <= within.last; day = day + 1) {
      if (auto name = exchange_holiday(set, day)) all.push_back({day, *std::move(name)});
    }
    return all;
  }
  const Rows rows = sql.query(
      "SELECT to_char(date, 'YYYY-MM-DD') AS date, name FROM forecast.holidays WHERE set = $1 AND date BETWEEN $2::date AND "
      "$3::date ORDER BY date",
      sql_values(set, range.first, range.last));
  for (const Row row : rows) all.push_back({row.date("date"), row.text("name")});
  return all;
}

std::optional<Date> last_holiday(Sql& sql, const std::string& set) {
  if (set == kExchange) return market::kCalendarRange.last;
  const Rows rows =
      sql.query("SELECT to_char(max(date), 'YYYY-MM-DD') AS date FROM forecast.holidays WHERE set = $1",
                sql_values(set));
  return rows.only().is_null("date") ? std::nullopt : std::optional(rows.only().date("date"));
}

}  // namespace am::forecast
