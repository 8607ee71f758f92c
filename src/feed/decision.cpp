#include "decision.hpp"

namespace am::feed {

Decision decide(const FeedRun& run, const Tally& tally, bool may_reopen, Instant now) {
  Decision decision{.status = run.status, .consolidate_at = run.consolidate_at};
  if (tally.open > 0) return decision;
  const bool is_complete = tally.completed == tally.expected;
  const bool is_enough = 100LL * tally.completed >= static_cast<long long>(kEnoughPercent) * tally.expected;
  switch (run.status) {
    case RunStatus::running:
      break;
    case RunStatus::settled:
      // Decided before, with a gap that is closed now.
      if (!is_complete || !run.consolidate_at || *run.consolidate_at <= now) return decision;
      break;
    case RunStatus::done:
      if (!may_reopen || !is_complete) return decision;
      break;
    case RunStatus::failed:
      if (!may_reopen || !is_enough) return decision;
      break;
    case RunStatus::cancelled:
      return decision;
  }
  decision.decided = true;
  if (!is_enough) {
    decision.status = RunStatus::failed;
    decision.consolidate_at = std::nullopt;
    return decision;
  }
  decision.status = RunStatus::settled;
  decision.requeue = !is_complete;
  decision.consolidate_at = is_complete ? now : now + kConsolidationDelay;
  return decision;
}

}  // namespace am::feed
