#pragma once
// What a gateway does beside answering: it asks the broker for orders that are open or whose outcome is unknown, cancels what
// has been open for too long or may not be open any more, places what flatten asked for, makes good what a crash left behind,
// books fees that are posted later, and watches what sessions are worth. Of several gateways at one broker one does it at a
// time; what it does is safe to be done twice.
//
// Threads: run on one of its own; wake from any.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/kernel/stop.hpp"
#include "am/strategy/gateway.hpp"

namespace am::strategy {

class Sweeper {
 public:
  explicit Sweeper(Gateway& gateway) : gateway_(gateway) {}

  /// One look at everything. Errors: none but a lost database: what fails at the broker is logged, and tried again.
  void round(kernel::Db& db);
  /// Looks every second, or when it is woken, until it is asked to end. Then it gives its lease back.
  void run(const kernel::DbOptions& options, const kernel::Stop& stop);
  void wake();

 private:
  struct Round;
  bool due(std::optional<kernel::SteadyTime>& last, std::chrono::milliseconds interval);

  Gateway& gateway_;
  std::optional<kernel::SteadyTime> polled_{}, fees_{}, marked_{}, account_{};
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_ = false;
};

// ---- At the start: does the broker hold what was booked?

/// Of one symbol; what was adopted is taken off what the broker holds.
struct Mismatch {
  std::string symbol;
  Decimal booked, held;
};
/// Compares them. A fee in quantity that is not posted yet may be between them.
/// Errors:  those of the broker and the database.
std::vector<Mismatch> compare_positions(kernel::Sql& sql, Gateway& gateway);
/// From now on the difference is known, and is no mismatch: what is held beside these books stays there.
void adopt(kernel::Db& db, Gateway& gateway, const std::vector<Mismatch>& mismatches);

}  // namespace am::strategy
