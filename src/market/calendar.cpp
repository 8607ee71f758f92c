#include "am/market/calendar.hpp"

#include <array>
#include <chrono>
#include <string>

#include "am/base/error.hpp"

namespace am::market {
namespace {

using std::chrono::Monday;
using std::chrono::Saturday;
using std::chrono::Sunday;
using std::chrono::Thursday;
using std::chrono::weekday;

struct OneOffClosing {
  Date first;
  Date last;
  std::string_view reason;
};

// Full-day closings that no rule foretells. Source: the exchange's announcements (days of mourning for
// presidents, and two emergencies), checked against the days that price records of 1990-2024 lack.
constexpr std::array kOneOffClosings{
    OneOffClosing{Date{1994, 4, 27}, Date{1994, 4, 27}, "funeral of Richard Nixon"},
    OneOffClosing{Date{2001, 9, 11}, Date{2001, 9, 14}, "attacks of September 11"},
    OneOffClosing{Date{2004, 6, 11}, Date{2004, 6, 11}, "funeral of Ronald Reagan"},
    OneOffClosing{Date{2007, 1, 2}, Date{2007, 1, 2}, "funeral of Gerald Ford"},
    OneOffClosing{Date{2012, 10, 29}, Date{2012, 10, 30}, "Hurricane Sandy"},
    OneOffClosing{Date{2018, 12, 5}, Date{2018, 12, 5}, "funeral of George H. W. Bush"},
    OneOffClosing{Date{2025, 1, 9}, Date{2025, 1, 9}, "funeral of Jimmy Carter"},
};

/// A Saturday holiday is kept on the Friday before, a Sunday holiday on the Monday after.
constexpr Date observed(Date holiday) {
  if (holiday.weekday() == Saturday) return holiday - 1;
  if (holiday.weekday() == Sunday) return holiday + 1;
  return holiday;
}

constexpr Date nth_weekday(int year, unsigned month, weekday day, unsigned nth) {
  return Date{std::chrono::sys_days{std::chrono::year{year} / std::chrono::month{month} / day[nth]}};
}

constexpr Date last_monday(int year, unsigned month) {
  return Date{
      std::chrono::sys_days{std::chrono::year{year} / std::chrono::month{month} / Monday[std::chrono::last]}};
}

/// Easter Sunday by the anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8).
constexpr Date easter_sunday(int year) {
  const int a = year % 19;
  const int b = year / 100;
  const int c = year % 100;
  const int d = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  const int e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7;
  const int m = (a + 11 * d + 22 * e) / 451;
  const int n = d + e - 7 * m + 114;
  return Date{year, static_cast<unsigned>(n / 31), static_cast<unsigned>(n % 31 + 1)};
}

/// The rule's holiday that keeps the exchange closed on this weekday; only the month's own are looked at.
/// No holiday moves into another month: a Saturday New Year's Day is not kept on 31 December (rule 7.2
/// spares the end of the yearly accounting period).
std::optional<std::string_view> rule_holiday(Date day) {
  const int year = day.year();
  switch (static_cast<unsigned>(day.ymd().month())) {
    case 1: {
      const Date new_year{year, 1, 1};
      if (day == (new_year.weekday() == Sunday ? new_year + 1 : new_year)) return "New Year's Day";
      if (year >= 1998 && day == nth_weekday(year, 1, Monday, 3)) return "Martin Luther King Jr. Day";
      return std::nullopt;
    }
    case 2:
      if (day == nth_weekday(year, 2, Monday, 3)) return "Washington's Birthday";
      return std::nullopt;
    case 3:
    case 4:
      if (day == easter_sunday(year) - 2) return "Good Friday";
      return std::nullopt;
    case 5:
      if (day == last_monday(year, 5)) return "Memorial Day";
      return std::nullopt;
    case 6:
      if (year >= 2022 && day == observed(Date{year, 6, 19})) return "Juneteenth";
      return std::nullopt;
    case 7:
      if (day == observed(Date{year, 7, 4})) return "Independence Day";
      return std::nullopt;
    case 9:
      if (day == nth_weekday(year, 9, Monday, 1)) return "Labor Day";
      return std::nullopt;
    case 11:
      if (day == nth_weekday(year, 11, Thursday, 4)) return "Thanksgiving Day";
      return std::nullopt;
    case 12:
      if (day == observed(Date{year, 12, 25})) return "Christmas Day";
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

void require_covered(Date day) {
  if (kCalendarRange.contains(day)) return;
  throw Error(ErrorKind::usage,
              "nyse calendar: day is not covered (expected " + kCalendarRange.first.to_string() + " to " +
                  kCalendarRange.last.to_string() + ", got " + day.to_string() + ")",
              "check the date; sessions outside of these years are not known");
}

}  // namespace

std::optional<std::string_view> closed_reason(Date day) {
  require_covered(day);
  if (day.weekday() == Saturday || day.weekday() == Sunday) return "weekend";
  if (const auto holiday = rule_holiday(day)) return holiday;
  for (const OneOffClosing& closing : kOneOffClosings) {
    if (DateRange{closing.first, closing.last}.contains(day)) return closing.reason;
  }
  return std::nullopt;
}

bool is_session(Date day) { return !closed_reason(day).has_value(); }

std::chrono::minutes closing_time(Date session) {
  constexpr std::chrono::hours kUsual{16};
  constexpr std::chrono::hours kEarly{13};
  const std::chrono::year_month_day day = session.ymd();
  const bool is_half =
      (day.month() == std::chrono::December && day.day() == std::chrono::day{24}) ||
      (day.month() == std::chrono::July && day.day() == std::chrono::day{3} &&
       rule_holiday(session + 1) == "Independence Day") ||
      (day.month() == std::chrono::November && rule_holiday(session - 1) == "Thanksgiving Day");
  return is_half ? kEarly : kUsual;
}

Date previous_session(Date day) {
  do {
    day = day - 1;
  } while (!is_session(day));
  return day;
}

int count_sessions(DateRange range) {
  int sessions = 0;
  for (Date day = range.first; day <= range.last; day = day + 1) sessions += is_session(day) ? 1 : 0;
  return sessions;
}

Date week_monday(Date day) { return day - static_cast<int>(day.weekday().iso_encoding() - 1); }

}  // namespace am::market
