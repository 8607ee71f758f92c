#pragma once
// When a scheduler starts a command: hours of New York days, or every few minutes. The one description from which lines
// for cron, systemd's OnCalendar and Kubernetes' schedule are written, and the firings that a simulation uses.
// What is due at a firing is the desks' business; a firing that finds nothing due costs a query.

#include <string>
#include <vector>

#include "am/base/date.hpp"

namespace am::kernel {

/// Days of the week, a bit each; Monday is the lowest.
using DayMask = unsigned;
inline constexpr DayMask kEveryDay = 0x7F;
inline constexpr DayMask kWeekdays = 0x1F;

struct Timetable {
  int every_minutes = 0;  ///< not 0: so often, divides 60; all day where last_hour is 0, else in those hours
  DayMask days = kEveryDay;
  int first_hour = 0;  ///< New York time; at least 3, so that no clock change touches it
  int last_hour = 0;   ///< of the last firing of the day; at most 18, so that it is the same day in UTC
  int minute = 0;

  bool is_all_day() const { return every_minutes > 0 && last_hour == 0; }
};

/// Where the clock of a cron line runs. Debian's cron knows no zone but the machine's own.
enum class CronZone { utc, new_york };

/// The five fields. In UTC the hours are those of New York's winter, so that no firing is early in summer; there the
/// first one is an hour late; what starts every few minutes does so from the first hour of summer to the last of winter,
/// and finds its window closed outside. Shape: "5 14-18 * * 1-5".
std::string cron_fields(const Timetable& table, CronZone zone);
/// systemd's OnCalendar=. Shape: "Mon..Fri *-*-* 09..13:00:00 America/New_York".
std::string systemd_calendar(const Timetable& table);
/// For people. Shape: "Monday to Friday, hourly from 9:00 to 13:00 in New York".
std::string timetable_text(const Timetable& table);

/// Every firing from `from` to before `to`, ascending. zone: whose cron line fires; new_york is systemd's and Kubernetes'
/// way too.
std::vector<Instant> firings(const Timetable& table, CronZone zone, Instant from, Instant to);

}  // namespace am::kernel
