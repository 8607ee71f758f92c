#pragma once
// One budget for all processes, in PostgreSQL: several sliding windows per key, charged per HTTP request.
//
// A request is first reserved, then charged at the moment it is sent. A reserved slot counts against every
// window until it is used, given back, or expires (60 s), and the moment of use replaces the moment of
// reservation, so no window of the real sending times ever holds more than its limit: whatever was sent
// within one period before a grant, or can still be sent after it, was counted by that grant. All times are
// the database's clock_timestamp(). The row of the key is locked while windows are counted; sending takes no
// lock. A window is kept for a twentieth longer than its period (1 s at most), because a vendor counts when a
// request arrives and not when it was charged, and some take longer on the way than others.

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

/// How long a sent request counts against a window of that period: a little longer (see above).
std::chrono::milliseconds counted_for(std::chrono::milliseconds period);

struct RateStatus {
  std::optional<Instant> paused_until;
  std::string pause_reason;
  std::vector<int> used;  ///< per window, now
};

/// Threads: one at a time.
class RateLimiter {
 public:
  RateLimiter(Db& db, const Stop& stop, std::vector<RateLimit> limits);

  /// Reserves n requests at once (n is cut to the smallest window's limit), waiting up to max_wait.
  /// Returns the slots' ids.
  /// Errors:  deferred: the wait would be longer, or the key is paused for longer. Its not_before is the
  ///          earliest moment at which it can succeed: slots that others hold are taken to be given back.
  ///          config: no such limit is configured.
  std::vector<long long> reserve(const std::string& key, int n, std::chrono::milliseconds max_wait);
  /// Marks a slot as sent now. False when it has expired or the key is paused meanwhile: release it and
  /// reserve again.
  bool use(long long slot);
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
