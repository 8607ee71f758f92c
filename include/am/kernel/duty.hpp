#pragma once
// What a desk owes, slot by slot, and what can be worked on now: the readiness of a slot follows from the run that its
// last attempt left in the ledger. Pure: whoever asks has read the rows before.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/overview.hpp"

namespace am::kernel {

/// Something owed at a moment: a slot of a job.
struct Duty {
  std::string job;     ///< "weekly_pick_v1"
  std::string slot;    ///< as the ledger names it
  std::string text;    ///< for people: "day 3 of 2026-01-26"
  std::string page{};  ///< "/pages/batches/2026-01-26"; empty: none
  std::string data{};  ///< for programs, members of a JSON object that the desk defines; empty: none
  Instant due_at{};

  bool is_due(Instant now) const { return due_at <= now; }
};

enum class Readiness {
  ready,
  waiting,    ///< deferred, failed a moment ago, or killed again and again
  running,    ///< a process that may be alive holds its lease
  abandoned,  ///< closed by hand
  to_come,    ///< not due yet
};
std::string_view readiness_name(Readiness readiness);

struct Standing {
  Readiness readiness = Readiness::ready;
  std::optional<Instant> not_before{};  ///< of what waits
};

/// Shape:   one element per duty, in their order. open: as open_runs gives it.
/// Time:    a slot whose run was deferred waits until the run's not_before; after a failure or a deferral it waits 5 min
///          at least, twice as long after each further attempt, 4 h at most: a tick of a few minutes spends no budget and
///          asks no vendor again and again. So does an attempt that was killed or stopped, from the third attempt on.
///          Business time, but for leases.
std::vector<Standing> standings(std::span<const Duty> duties, std::span<const OpenRun> open, Instant now);

}  // namespace am::kernel
