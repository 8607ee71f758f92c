#pragma once
// What the picks desk has to do, and when: which slots are due at a moment, and the next one of each job. Says nothing
// about whether a run is under way, has been deferred or has failed: that is the ledger's to say. Pure but for the
// statements, which whoever has a connection runs.
//
// The weekly job is due at 9:00 in New York on the Monday of each week that has no batch yet. A day of an active batch
// is due at 9:00 the day after, until its checkpoint is stored; batches that have failed ask for a person, not for a
// run (they take `checkpoint --batch`).

#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/kernel/db.hpp"

namespace am::picks {

/// A slot of the run ledger and its time.
struct Due {
  std::string job;   ///< kWeeklyJob, kCheckpointJob
  std::string slot;  ///< as the ledger names it: the run date; the batch's id, a colon and the day
  Date run_date;
  int day = 0;  ///< 1..14; 0 for the weekly job
  Instant due_at{};

  bool is_due(Instant now) const { return due_at <= now; }
};

/// What due_of needs to know, in its order.
std::vector<kernel::Statement> due_statements(Instant now);

/// Shape:   every slot that is due at `now`, and of each job the next one after that; by due_at, then run date.
///          There is always a next week; without an active batch there is no next day.
/// Time:    business time; New York.
/// Errors:  as Row's, for results of other statements.
/// Threads: pure.
std::vector<Due> due_of(const std::vector<kernel::Rows>& results, Instant now);

}  // namespace am::picks
