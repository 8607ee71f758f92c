#include "am/forecast/import.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/forecast/numbers.hpp"
#include "am/forecast/series.hpp"

namespace am::forecast {

namespace {

constexpr std::size_t kMostName = 200;
constexpr std::array<char, 3> kSeparators = {',', ';', '\t'};

/// The one that the header has most of.
char separator_of(std::string_view text) {
  const std::string_view header = text.substr(0, text.find('\n'));
  return *std::ranges::max_element(kSeparators, {}, [&](char c) { return std::ranges::count(header, c); });
}

Error refused_table(const std::string& subject, const std::string& reason) {
  // "line 7: problem": a fault of the form is told by its line.
  constexpr std::string_view kLine = "line ";
  const std::size_t colon = reason.find(':');
  if (!reason.starts_with(kLine) || colon == std::string::npos)
    return {ErrorKind::data, subject + ": " + reason};
  return {ErrorKind::data,
          subject + ":" + reason.substr(kLine.size(), colon - kLine.size()) + ":1" + reason.substr(colon)};
}

CsvTable table_of(const std::string& subject, const std::string& text, char separator) {
  auto table = parse_csv(text, separator);
  if (!table) throw refused_table(subject, table.error().reason);
  return std::move(table).value();
}

std::optional<std::size_t> column_named(const CsvTable& table, std::string_view name) {
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    if (to_lower(trim(table.header[i])) == name) return i;
  }
  return std::nullopt;
}

/// What a file says of one day: a date, or moments that are summed.
struct Day {
  std::vector<double> said;  ///< in the file's order
};

/// Rows in another order come to the same bits, but for the last.
double value_of(Day day, Twice twice) {
  if (twice == Twice::last) return day.said.back();
  std::ranges::sort(day.said);
  const double sum = std::accumulate(day.said.begin(), day.said.end(), 0.0);
  return twice == Twice::mean ? sum / static_cast<double>(day.said.size()) : sum;
}

}  // namespace

ObservationFile::ObservationFile(std::string subject, std::string text)
    : subject_(std::move(subject)),
      text_(std::move(text)),
      separator_(separator_of(text_)),
      table_(table_of(subject_, text_, separator_)) {
  find_columns();
  std::set<std::string> seen;
  const auto add = [&](const std::string& name, std::size_t row, std::size_t field) {
    if (seen.contains(name)) return;
    if (!is_name(name)) refuse(row, field, shown(name) + " is no name of a series");
    seen.insert(name);
    names_.push_back(name);
  };
  if (is_long_) {
    for (std::size_t i = 0; i < table_.rows.size(); ++i)
      add(std::string(trim(table_.rows[i][series_])), i + 1, series_);
  } else {
    for (std::size_t i = 0; i < table_.header.size(); ++i) {
      if (i != date_) add(std::string(trim(table_.header[i])), 0, i);
    }
  }
}

void ObservationFile::find_columns() {
  const auto date = column_named(table_, "date");
  if (!date)
    refuse(0, 0, "no column date (expected series,date,value, or date and a column for each series)");
  date_ = *date;
  const auto series = column_named(table_, "series");
  const auto value = column_named(table_, "value");
  is_long_ = series && value && table_.header.size() == 3;
  if (is_long_) {
    series_ = *series;
    value_ = *value;
  } else if (table_.header.size() < 2) {
    refuse(0, 0, "no column but date (expected series,date,value, or date and a column for each series)");
  }
}

/// row: 0 is the header.
void ObservationFile::refuse(std::size_t row, std::size_t field, std::string_view problem) const {
  const int line = row > 0 ? table_.lines[row - 1] : 1;
  throw Error(ErrorKind::data, subject_ + ":" + std::to_string(line) + ":" +
                                   std::to_string(csv_column(text_, line, field, separator_)) + ": " +
                                   std::string(problem));
}

std::map<std::string, SeriesObservations> ObservationFile::read(
    Twice twice, const std::function<Date(const std::string& series, Instant at)>& day_of) const {
  struct Said {
    std::map<Date, Day> dates;
    std::map<Instant, Day> moments;
  };
  std::map<std::string, Said> all;
  for (const std::string& name : names_) all[name];

  const auto take = [&](Said& said, std::size_t row, std::size_t date_field, std::size_t value_field) {
    const std::string_view when = trim(table_.rows[row][date_field]);
    const std::string_view text = trim(table_.rows[row][value_field]);
    const auto date = Date::parse(when);
    const auto moment = date ? std::nullopt : parse_rfc3339(when);
    if (!date && !moment) {
      refuse(row + 1, date_field,
             shown(when) + " is no day (expected YYYY-MM-DD, or a moment such as 2026-01-26T14:00:00Z)");
    }
    if (date ? !said.moments.empty() : !said.dates.empty())
      refuse(row + 1, date_field, "dates and moments of one series (expected one kind)");
    Day& day = date ? said.dates[*date] : said.moments[*moment];
    if (text.empty()) return;
    const auto value = parse_number(text);
    if (!value)
      refuse(row + 1, value_field,
             shown(text) + " is no number (expected digits with a point, such as 1234.5)");
    if (!day.said.empty() && twice == Twice::refuse)
      refuse(row + 1, date_field, std::string(when) + " is there twice (expected once, or --twice)");
    day.said.push_back(*value);
  };
  for (std::size_t row = 0; row < table_.rows.size(); ++row) {
    if (is_long_) {
      take(all[std::string(trim(table_.rows[row][series_]))], row, date_, value_);
      continue;
    }
    for (std::size_t field = 0; field < table_.header.size(); ++field) {
      if (field != date_) take(all[std::string(trim(table_.header[field]))], row, date_, field);
    }
  }

  std::map<std::string, SeriesObservations> found;
  for (auto& [name, said] : all) {
    for (const auto& [at, moment] : said.moments) {
      Day& day = said.dates[day_of(name, at)];
      if (!moment.said.empty()) day.said.push_back(value_of(moment, twice));
    }
    const Twice of_days = said.moments.empty() ? twice : Twice::sum;
    SeriesObservations& series = found[name];
    for (const auto& [date, day] : said.dates) {
      if (!day.said.empty()) {
        const double value = value_of(day, of_days);
        if (!std::isfinite(value))
          throw Error(ErrorKind::data,
                      subject_ + ": " + name + " " + date.to_string() + ": its sum is too large");
        series.days.push_back({date, value});
      } else {
        series.empty_days.push_back(date);
      }
    }
  }
  return found;
}

std::vector<NamedDay> read_holidays(const std::string& subject, const std::string& text) {
  const char separator = separator_of(text);
  const CsvTable table = table_of(subject, text, separator);
  const auto refuse = [&](int line, std::size_t field, const std::string& problem) {
    throw Error(ErrorKind::data, subject + ":" + std::to_string(line) + ":" +
                                     std::to_string(csv_column(text, line, field, separator)) + ": " +
                                     problem);
  };
  const auto date_field = column_named(table, "date");
  const auto name_field = column_named(table, "name");
  if (!date_field || !name_field) refuse(1, 0, "no columns date and name");
  std::map<Date, std::string> days;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const std::string_view when = trim(table.rows[row][*date_field]);
    const std::string name(trim(table.rows[row][*name_field]));
    const auto date = Date::parse(when);
    if (!date) refuse(table.lines[row], *date_field, shown(when) + " is no day (expected YYYY-MM-DD)");
    if (name.empty() || name.size() > kMostName || !is_printable(name))
      refuse(table.lines[row], *name_field,
             shown(name) + " is no name (expected 1 to 200 bytes of one line)");
    if (!days.emplace(*date, name).second)
      refuse(table.lines[row], *date_field, std::string(when) + " is there twice");
  }
  std::vector<NamedDay> all;
  for (const auto& [date, name] : days) all.push_back({date, name});
  return all;
}

}  // namespace am::forecast
