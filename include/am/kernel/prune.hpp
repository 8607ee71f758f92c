#pragma once
// Retention: deletes what nobody needs any more from the ledger and the budgets. What was decided and measured
// (schemas public and market, ops.batch_origin) is never touched, nor a run that is not done: a person closes those; nor a
// run of a job that keeps its evidence.
// Safe beside jobs and beside another prune: rows that somebody works on are passed over.

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/kernel/stop.hpp"

namespace am::kernel {

/// Less would forget what a job of this month may still have to look up.
inline constexpr int kPruneDaysMin = 30;

struct PruneCounts {
  long long runs = 0;     ///< done and ended before; not with an effect whose outcome is open
  long long steps = 0;    ///< theirs
  long long effects = 0;  ///< theirs, and those without a run that are done or failed
  long long events = 0;
  long long rate_slots = 0;  ///< sent two days ago or earlier, or expired unsent: whatever the days
  std::vector<std::pair<std::string, long long>> of_desks;  ///< by the rules' names
  Instant before{};                                         ///< what is older goes; the database's clock

  long long all() const;
};

/// Old rows that a desk lets go, beside those of the ledger.
struct PruneRule {
  std::string_view name;   ///< of the count: "predictions"
  std::string_view table;  ///< "forecast.predictions"
  std::string_view old;  ///< a condition on its rows; $1: the moment before which they are old, a timestamptz
};

/// What goes and what stays whatever its age.
struct Retention {
  int days = 0;
  std::vector<PruneRule> rules{};
  std::vector<std::string_view> evidence{};  ///< jobs whose runs stay (Job::keeps_evidence)
};

/// Only counts. Errors: as Sql::query.
PruneCounts prunable(Db& db, const Retention& retention);

/// Deletes in one transaction, with the event `pruned` (days and counts) when anything went.
/// Errors:  busy: another prune is at it, and max_wait is over; as Db::transact.
PruneCounts prune(Db& db, const Stop& stop, const Retention& retention, std::chrono::milliseconds max_wait);

}  // namespace am::kernel
