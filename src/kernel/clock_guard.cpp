#include "am/kernel/clock_guard.hpp"

#include <algorithm>
#include <string>

namespace am::kernel {

namespace {

using std::chrono::microseconds;

/// How long an answer of the database counts, as long as the host's clock runs on evenly.
constexpr std::chrono::minutes kBelieved{1};

std::string in_seconds(microseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

std::string to_the_second(Instant at) { return format_rfc3339(std::chrono::floor<std::chrono::seconds>(at)); }

}  // namespace

ClockReading compare_clocks(Instant before, Instant database, Instant after) {
  const Instant host = before + (after - before) / 2;
  const microseconds apart = std::max({microseconds(0), before - database, database - after});
  return {host, database, apart};
}

ClockReading read_clocks(Sql& sql, const Clock& clock) {
  const Instant before = clock.host();
  const Instant database = sql.query(kDatabaseClockSql).only().micros("now");
  return compare_clocks(before, database, clock.host());
}

std::optional<Error> clock_problem(const ClockReading& reading) {
  if (reading.apart <= kClockTolerance) return std::nullopt;
  return Error(ErrorKind::config,
               "clock: this host's says " + to_the_second(reading.host) + ", the database's " +
                   to_the_second(reading.database) + ": " + in_seconds(reading.apart) +
                   " apart (expected at most " + in_seconds(kClockTolerance) + ")",
               "set the one that is wrong, here or on the database's server, and keep both by NTP: look with "
               "timedatectl, set with chronyc makestep; until then nothing is decided by it");
}

void ClockGuard::require() {
  if (clock_.is_replaced()) return;
  const auto now = std::chrono::steady_clock::now();
  const auto ran = std::chrono::duration_cast<microseconds>(now - start_.steady);
  const microseconds jumped = clock_.host() - start_.host - ran;
  const bool was_set = jumped > kClockTolerance || -jumped > kClockTolerance;
  if (!was_set && compared_ && now - *compared_ < kBelieved) return;
  if (auto problem = clock_problem(read_clocks(sql_, clock_))) throw Error(std::move(*problem));
  compared_ = std::chrono::steady_clock::now();
  if (!was_set) return;
  throw Error(
      ErrorKind::unavailable,
      "clock: this host's was set by " + in_seconds(jumped) + " while the command ran, or the host slept",
      "run the command again: it decides anew, by the clock as it is now");
}

}  // namespace am::kernel
