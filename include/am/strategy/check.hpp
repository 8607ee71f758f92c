#pragma once
// Looking at a Python strategy before it trades: it runs in the sandbox over bars, whole, and again with a restart in the
// middle from its `state`. Where the two differ, something that it goes by does not survive a restart.

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/stop.hpp"
#include "am/strategy/types.hpp"
#include "am/strategy/worker.hpp"

namespace am::strategy {

struct CheckedSignal {
  Micros at = 0;  ///< of the bar
  Intent intent;
  friend bool operator==(const CheckedSignal&, const CheckedSignal&) = default;
};

/// What one run came to. What is held is as if each signal were filled at its price at once, without fees; no more is sold
/// than is held.
struct CheckRun {
  std::size_t bars = 0;  ///< answered
  std::vector<CheckedSignal> signals{};
  std::map<std::string, std::size_t> errors{};   ///< text, how often
  std::vector<std::string> output{};             ///< the first lines
  std::size_t lines = 0;                         ///< all of them
  std::vector<std::chrono::nanoseconds> took{};  ///< each bar, of a processor
  std::string state{};
  std::optional<int> warm_up_bars{};
  std::string failure{};  ///< it could not be loaded, or was killed: why; the run ended there
};

struct StrategyCheck {
  CheckRun whole, restarted;
  std::size_t restarted_after = 0;  ///< so many bars
  /// Where the runs first differ, in words. Nothing: they agree, or one of them failed.
  std::optional<std::string> difference{};
};

struct CheckOptions {
  std::string code, symbol = "TEST", timeframe = "1m", params = "{}";
  SandboxOptions sandbox{};
  const kernel::Stop* stop = nullptr;
};

/// Errors:  as make_python_worker; as Stop::check, when asked to end.
StrategyCheck check_strategy(const CheckOptions& options, std::span<const Bar> bars);

/// examples/bars/demo-day.csv, which the binary carries: a day of one-minute bars, of no market.
std::string_view bundled_bars_csv();

}  // namespace am::strategy
