#pragma once
// A signal: what a strategy asked for, made exact and given a name that is the same whoever works it out, and however
// often: a restart that sees an event again sends the same signal again, and nothing is ordered twice.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "am/base/decimal.hpp"
#include "am/base/result.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

/// Below it are all prices, quantities and values that can be ordered (numeric(30, 9) holds them, and cents of them 18 digits).
inline constexpr double kMostAmount = 1e12;

/// Units: price in USD a unit, quantity in units of the asset, each with 9 places at most and above zero.
struct Signal {
  std::string session_id;
  std::int64_t epoch = 0;  ///< of the session's holder: an engine that slept past its lease is told by it
  std::string strategy_id, symbol;
  Side side = Side::buy;
  Decimal price, quantity;
  double confidence = 1;
  std::string signal_id;        ///< a UUID, from the hash
  std::string client_order_id;  ///< "am-" and 40 hex digits of the same hash
  Micros generated_at = 0;      ///< when its event was over: a bar's end, a trade's moment
  std::string metadata = "{}";  ///< a JSON object
};

/// What makes a signal the same one.
struct SignalKey {
  std::string_view session_id, strategy_id;
  std::string_view timeframe;  ///< of the bars; "trade" for a trade's
  Micros event = 0;            ///< the bar's start, the trade's moment
  std::uint32_t ordinal = 0;   ///< from 0, of all that was asked for at this event
};
struct SignalIds {
  std::string signal_id, client_order_id;
};
/// From SHA-256 of the key's fields, a line each. The UUID is of version 8: its first 122 free bits.
SignalIds signal_ids(const SignalKey& key);
/// For a signal that somebody else named: "am-" and 40 hex digits of SHA-256(id).
std::string client_order_id_of(std::string_view signal_id);

/// A price or a quantity that can be ordered: the shortest text that reads back as this double, half-even to 9 places.
/// Errors:  Reject: not finite, not above zero (after rounding, too), or not below kMostAmount; with `what` in front.
Result<Decimal> exact_amount(double value, std::string_view what);

}  // namespace am::strategy
