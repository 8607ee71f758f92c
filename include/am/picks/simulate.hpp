#pragma once
// What a schedule would do over months, without running anything: the rule of due.hpp at each firing, on a desk that
// exists in memory only and where every run succeeds at once. For operators who change a schedule or plan an outage, and
// for the tests that prove what "late, doubled or offline" comes to.

#include <optional>
#include <vector>

#include "am/base/date.hpp"
#include "am/picks/due.hpp"

namespace am::picks {

/// One start of a command.
struct Firing {
  Instant at{};
  bool weekly = true;  ///< it makes batches
  bool daily = true;   ///< it measures days
};

struct SimulatedSlot {
  Due due;
  std::optional<Instant> done_at{};  ///< none: not before the end, or never
  bool missed = false;               ///< a week that ended without its batch: nobody may pick for it any more
};

/// Shape:   every slot that falls due from `from` to before `to`, by due_at; what fell due before is done. firings:
///          ascending, doubles allowed.
/// Time:    New York.
/// Threads: pure.
std::vector<SimulatedSlot> simulate(const std::vector<Firing>& firings, Instant from, Instant to);

}  // namespace am::picks
