#pragma once
// A daily series as people describe it: which days it has, in which zone they begin, what is known of its values. The rows
// of forecast.series; nothing here reads a database.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/result.hpp"
#include "am/kernel/timetable.hpp"

namespace am::forecast {

inline constexpr int kMostHorizon = 400;
inline constexpr int kMostLag = 366;
/// How many days a job may be asked for, and how far its first may lie behind the newest known one.
inline constexpr int kMostDays = 400;

struct SeriesInfo {
  std::string name;
  std::optional<std::string> unit{};
  std::string zone = "UTC";
  std::string calendar = "all";  ///< all, weekdays, nyse, or days such as "mon,wed"
  std::string season = "auto";   ///< or lengths in existing days: "7,364"
  bool zero_means_missing = false;
  std::optional<bool> non_negative{};     ///< empty: as its past is
  std::optional<std::string> holidays{};  ///< a set of forecast.holidays, or nyse
  std::optional<std::string> source{};    ///< what `sync` reads: "sql:NAME", "close:SPY"
  int lag_days = 1;                       ///< a day is known so many days later
  int horizon = 28;                       ///< days that the night run asks for
  bool nightly = false;
  long long revision = 0;  ///< of its observations
};

/// Names of series and of sets of holidays: 1 to 63 letters, digits and _ . : -, the first a letter or digit.
bool is_name(std::string_view text);
/// What is wrong with a description; empty: nothing. Zones are the caller's to check.
std::optional<std::string> problem_of(const SeriesInfo& series);
/// "7,364" → {7, 364}; auto: none.
std::vector<int> seasons_of_text(std::string_view season);

/// Which days a series has. A day off it does not exist: no value, no gap, no prediction.
class SeriesCalendar {
 public:
  /// nullopt: not a calendar.
  static std::optional<SeriesCalendar> parse(std::string_view text);
  /// Of nyse the sessions; outside of the years that its calendar covers the weekdays.
  bool has(Date day) const;
  /// Ascending.
  std::vector<Date> days(DateRange range) const;

 private:
  kernel::DayMask mask_ = kernel::kEveryDay;
  bool nyse_ = false;
};

/// The last day that is known at a moment: the one that is over, and lag_days − 1 more.
/// Errors:  config: its zone is unknown.
Date last_known_day(const SeriesInfo& series, Instant now);

}  // namespace am::forecast
