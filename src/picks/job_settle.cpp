// Runs that the ledger holds for failed, interrupted or lost beside their finished work: an earlier version of the
// program could overwrite a run that had ended, and an attempt to compute a stored day anew can fail.

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/schedule.hpp"
#include "am/picks/verify.hpp"
#include "store_pg.hpp"

namespace am::picks {

namespace {

/// The run date of the batch whose rows the run is for, if they are all there.
std::optional<Date> batch_with_work_of(kernel::Sql& sql, const kernel::RunInfo& run) {
  if (run.job == kWeeklyJob) {
    const auto run_date = Date::parse(run.slot);
    const auto batch = run_date ? find_batch(sql, *run_date) : std::nullopt;
    return batch ? std::optional(batch->run_date) : std::nullopt;
  }
  if (run.job != kCheckpointJob) return std::nullopt;
  const auto slot = CheckpointSlot::parse(run.slot);
  if (!slot || !is_uuid(slot->batch_id)) return std::nullopt;
  const store::DayState state = store::day_state(sql, store::Selector(slot->batch_id), slot->day);
  return state.status.empty() ? std::nullopt : std::optional(state.run_date);
}

}  // namespace

bool settle_run(Workbench& bench, const kernel::RunInfo& run) {
  const std::optional<Date> run_date = batch_with_work_of(bench.db, run);
  if (!run_date) return false;
  const auto findings = verify_rows(bench.db, *run_date);
  if (!findings || !findings->empty()) {
    throw Error(ErrorKind::needs_human,
                "run " + run.id + ": its rows are stored, but the batch of " + run_date->to_string() +
                    " is not as it should be (" + (findings ? findings->front().what : "it is gone") + ")",
                "see what is wrong: am verify data --from " + run_date->to_string() + " --to " +
                    run_date->to_string());
  }
  const kernel::Claim claim = bench.ledger.claim(run.job, run.slot, run.params);
  if (claim.run) claim.run->finish_found();
  return true;
}

}  // namespace am::picks
