#pragma once
// The words of the strategy desk: what the market says, what a strategy wants, who it trades for.
// Prices are doubles up to a signal, and Decimal from there on (signal.hpp): what is computed in a strategy is an estimate,
// what is ordered and booked is exact.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace am::strategy {

enum class AssetType { stock, crypto };
enum class Mode {
  rehearsal,  ///< the bars are the clock, the broker is paper: demonstrations, tests, `publish`
  paper,      ///< live bars, no money
  live,       ///< money: three switches have to say so
};
enum class Side { buy, sell };
/// What a session or everything may do.
enum class Trading {
  active,
  reducing,  ///< sells only
  halted,    ///< orders nothing
};
enum class SessionStatus { running, stopped, failed };

std::string_view name_of(AssetType type);        ///< "stock", "crypto"
std::string_view name_of(Mode mode);             ///< "rehearsal", "paper", "live"
std::string_view name_of(Side side);             ///< "BUY", "SELL"
std::string_view name_of(Trading trading);       ///< "ACTIVE", "REDUCING", "HALTED"
std::string_view name_of(SessionStatus status);  ///< "RUNNING", "STOPPED", "FAILED"
std::optional<AssetType> asset_type_of(std::string_view name);
std::optional<Mode> mode_of(std::string_view name);
std::optional<Side> side_of(std::string_view name);
std::optional<Trading> trading_of(std::string_view name);
std::optional<SessionStatus> session_status_of(std::string_view name);

/// Microseconds since 1970, UTC: of a market's events, in the hot path.
using Micros = std::int64_t;

/// One bar; of which symbol and timeframe is said by where it is.
/// Units: prices in USD a unit; volume in units of the asset, fractional for crypto. Time: of its start.
struct Bar {
  Micros start = 0;
  double open = 0, high = 0, low = 0, close = 0, volume = 0;
  friend bool operator==(const Bar&, const Bar&) = default;
};

/// One trade of the market ("a print"), not one of ours: that is a booking.
struct Trade {
  Micros at = 0;
  double price = 0, size = 0;
  friend bool operator==(const Trade&, const Trade&) = default;
};

/// What a strategy holds, as it was booked last. Units: units of the asset; USD.
struct Position {
  double quantity = 0, cost = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

/// What a strategy asks for in a callback: the seed's send_signal.
struct Intent {
  Side side = Side::buy;
  double price = 0, quantity = 0, confidence = 1;
  std::string metadata = "{}";  ///< a JSON object
  friend bool operator==(const Intent&, const Intent&) = default;
};

enum class EventKind : std::uint8_t { start, bar, trade, stop };

/// "1m" → 60,000,000; also s, h, d. Nothing: it is no timeframe.
std::optional<Micros> timeframe_length(std::string_view timeframe);

}  // namespace am::strategy
