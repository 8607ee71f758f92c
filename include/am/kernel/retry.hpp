#pragma once
// The one retry loop. Full jitter: the n-th wait is uniform in [0, min(cap, base·2ⁿ)]; a vendor's
// Retry-After replaces it. Only what says so is retried; a wall-clock budget is over it all.

#include <chrono>
#include <functional>
#include <optional>

#include "am/base/error.hpp"
#include "am/kernel/stop.hpp"

namespace am::kernel {

struct RetryPolicy {
  int attempts = 3;
  std::chrono::milliseconds base{500};
  std::chrono::milliseconds cap{5000};
  std::chrono::milliseconds budget{120000};  ///< waits and attempts together; no new attempt after it
};

/// The n-th wait (n = 0 after the first failure); `uniform` in [0, 1).
std::chrono::milliseconds retry_delay(const RetryPolicy& policy, int n, double uniform);

/// What one attempt came to.
struct Attempt {
  std::optional<Error> failed{};                    ///< none: done
  bool again = false;                               ///< a further attempt may help
  std::optional<std::chrono::milliseconds> wait{};  ///< the vendor's own wish
};

/// Calls `attempt(n)` until it is done, must not be repeated, or the policy is used up; then throws its
/// error. A wish to wait longer than the rest of the budget ends the loop at once. `while_waiting` is called when a
/// wait begins and every second of it; what it throws ends the loop.
void retry(const RetryPolicy& policy, const Stop& stop, const std::function<Attempt(int n)>& attempt,
           const std::function<void()>& while_waiting = {});

}  // namespace am::kernel
