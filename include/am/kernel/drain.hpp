#pragma once
// The worker loop over a queue, once: claims what is ready until nothing is, works on each item, says what became of it.
// Leases are kept by the heartbeat meanwhile. What a worker does with an item is its own: it opens its transactions, and
// in the last of them fences and finishes.

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

#include "am/base/exit_code.hpp"
#include "am/kernel/heartbeat.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/queue.hpp"
#include "am/kernel/stop.hpp"

namespace am::kernel {

struct DrainOptions {
  std::size_t claimed_at_once = 1;
  std::optional<std::size_t> most{};                      ///< items
  std::optional<std::chrono::milliseconds> time_limit{};  ///< no item is begun after it
};

/// Shape:   counts of items; those that were given back (asked to end, a budget that is spent) and those whose lease was
///          lost are nobody's failure.
struct Drained {
  std::size_t done = 0, again = 0, dead = 0, buried = 0, released = 0, lost = 0;
  std::optional<Error> worst{};  ///< of the errors of this drain's items

  /// 70 when an item died, 12 when one was buried, else the worst error's, else 0.
  ExitCode exit_code() const;
};

/// Finishes the item in a transaction of its own and says so, or buries it. What it throws becomes of the item:
/// deferred with a not_before, interrupted, terminated: given back; config, denied: given back, and the drain ends with
/// it, since no other item would fare better; busy when the lease is lost: nothing; else a failed attempt.
using Work = std::function<Fate(const Item& item, const Lease& lease)>;

/// queue, db: of the same connection or not; no transaction is open while an item is claimed or its end is recorded.
/// Asked to end, it gives back what it has not begun, and returns.
Drained drain(Queue& queue, Db& db, Heartbeat& heartbeat, Log& log, const Stop& stop,
              const DrainOptions& options, const Work& work);

}  // namespace am::kernel
