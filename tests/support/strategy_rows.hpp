#pragma once
// The strategy desk's rows: made for tests, dumped for the crash sweep and for whoever compares before with after.

#include <string>

#include "am/strategy/sessions.hpp"
#include "support/crash_sweep.hpp"

namespace am::test {

struct WantedSession {
  std::string strategy = "sma";
  std::string symbol = "AAPL";  ///< with a slash: crypto
  strategy::Mode mode = strategy::Mode::paper;
  std::string timeframe = "1m";
  std::string language = "builtin";
  std::string code = "sma_cross";
  std::string params = "{}";
  std::string user = std::string(strategy::kDefaultUser);
  Instant now = std::chrono::sys_days{std::chrono::year{2026} / 1 / 26} + std::chrono::hours(14);
};

/// A RUNNING session, with its user and strategy where they are not there; one that is there already is given back.
strategy::Session make_session(kernel::Db& db, const WantedSession& wanted = {});

/// Users, strategies, sessions with a hash of their state, signals, orders, trades, positions, cash, bars, runs of the ledger
/// and events as sorted lines; without times of this machine, generated ids, epochs and attempts.
std::string dump_strategy(kernel::Sql& sql);

/// Removes every row of the strategy desk and of the ledger, also what is append-only.
void empty_strategy(kernel::Sql& sql);

inline constexpr SweptDesk kSweptStrategy{dump_strategy, empty_strategy};

}  // namespace am::test
