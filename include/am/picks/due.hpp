#pragma once
// What the picks desk has to do, and when: which slots are due at a moment, the next one of each job, and which of them
// can be worked on now. Pure but for the statements, which whoever has a connection runs.
//
// The weekly job is due at 9:00 in New York on the Monday of each week that has no batch yet, of whichever day. A day of
// an active batch is due at 9:00 the day after, until its checkpoint is stored; batches that have failed ask for a
// person, not for a run (they take `checkpoint --batch`).

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/metrics.hpp"

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

/// The slot of a week's batch.
Due weekly_due(Date run_date);

/// A day of an active batch that is not stored yet.
struct MissingDay {
  std::string batch_id;
  Date run_date;
  int day = 0;
};

/// What is stored, as far as it decides what is due.
struct DueState {
  std::set<Date> made;  ///< the Mondays of the weeks, from this one on, that have a batch
  std::vector<MissingDay> missing;
};

/// What due_of needs to know, in its order.
std::vector<kernel::Statement> due_statements(Instant now);
/// Errors:  as Row's, for results of other statements.
DueState due_state(const std::vector<kernel::Rows>& results);

/// Shape:   every slot that is due at `now`, and of each job the next one after that; by due_at, then run date.
///          There is always a next week; without an active batch there is no next day.
/// Time:    business time; New York.
/// Threads: pure.
std::vector<Due> due_of(const DueState& state, Instant now);
std::vector<Due> due_of(const std::vector<kernel::Rows>& results, Instant now);
/// Asks and answers at once. Errors: as Sql::query.
std::vector<Due> read_due(kernel::Sql& sql, Instant now);

/// How many slots are due at the server's now(), in SQL alone: for a scheduler that asks the database itself (KEDA).
std::string_view due_count_sql();

enum class Readiness {
  ready,
  waiting,    ///< deferred, failed a moment ago, or killed again and again
  running,    ///< a process that may be alive holds its lease
  abandoned,  ///< closed by hand
  to_come,    ///< not due yet
};
std::string_view readiness_name(Readiness readiness);

struct DueWork {
  Due due;
  Readiness readiness = Readiness::ready;
  std::optional<Instant> not_before{};  ///< of what waits
};

/// Shape:   one element per element of due, in its order. open: kernel::open_runs.
/// Time:    a slot whose run was deferred waits until the run's not_before; after a failure or a deferral it waits 5 min
///          at least, twice as long after each further attempt, 4 h at most: a tick of a few minutes spends no budget and
///          asks no model again and again. So does an attempt that was killed or stopped, from the third attempt on.
///          Business time, but for leases.
std::vector<DueWork> due_work(const std::vector<Due>& due, const std::vector<kernel::OpenRun>& open,
                              Instant now);

}  // namespace am::picks
