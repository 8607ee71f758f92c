// What the feed's tick does: settles open runs, tells of those that failed, consolidates and plans what is due. Settling
// comes first, since it says what is due.

#include "tick.hpp"

#include <algorithm>
#include <set>

#include "am/feed/consolidate.hpp"
#include "am/feed/desk.hpp"
#include "am/feed/plan.hpp"
#include "am/feed/steer.hpp"
#include "consolidation.hpp"
#include "plan_outcome.hpp"

namespace am::cli {

namespace {

/// Of the configured feed: another one's are planned where that is configured.
bool is_ours(Context& context, const kernel::Duty& duty) {
  const std::string& feed = context.config.text("feed.name");
  if (duty.job == feed::kPlanJob) {
    const auto slot = feed::PlanSlot::parse(duty.slot);
    return slot && slot->feed == feed;
  }
  const auto run = feed::find_run(context.db(), duty.slot);
  return run && run->feed == feed;
}

/// Returns how many were decided.
long long settle_open_runs(Context& context) {
  long long decided = 0;
  for (const std::string& run : feed::open_runs(context.db())) {
    context.stop.check();
    decided += feed::settle(context.db(), run).decided ? 1 : 0;
  }
  return decided;
}

}  // namespace

Outcome attempt(const std::function<Outcome()>& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
    return outcome_of(error);
  }
}

void tell_failed_runs(Context& context) {
  feed::tell_failures(context.db(), context.http("resend"), context.log, context.mail());
}

Outcome feed_tick(Context& context, long long& left) {
  Outcome outcome;
  context.job_db();
  const long long decided = settle_open_runs(context);
  tell_failed_runs(context);
  if (decided > 0) {
    outcome.kind = OutcomeKind::changed;
    outcome.counts.emplace_back("settled", decided);
    outcome.table = std::to_string(decided) + (decided == 1 ? " run is" : " runs are") + " settled\n";
  }
  const Instant now = context.clock.now();
  const std::vector<kernel::Duty> duties = kernel::read_duties(context.db(), {&feed::desk()}, now);
  const kernel::Statement open = kernel::open_runs_statement();
  const auto standing =
      kernel::standings(duties, kernel::open_runs(context.db().query(open.sql, open.values)), now);
  bool consolidated = false;  // one call takes all runs that are due
  for (std::size_t i = 0; i < duties.size() && left > 0; ++i) {
    if (!duties[i].is_due(now) || !is_ours(context, duties[i])) continue;
    if (standing[i].readiness != kernel::Readiness::ready) {
      outcome.pending = true;
      continue;
    }
    --left;
    if (duties[i].job == feed::kPlanJob) {
      const feed::PlanSlot slot = feed::PlanSlot::parse(duties[i].slot).value();
      merge(outcome, feed::run_type_name(slot.type), attempt([&] { return plan_feed(context, slot.type); }));
    } else if (!consolidated) {
      consolidated = true;
      merge(outcome, "consolidation", attempt([&] { return consolidate_runs(context, {}, false); }));
    }
  }
  return outcome;
}

Outcome feed_resume(Context& context, const kernel::RunInfo& run) {
  if (run.job != feed::kPlanJob) return consolidate_runs(context, run.slot, false);
  const auto slot = feed::PlanSlot::parse(run.slot);
  if (!slot || slot->feed != context.config.text("feed.name"))
    throw Error(ErrorKind::no_input, "run " + run.id + ": it is of another feed than feed.name",
                "am feed plan");
  return plan_feed(context, slot->type);
}

}  // namespace am::cli
