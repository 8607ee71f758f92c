#include "am/strategy/day_slot.hpp"

#include <algorithm>

#include "am/base/text.hpp"
#include "am/kernel/new_york.hpp"
#include "am/market/calendar.hpp"

namespace am::strategy {

namespace {

constexpr std::chrono::minutes kBeforeOpening{10};
constexpr std::chrono::minutes kAfterClose{5};
constexpr std::chrono::days kDay{1};

Date utc_date(Instant at) { return Date{std::chrono::floor<std::chrono::days>(at)}; }

Date day_of(AssetType type, Instant at) {
  return type == AssetType::stock ? kernel::new_york_date(at) : utc_date(at);
}

/// "09:20 EST"
std::string hour_text(Instant at) { return kernel::new_york_text(at).substr(sizeof "2026-01-26"); }

}  // namespace

std::string DaySlot::to_string() const {
  std::string text = std::string(name_of(type)) + "/" + day.to_string();
  if (number > 1) text += "#" + std::to_string(number);
  return text;
}

std::optional<DaySlot> DaySlot::parse(std::string_view text) {
  const std::vector<std::string> parts = split(text, '/');
  if (parts.size() != 2) return std::nullopt;
  const auto type = asset_type_of(parts[0]);
  const std::vector<std::string> rest = split(parts[1], '#');
  const auto day = rest.empty() ? std::nullopt : Date::parse(rest[0]);
  if (!type || !day || rest.size() > 2) return std::nullopt;
  if (rest.size() == 1) return DaySlot{*type, *day};
  for (int number = 2; number <= kMostEngines; ++number)
    if (rest[1] == std::to_string(number)) return DaySlot{*type, *day, number};
  return std::nullopt;
}

std::optional<TimeSpan> market_hours(AssetType type, Date day) {
  if (type == AssetType::crypto) return TimeSpan{Instant{day.days()}, Instant{day.days() + kDay}};
  if (!market::kCalendarRange.contains(day) || !market::is_session(day)) return std::nullopt;
  return TimeSpan{kernel::new_york_instant(day, market::kOpeningTime),
                  kernel::new_york_instant(day, market::closing_time(day))};
}

std::optional<TimeSpan> window_of(AssetType type, Date day) {
  auto hours = market_hours(type, day);
  if (!hours || type == AssetType::crypto) return hours;
  return TimeSpan{hours->from - kBeforeOpening, hours->to + kAfterClose};
}

bool is_market_open(AssetType type, Instant at) {
  const auto hours = market_hours(type, day_of(type, at));
  return hours && hours->contains(at);
}

SlotNow slot_at(AssetType type, Instant now, int number) {
  const Date day = day_of(type, now);
  const auto window = window_of(type, day);
  if (!window && !market::kCalendarRange.contains(day)) return {.reason = "no day of the calendar"};
  if (!window) return {.reason = "closed: " + std::string(*market::closed_reason(day))};
  if (now < window->from) return {.reason = "it begins at " + hour_text(window->from)};
  if (now >= window->to) return {.reason = "over since " + hour_text(window->to)};
  return {.slot = DaySlot{type, day, number}, .window = *window};
}

int bars_between(AssetType type, Micros from, Micros to, Micros length, int most) {
  if (type == AssetType::crypto)
    return static_cast<int>(std::clamp<Micros>((to - from + length - 1) / length, 0, most));
  int count = 0;
  constexpr Micros kMicrosOfDay = std::chrono::duration_cast<std::chrono::microseconds>(kDay).count();
  for (Date day = day_of(type, instant_of(from)); from < to && count < most; day = day + 1) {
    const auto hours = market_hours(type, day);
    const Micros end = std::min(to, hours ? micros_of(hours->to) : from);
    const Micros begin = std::max(from, hours ? micros_of(hours->from) : from);
    if (begin < end)
      count += static_cast<int>(std::min<Micros>((end - begin + length - 1) / length, most - count));
    if (micros_of(Instant{day.days()}) > to + kMicrosOfDay) break;
  }
  return count;
}

}  // namespace am::strategy
