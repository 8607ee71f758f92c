#include "am/forecast/series.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>

#include "am/base/text.hpp"
#include "am/forecast/sync.hpp"
#include "am/kernel/zone.hpp"
#include "am/market/calendar.hpp"

namespace am::forecast {

namespace {

constexpr std::size_t kMostName = 63;
constexpr std::size_t kMostUnit = 40;
constexpr int kMostSeason = 9999;
constexpr std::size_t kMostSeasons = 3;
constexpr std::array<std::string_view, 7> kDayNames = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMostName && is_alphanumeric(text.front()) &&
         std::ranges::all_of(
             text, [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == ':' || c == '-'; });
}

std::vector<int> seasons_of_text(std::string_view season) {
  std::vector<int> lengths;
  if (season == "auto") return lengths;
  for (const std::string& part : split(season, ','))
    lengths.push_back(static_cast<int>(parse_integer(part, 1, kMostSeason).value_or(0)));
  return lengths;
}

std::optional<std::string> problem_of(const SeriesInfo& series) {
  if (!is_name(series.name))
    return "name " + shown(series.name) +
           ": expected 1 to 63 letters, digits and _ . : -, the first a letter or digit";
  if (series.unit && (series.unit->size() > kMostUnit || !is_printable(*series.unit)))
    return "unit " + shown(*series.unit) + ": expected at most 40 bytes of one line";
  if (!SeriesCalendar::parse(series.calendar))
    return "calendar " + shown(series.calendar) +
           ": expected all, weekdays, nyse, or days such as mon,wed,fri";
  const std::vector<int> seasons = seasons_of_text(series.season);
  const bool good = std::ranges::all_of(seasons, [](int length) { return length >= 2; }) &&
                    seasons.size() <= kMostSeasons &&
                    std::ranges::adjacent_find(seasons, std::greater_equal{}) == seasons.end();
  if (!good)
    return "season " + shown(series.season) +
           ": expected auto, or up to three ascending lengths from 2 to 9999, such as 7,364";
  if (series.holidays && !is_name(*series.holidays))
    return "holidays " + shown(*series.holidays) + ": expected the name of a set, or nyse";
  if (series.source && !SourceName::parse(*series.source))
    return "source " + shown(*series.source) + ": expected sql:NAME or close:PRICES/SYMBOL";
  return std::nullopt;
}

std::optional<SeriesCalendar> SeriesCalendar::parse(std::string_view text) {
  SeriesCalendar calendar;
  if (text == "all") return calendar;
  if (text == "weekdays" || text == "nyse") {
    calendar.mask_ = kernel::kWeekdays;
    calendar.nyse_ = text == "nyse";
    return calendar;
  }
  calendar.mask_ = 0;
  for (const std::string& part : split(text, ',')) {
    const auto name = std::ranges::find(kDayNames, part);
    const unsigned bit = name == kDayNames.end() ? 0U : 1U << static_cast<unsigned>(name - kDayNames.begin());
    if (bit == 0 || (calendar.mask_ & bit) != 0) return std::nullopt;
    calendar.mask_ |= bit;
  }
  return calendar;
}

bool SeriesCalendar::has(Date day) const {
  if ((mask_ & (1U << (day.weekday().iso_encoding() - 1))) == 0) return false;
  return !nyse_ || !market::kCalendarRange.contains(day) || market::is_session(day);
}

std::vector<Date> SeriesCalendar::days(DateRange range) const {
  std::vector<Date> all;
  for (Date day = range.first; day <= range.last; day = day + 1) {
    if (has(day)) all.push_back(day);
  }
  return all;
}

Date last_known_day(const SeriesInfo& series, Instant now) {
  return kernel::date_in_zone(series.zone, now) - series.lag_days;
}

}  // namespace am::forecast
