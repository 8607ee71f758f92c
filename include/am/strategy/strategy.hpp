#pragma once
// A native strategy: called for each event in order, in the engine's thread and in replay alike.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/strategy/types.hpp"

namespace am::strategy {

/// Threads: one. A strategy reads no clock and does no I/O, so the same events give the same intents.
class Strategy {
 public:
  Strategy() = default;
  virtual ~Strategy() = default;
  Strategy(const Strategy&) = delete;
  Strategy& operator=(const Strategy&) = delete;

  /// How many bars it wants to have seen before its intents count.
  virtual int warm_up_bars() const { return 0; }
  virtual void on_start() {}
  /// out: what it asks for is put behind what is there. position: as it was booked last.
  virtual void on_bar(const Bar& bar, const Position& position, std::vector<Intent>& out) = 0;
  virtual void on_trade(const Trade& /*trade*/, const Position& /*position*/, std::vector<Intent>& /*out*/) {}
  virtual void on_stop() {}
  /// Its state, versioned, doubles to the bit: restored, it goes on as if nothing had been.
  virtual std::string snapshot() const = 0;
  /// Errors:  data: of another version or kind.
  virtual void restore(std::string_view snapshot) = 0;
};

/// What a session's strategy is made from.
struct StrategySpec {
  std::string name;                  ///< of the row
  std::string language = "builtin";  ///< or "python"
  std::string code;                  ///< the builtin's name, or the text of the program
  std::string params = "{}";         ///< a JSON object
};

/// "mock", "sma_cross", "rsi_reversion", "momentum".
std::span<const std::string_view> builtin_names();
/// log_line: where `mock` says what it sees; may be null.
/// Errors:  usage: there is no such builtin, or a parameter is unknown or out of its range, with what is allowed.
std::unique_ptr<Strategy> make_builtin(const StrategySpec& spec, const std::string& symbol,
                                       void (*log_line)(void* context, std::string_view line) = nullptr,
                                       void* context = nullptr);

}  // namespace am::strategy
