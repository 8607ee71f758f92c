#pragma once
// One budget for all processes, in PostgreSQL: several sliding windows per key, charged per HTTP request.
//
// A request is first reserved, then charged when it is about to be sent, and ended when its answer is there. A reserved
// slot counts against every window until it is used, given back, or expires (60 s); a used one until a period after its
// end. So no window of the times at which the vendor counts ever holds more than its limit L, however long a request
// takes to get there: be L + 1 requests counted within one period P, x the first of these moments, and m < x + P the
// moment of the last grant among them. Those that were granted before were counted by the vendor at x or later, and so
// ended later than m - P: at m they were reserved, under way or not yet a period over, and the grant counted them.
// With its own they were L at most.
// All times are the database's clock_timestamp(). The row of the key is locked while windows are counted; charging and
// ending take no lock.
//
// What is promised, and what not: that holds for requests that are answered. One that was given up counts as if it
// ended 5 s later, since it may be on its way; one whose process died, as if it ended 10 s after its timeout. What gets
// to the vendor later than that, such as that of a process which was stopped for long just before it sent, can be one
// too many; so can what a clock that jumps makes of it.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/kernel/stop.hpp"

namespace am::kernel {

struct RateWindow {
  int limit = 0;
  std::chrono::milliseconds period{0};
};

struct RateLimit {
  std::string key;  ///< "alpha_vantage"
  std::vector<RateWindow> windows;
};

/// "5/min,500/day" (units s, min, h, day). Errors: Error{config} naming the text.
std::vector<RateWindow> parse_rate_windows(const std::string& text);

struct RateStatus {
  std::optional<Instant> paused_until;
  std::string pause_reason;
  std::vector<int> used;  ///< per window, now
};

/// Threads: one at a time.
class RateLimiter {
 public:
  RateLimiter(Db& db, const Stop& stop, std::vector<RateLimit> limits);

  /// Reserves n requests at once, waiting up to max_wait. Returns the slots' ids: as many as the smallest window
  /// allows. Of the others it is only certain that they fit into the longer windows now, so that whoever needs n
  /// begins with all of them in reach or not at all.
  /// nap: waits so long, a second at most; default: Stop::sleep.
  /// Errors:  deferred: the wait would be longer, or the key is paused for longer. Its not_before is the
  ///          earliest moment at which it can succeed: slots that others hold are taken to be given back, and
  ///          requests that are under way to end now.
  ///          config: no such limit is configured.
  std::vector<long long> reserve(const std::string& key, int n, std::chrono::milliseconds max_wait,
                                 const std::function<void(std::chrono::milliseconds)>& nap = {});
  /// Charges a slot: its request is sent now and takes so long at most. False when it has expired or the key is
  /// paused meanwhile: release it and reserve again.
  bool use(long long slot, std::chrono::milliseconds longest);
  /// The request of a used slot has ended: with an answer, or given up.
  void end(long long slot, bool answered);
  /// Gives unused slots back.
  void release(const std::vector<long long>& slots);
  /// Nobody sends before that moment (database time: now + duration); of two pauses the longer one holds. False: an
  /// earlier pause is the longer one, nothing was written.
  bool pause(const std::string& key, std::chrono::milliseconds duration, const std::string& reason);
  /// False: it was not paused.
  bool resume(const std::string& key);
  RateStatus status(const std::string& key);

 private:
  const RateLimit& limit(const std::string& key) const;

  Db& db_;
  const Stop& stop_;
  std::vector<RateLimit> limits_;
};

}  // namespace am::kernel
