#pragma once
// The part of a day in which an engine or an ingest lives, as a slot of the ledger: which one is now, from when to when, and
// when the market is open. Stocks follow New York's clocks and the exchange's calendar (holidays, half days); crypto trades
// always, by days of UTC. Nothing here reads a clock.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "am/base/date.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

/// From `from` to before `to`.
struct TimeSpan {
  Instant from{}, to{};
  bool contains(Instant at) const { return from <= at && at < to; }
  friend bool operator==(const TimeSpan&, const TimeSpan&) = default;
};

/// "stock/2026-01-26", "crypto/2026-01-26", of a second one beside it "stock/2026-01-26#2".
struct DaySlot {
  AssetType type = AssetType::stock;
  Date day{};
  int number = 1;

  std::string to_string() const;
  static std::optional<DaySlot> parse(std::string_view text);
  friend bool operator==(const DaySlot&, const DaySlot&) = default;
};
/// Engines of one type and day, at most.
inline constexpr int kMostEngines = 99;

/// Stocks: 09:20 in New York to five minutes after the close; crypto: the day in UTC. Nothing: the exchange is closed, or
/// its calendar does not cover the day.
std::optional<TimeSpan> window_of(AssetType type, Date day);
/// When the market trades on that day. Nothing: it is closed.
std::optional<TimeSpan> market_hours(AssetType type, Date day);
bool is_market_open(AssetType type, Instant at);

/// Which slot an engine that starts now has.
struct SlotNow {
  std::optional<DaySlot> slot{};
  TimeSpan window{};  ///< of the slot
  std::string
      reason{};  ///< why there is none: "closed: Good Friday", "opens at 09:20 EST", "over since 16:05 EST"
};
SlotNow slot_at(AssetType type, Instant now, int number = 1);

/// Bars that a market that trades all the time would have begun within its hours, from `from` to before `to`; counted to
/// `most` at most, so that a long absence costs no more than a short one.
int bars_between(AssetType type, Micros from, Micros to, Micros length, int most = 1000);

inline Micros micros_of(Instant at) { return at.time_since_epoch().count(); }
inline Instant instant_of(Micros at) { return Instant{std::chrono::microseconds(at)}; }

}  // namespace am::strategy
