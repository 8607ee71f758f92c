#include "am/kernel/timetable.hpp"

#include <array>
#include <cstdio>

#include "am/kernel/new_york.hpp"

namespace am::kernel {

namespace {

constexpr int kWinterOffset = 5;  ///< hours that New York is behind UTC in winter

std::string two_digits(int number) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%02d", number % 100);
  return text.data();
}

int offset_of(CronZone zone) { return zone == CronZone::utc ? kWinterOffset : 0; }

}  // namespace

std::string cron_fields(const Timetable& table, CronZone zone) {
  if (table.every_minutes > 0) return "*/" + std::to_string(table.every_minutes) + " * * * *";
  const int offset = offset_of(zone);
  return std::to_string(table.minute) + " " + std::to_string(table.first_hour + offset) + "-" +
         std::to_string(table.last_hour + offset) + " * * " + (table.weekdays ? "1-5" : "*");
}

std::string systemd_calendar(const Timetable& table) {
  if (table.every_minutes > 0) return "*:0/" + std::to_string(table.every_minutes);
  return std::string(table.weekdays ? "Mon..Fri " : "") + "*-*-* " + two_digits(table.first_hour) + ".." +
         two_digits(table.last_hour) + ":" + two_digits(table.minute) + ":00 America/New_York";
}

std::string timetable_text(const Timetable& table) {
  if (table.every_minutes > 0) return "every " + std::to_string(table.every_minutes) + " minutes";
  const std::string minute = ":" + two_digits(table.minute);
  return std::string(table.weekdays ? "Monday to Friday" : "daily") + ", hourly from " +
         std::to_string(table.first_hour) + minute + " to " + std::to_string(table.last_hour) + minute +
         " in New York";
}

std::vector<Instant> firings(const Timetable& table, CronZone zone, Instant from, Instant to) {
  std::vector<Instant> all;
  const auto add = [&](Instant at) {
    if (from <= at && at < to) all.push_back(at);
  };
  if (table.every_minutes > 0) {
    const std::chrono::minutes step(table.every_minutes);
    for (Instant at = std::chrono::floor<std::chrono::days>(from); at < to; at += step) add(at);
    return all;
  }
  for (Date day = new_york_date(from) - 1; day <= new_york_date(to) + 1; day = day + 1) {
    const auto weekday = day.weekday();
    if (table.weekdays && (weekday == std::chrono::Saturday || weekday == std::chrono::Sunday)) continue;
    for (int hour = table.first_hour; hour <= table.last_hour; ++hour) {
      const std::chrono::minutes time = std::chrono::hours(hour) + std::chrono::minutes(table.minute);
      add(zone == CronZone::utc ? Instant(day.days() + time + std::chrono::hours(kWinterOffset))
                                : new_york_instant(day, time));
    }
  }
  return all;
}

}  // namespace am::kernel
