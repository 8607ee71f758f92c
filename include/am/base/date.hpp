#pragma once
// Calendar dates and moments as values and text. No clock, no time zone: New York time is
// kernel/new_york.hpp, sessions and holidays are market/calendar.hpp.

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "am/base/error.hpp"

namespace am {

/// A calendar day without a zone; years 1..9999.
class Date {
 public:
  constexpr Date() = default;
  constexpr explicit Date(std::chrono::sys_days days) : days_(days) {}
  constexpr Date(int year, unsigned month, unsigned day)
      : days_(std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}) {}

  /// Exactly YYYY-MM-DD and a day that exists; nullopt otherwise.
  static std::optional<Date> parse(std::string_view text);
  /// parse, or Error{bug}: for literals and for what our own tables hold.
  static Date of(std::string_view text);

  std::string to_string() const;  ///< YYYY-MM-DD
  constexpr std::chrono::sys_days days() const { return days_; }
  constexpr std::chrono::year_month_day ymd() const { return days_; }
  constexpr int year() const { return static_cast<int>(ymd().year()); }
  constexpr std::chrono::weekday weekday() const { return std::chrono::weekday{days_}; }

  friend constexpr Date operator+(Date d, int days) { return Date{d.days_ + std::chrono::days{days}}; }
  friend constexpr Date operator-(Date d, int days) { return d + -days; }
  /// Days from b to a.
  friend constexpr int operator-(Date a, Date b) { return static_cast<int>((a.days_ - b.days_).count()); }
  friend constexpr auto operator<=>(Date, Date) = default;

 private:
  std::chrono::sys_days days_{};
};

struct DateRange {
  Date first;
  Date last;  ///< inclusive
  constexpr bool contains(Date d) const { return first <= d && d <= last; }
};

/// RFC 3339 with a zone ("2026-01-26T14:00:00Z", "…T09:00:00.5-05:00"); nullopt if not so.
std::optional<Instant> parse_rfc3339(std::string_view text);
/// "2026-01-26T14:00:00Z"; a fraction only when there is one (up to microseconds).
std::string format_rfc3339(Instant at);

}  // namespace am
