#pragma once
// What is posted to the gateway's /internal/execute: a signal of an engine, or of any other program. The prices and
// quantities of JSON are read from their text, never through a double; text is taken for them as well.

#include <optional>
#include <string>
#include <string_view>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "am/base/result.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

/// The longest body, in bytes, and within it the longest metadata.
inline constexpr std::size_t kMostSignalBytes = std::size_t{64} * 1024;
inline constexpr std::size_t kMostMetadataBytes = std::size_t{16} * 1024;

struct SignalPost {
  std::string session_id;
  std::optional<long long> epoch{};  ///< nothing: whichever the session has
  std::string strategy_id{};         ///< empty: the session's
  std::string symbol;
  Side side = Side::buy;
  Decimal price, quantity;
  double confidence = 1;
  std::string signal_id{};                ///< empty: it has none, and can't be sent again
  std::optional<Instant> generated_at{};  ///< nothing: now
  std::string metadata = "{}";            ///< a JSON object
};

/// {"sessionId", "symbol", "action": BUY or SELL, "price", "qty"}, and optionally "sessionEpoch", "strategyId",
/// "confidence", "signalId", "generatedAt", "metadata"; others are ignored. One that is null is absent.
/// Errors:  Reject, naming the member.
Result<SignalPost> parse_signal_post(std::string_view body);

}  // namespace am::strategy
