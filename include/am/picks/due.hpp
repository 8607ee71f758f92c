#pragma once
// What the picks desk has to do, and when: which slots are due at a moment, and the next one of each job. Pure but for
// the statements, which whoever has a connection runs.
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
#include "am/kernel/duty.hpp"

namespace am::picks {

/// A slot and what it is about.
struct Due : kernel::Duty {
  Date run_date;
  std::optional<int> day{};  ///< 1..14; none: the weekly job's
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
/// The same for who only tells of them.
std::vector<kernel::Duty> duties_of(const std::vector<Due>& due);

}  // namespace am::picks
