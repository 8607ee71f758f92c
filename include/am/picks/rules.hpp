#pragma once
// Decisions and arithmetic of the picks desk: pure, no I/O, no clock, never throws on data.
// Source: docs/architecture.md, "The picks desk".

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/result.hpp"
#include "am/picks/types.hpp"

namespace am::picks {

/// `^[A-Z]{1,5}([.-][A-Z])?$`
bool is_ticker(std::string_view text);

/// What is wrong with a pick that comes after these of its batch; nullopt: nothing.
/// Threads: pure.
std::optional<Reject> pick_problem(const std::vector<Pick>& earlier, std::string_view ticker,
                                   std::string_view action, std::string_view reasoning,
                                   std::string_view benchmark);

/// Picks from JSON text: {"picks":[{"ticker","action","reasoning"} × 3]}, to be measured against the benchmark.
///
/// Errors:  Reject naming the first thing that is wrong: not JSON, not that shape, not exactly 3, a ticker of another
///          form, a share twice (BRK-B is BRK.B) or the benchmark itself, an action that is not BUY or SELL, an empty
///          reasoning, or one above 4,000 bytes.
/// Threads: pure.
Result<std::vector<Pick>> parse_picks(std::string_view json, std::string_view benchmark);

/// Return of a price over its initial price.
///
/// Units:   prices in USD; result in percent (1 is 1 %), 34 significant digits, half-even, not rounded further.
/// Errors:  Reject if a price cannot be right (market/price.hpp), so that no result is out of any range.
Result<Decimal> return_pct(const Decimal& initial, const Decimal& current);

/// The sign flipped for a SELL: what the pick earned for whoever followed it.
Decimal directional(Action action, const Decimal& return_pct);

/// A day's checkpoint from the closes of its session.
///
/// Shape:   one metric per pick, in the picks' order.
/// Errors:  Reject if a close is not there or a price cannot be right.
Result<Checkpoint> compute_checkpoint(const Batch& batch, Date session,
                                      const std::map<std::string, Decimal>& closes);

/// The benchmark first, because without its close nothing else is asked; then the picks, in their order.
std::vector<std::string> symbols_of(const Batch& batch);

/// What to do with a day whose time has come.
enum class DayDecision {
  skip_closed,  ///< no session: skipped at once
  compute,      ///< every close is there
  wait,         ///< a close is late: come back
  skip_late,    ///< a close is still not there a day after the due time
};
DayDecision decide_day(bool is_session, bool closes_complete, Instant due, Instant now);

/// 24 h: how long after its due time a day waits for a late provider.
constexpr std::chrono::hours kGrace{24};

/// The day that checkpoint N (1..14) measures: run_date + N − 1.
constexpr Date checkpoint_date(Date run_date, int day) { return run_date + (day - 1); }

}  // namespace am::picks
