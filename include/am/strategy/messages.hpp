#pragma once
// What goes through Redis as JSON: bars, trades of the market, control events. Fields that are not known are ignored; a
// message that is none is refused with a reason, to be counted, and nothing else comes of it.
// Not judged here, since it takes more than the message: whether a bar is repeated, too old or from the future.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "am/base/result.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

inline constexpr std::string_view kBarChannels = "market_data:";      ///< and the symbol
inline constexpr std::string_view kTradeChannels = "market_trades:";  ///< and the symbol
inline constexpr std::string_view kControlChannel = "system:subscription_updates";
/// Members: the symbols of running sessions. "active_subscriptions:stock", "active_subscriptions:crypto".
std::string subscription_set(AssetType type);

/// Why a message is none.
enum class MessageReject : std::uint8_t {
  too_large,
  not_json,
  not_an_object,
  missing_field,
  wrong_type,
  bad_symbol,
  other_symbol,  ///< than its channel's
  bad_timeframe,
  bad_timestamp,
  impossible,  ///< is_possible says no; a trade without price or size
  unknown_action,
  unknown_asset_type,
};
inline constexpr std::size_t kMessageRejects = 12;
std::string_view name_of(MessageReject reject);  ///< as a label of metrics: "too_large"
/// How many of each, by the enum's value.
using RejectCounts = std::array<std::uint64_t, kMessageRejects>;

/// A longer one is refused: a bar has 200 bytes.
inline constexpr std::size_t kMostMessageBytes = std::size_t{64} * 1024;

/// The publisher's own count: of one channel, each message has seq one above the one before, as long as epoch, which
/// names the publisher's life, stays the same.
struct SequenceNumber {
  std::optional<std::int64_t> seq{}, epoch{};
};

struct BarMessage {
  std::string_view symbol, timeframe;
  Bar bar;
  SequenceNumber sequence{};
};

struct TradeMessage {
  std::string_view symbol, tick_type;  ///< tick_type may be empty
  Trade trade;
  SequenceNumber sequence{};
};

/// A hint, since channels lose messages: what holds is in the sessions' rows.
struct ControlEvent {
  enum class Action { subscribe, unsubscribe } action = Action::subscribe;
  std::string symbol;
  AssetType type = AssetType::stock;
  std::string strategy_id{}, session_id{};  ///< empty: not said
  friend bool operator==(const ControlEvent&, const ControlEvent&) = default;
};

/// Bytes behind a text that may be read, though they say nothing: what parsing in place needs.
inline constexpr std::size_t kPadding = 64;
/// A text with kPadding readable bytes behind it.
struct Padded {
  std::string_view text;
};

/// Shape:   symbol: of the channel that it came by; one without is refused, one with another symbol too.
///          timestamp: RFC 3339, or a whole number since 1970 in s, ms, us or ns, as its size says.
/// Owns:    views in a result hold until the next call.
/// Threads: one.
class MessageParser {
 public:
  MessageParser();
  ~MessageParser();
  MessageParser(const MessageParser&) = delete;
  MessageParser& operator=(const MessageParser&) = delete;

  /// In place: nothing is copied or allocated.
  Result<BarMessage, MessageReject> bar(Padded payload, std::string_view symbol);
  Result<TradeMessage, MessageReject> trade(Padded payload, std::string_view symbol);
  Result<ControlEvent, MessageReject> control(Padded payload);
  /// Of any text: it is copied.
  Result<BarMessage, MessageReject> bar(std::string_view payload, std::string_view symbol);
  Result<TradeMessage, MessageReject> trade(std::string_view payload, std::string_view symbol);
  Result<ControlEvent, MessageReject> control(std::string_view payload);
  /// Likewise, of any symbol: of what did not come by a channel.
  Result<BarMessage, MessageReject> bar(std::string_view payload);
  Result<TradeMessage, MessageReject> trade(std::string_view payload);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Appended to `out`, on one line; numbers as the shortest text that is the same double, moments to the microsecond.
void write_message(std::string& out, const BarMessage& message);
void write_message(std::string& out, const TradeMessage& message);
void write_message(std::string& out, const ControlEvent& event);

}  // namespace am::strategy
