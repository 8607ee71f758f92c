#pragma once
// This host's clock against the database's. A host whose clock is wrong would skip days that are still to come, ask a
// model for another week's picks and call a batch complete, none of which a later run can take back. Two clocks that
// agree are believed; which of two that differ is the wrong one, nobody here can know.

#include <chrono>
#include <optional>
#include <string_view>

#include "am/base/error.hpp"
#include "am/kernel/clock.hpp"
#include "am/kernel/db.hpp"

namespace am::kernel {

/// What is due may come so much too early or too late, and no more: a session's close is final four hours after its end,
/// and a day waits 24 hours for its closes.
inline constexpr std::chrono::minutes kClockTolerance{5};

/// Both clocks, read together.
struct ClockReading {
  Instant host{};
  Instant database{};
  std::chrono::microseconds apart{};  ///< at least: how long the question was on its way is left out
};

/// One column, now: the database's clock, for whoever asks other things in the same round trip.
inline constexpr std::string_view kDatabaseClockSql =
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now";
/// before, after: what the host's clock said around the question.
ClockReading compare_clocks(Instant before, Instant database, Instant after);
/// Asks now.
ClockReading read_clocks(Sql& sql, const Clock& clock);

/// Why nothing that cannot be taken back is done, or nothing. Error{config} with both times, the difference and what to do.
std::optional<Error> clock_problem(const ClockReading& reading);

/// Stands before every step that cannot be taken back. Costs one round trip a minute at most, and none as long as nobody
/// asks. Under --now nothing is checked: that moment is whoever gave it's own word.
///
/// Threads: one at a time.
class ClockGuard {
 public:
  /// The host's clock beside the one that nobody sets.
  struct Start {
    explicit Start(const Clock& clock) : host(clock.host()), steady(std::chrono::steady_clock::now()) {}
    Instant host;
    std::chrono::steady_clock::time_point steady;
  };
  /// start: of before anything was decided.
  ClockGuard(Sql& sql, const Clock& clock, Start start) : sql_(sql), clock_(clock), start_(start) {}
  ClockGuard(Sql& sql, const Clock& clock) : ClockGuard(sql, clock, Start(clock)) {}

  /// Errors:  config, as clock_problem; unavailable, not done either, when the host's clock was set since the start
  ///          (what was decided before went by another clock); what the database throws.
  void require();

 private:
  Sql& sql_;
  const Clock& clock_;
  const Start start_;
  std::optional<std::chrono::steady_clock::time_point> compared_;
};

}  // namespace am::kernel
