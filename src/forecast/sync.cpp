#include "am/forecast/sync.hpp"

#include <algorithm>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/forecast/series.hpp"
#include "row_values.hpp"

namespace am::forecast {

namespace {

using kernel::Row;
using kernel::Rows;

SeriesObservations observations_of(const Rows& rows, const std::string& subject) {
  SeriesObservations found;
  for (const Row row : rows) {
    if (row.is_null("date")) throw Error(ErrorKind::data, subject + ": a row without a date");
    const Date day = row.date("date");
    if (row.is_null("value")) {
      found.empty_days.push_back(day);
      continue;
    }
    const auto value = parse_number(row.text("value"));
    if (!value)
      throw Error(ErrorKind::data,
                  subject + ": " + day.to_string() + ": " + shown(row.text("value")) + " is no number");
    found.days.push_back({day, *value});
  }
  const auto twice = std::ranges::adjacent_find(found.days, {}, &Observed::date);
  if (twice != found.days.end())
    throw Error(ErrorKind::data, subject + ": " + twice->date.to_string() + " is there twice",
                "GROUP BY the day");
  return found;
}

}  // namespace

std::optional<SourceName> SourceName::parse(std::string_view text) {
  constexpr std::string_view kSql = "sql:", kClose = "close:";
  if (text.starts_with(kSql)) {
    SourceName source{.kind = Kind::sql, .name = std::string(text.substr(kSql.size())), .prices = ""};
    return is_name(source.name) ? std::optional(std::move(source)) : std::nullopt;
  }
  if (!text.starts_with(kClose) || !is_printable(text)) return std::nullopt;
  text.remove_prefix(kClose.size());
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return std::nullopt;
  return SourceName{.kind = Kind::close,
                    .name = std::string(text.substr(slash + 1)),
                    .prices = std::string(text.substr(0, slash))};
}

SeriesObservations read_query(kernel::Db& db, const std::string& name, std::string sql) {
  while (!sql.empty() && std::string_view(" \t\r\n;").find(sql.back()) != std::string_view::npos)
    sql.pop_back();
  const auto snapshot = db.begin(true);
  return observations_of(
      snapshot->query("SELECT to_char(date, 'YYYY-MM-DD') AS date, value::double precision::text AS "
                      "value FROM (\n" +
                      sql + "\n) AS source ORDER BY 1"),
      "query " + name);
}

SeriesObservations read_closes(kernel::Sql& sql, const SourceName& source) {
  SeriesObservations found = observations_of(
      sql.query(
          "SELECT to_char(day, 'YYYY-MM-DD') AS date, close::double precision::text AS value FROM market.daily_closes "
          "WHERE source = $1 AND symbol = $2 ORDER BY day",
          kernel::sql_values(source.prices, source.name)),
      "closes of " + source.name);
  if (found.days.empty())
    throw Error(ErrorKind::no_input,
                "closes of " + shown(source.name) + ": none is cached from " + shown(source.prices));
  return found;
}

}  // namespace am::forecast
