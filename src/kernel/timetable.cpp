#include "am/kernel/timetable.hpp"

#include <array>
#include <cstdio>
#include <string_view>

#include "am/kernel/new_york.hpp"

namespace am::kernel {

namespace {

constexpr int kWinterOffset = 5;  ///< hours that New York is behind UTC in winter
constexpr int kSummerOffset = 4;
constexpr int kDaysOfWeek = 7;
constexpr std::string_view kDayNames[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                          "Friday", "Saturday", "Sunday"};

std::string two_digits(int number) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%02d", number % 100);
  return text.data();
}

bool has_day(DayMask days, int day) { return (days >> static_cast<unsigned>(day) & 1U) != 0; }

/// Its days by name; several in a row are a range.
template <class Name>
std::string days_text(DayMask days, std::string_view range, std::string_view comma, Name name) {
  std::string text;
  for (int day = 0; day < kDaysOfWeek; ++day) {
    if (!has_day(days, day)) continue;
    int last = day;
    while (last + 1 < kDaysOfWeek && has_day(days, last + 1)) ++last;
    if (!text.empty()) text += comma;
    text += name(day);
    if (last > day) text += std::string(last - day > 1 ? range : comma) + name(last);
    day = last;
  }
  return text;
}

/// The hours on the clock of a cron line.
std::string hours_text(const Timetable& table, CronZone zone) {
  const bool utc = zone == CronZone::utc;
  const int first = table.first_hour + (!utc ? 0 : table.every_minutes > 0 ? kSummerOffset : kWinterOffset);
  return std::to_string(first) + "-" + std::to_string(table.last_hour + (utc ? kWinterOffset : 0));
}

}  // namespace

std::string cron_fields(const Timetable& table, CronZone zone) {
  const std::string minutes =
      table.every_minutes > 0 ? "*/" + std::to_string(table.every_minutes) : std::to_string(table.minute);
  const std::string days = table.days == kEveryDay ? "*" : days_text(table.days, "-", ",", [](int day) {
    return std::to_string((day + 1) % kDaysOfWeek);
  });
  return minutes + " " + (table.is_all_day() ? "*" : hours_text(table, zone)) + " * * " + days;
}

std::string systemd_calendar(const Timetable& table) {
  const std::string step = "0/" + std::to_string(table.every_minutes);
  const std::string days = table.days == kEveryDay ? "" : days_text(table.days, "..", ",", [](int day) {
                                                            return std::string(kDayNames[day].substr(0, 3));
                                                          }) + " ";
  if (table.is_all_day()) return days.empty() ? "*:" + step : days + "*-*-* *:" + step;
  return days + "*-*-* " + two_digits(table.first_hour) + ".." + two_digits(table.last_hour) + ":" +
         (table.every_minutes > 0 ? step : two_digits(table.minute)) + ":00 America/New_York";
}

std::string timetable_text(const Timetable& table) {
  const std::string often = "every " + std::to_string(table.every_minutes) + " minutes";
  const std::string days = table.days == kEveryDay ? "" : days_text(table.days, " to ", ", ", [](int day) {
    return std::string(kDayNames[day]);
  });
  if (table.is_all_day()) return days.empty() ? often : days + ", " + often;
  const std::string rhythm = table.every_minutes > 0 ? often : "hourly";
  const std::string first = ":" + two_digits(table.every_minutes > 0 ? 0 : table.minute);
  const std::string last =
      ":" + two_digits(table.every_minutes > 0 ? 60 - table.every_minutes : table.minute);
  return (days.empty() ? "daily" : days) + ", " + rhythm + " from " + std::to_string(table.first_hour) +
         first + " to " + std::to_string(table.last_hour) + last + " in New York";
}

std::vector<Instant> firings(const Timetable& table, CronZone zone, Instant from, Instant to) {
  std::vector<Instant> all;
  const auto add = [&](Instant at) {
    if (from <= at && at < to) all.push_back(at);
  };
  const auto on = [&](Date day) {
    return has_day(table.days, static_cast<int>(day.weekday().iso_encoding()) - 1);
  };
  if (table.is_all_day()) {
    const std::chrono::minutes step(table.every_minutes);
    for (Instant at = std::chrono::floor<std::chrono::days>(from); at < to; at += step) {
      if (on(new_york_date(at))) add(at);
    }
    return all;
  }
  const bool utc = zone == CronZone::utc;
  const int step = table.every_minutes > 0 ? table.every_minutes : 60;
  const int early = utc && table.every_minutes > 0 ? kWinterOffset - kSummerOffset : 0;
  for (Date day = new_york_date(from) - 1; day <= new_york_date(to) + 1; day = day + 1) {
    if (!on(day)) continue;
    for (int hour = table.first_hour - early; hour <= table.last_hour; ++hour) {
      for (int minute = table.every_minutes > 0 ? 0 : table.minute; minute < 60; minute += step) {
        const std::chrono::minutes time = std::chrono::hours(hour) + std::chrono::minutes(minute);
        add(utc ? Instant(day.days() + time + std::chrono::hours(kWinterOffset))
                : new_york_instant(day, time));
      }
    }
  }
  return all;
}

}  // namespace am::kernel
