#include "am/cli/context.hpp"
#include "cli/commands.hpp"
#include "parts.hpp"
#include "picks_commands.hpp"
#include "picks_output.hpp"

namespace am::cli {

namespace {

struct CheckpointOptions {
  std::optional<std::string> batch;
  std::optional<int> day;
  bool due = false;
  bool force = false;
  std::optional<std::string> skip;
  bool dry_run = false;
  bool exit_code = false;
};

void flags(Flags& f, CheckpointOptions& o) {
  f.text("--batch", o.batch, "BATCH", "a uuid, a run date or latest");
  f.integer("--day", o.day, 1, picks::kDays,
            "1 to 14: measures run date + N - 1, due at 9:00 in New York the day after");
  f.on("--due", o.due, "every missing due day of every active batch (or of --batch)");
  f.on("--force", o.force,
       "compute the day again and replace what is stored; without --day every stored day of the batch");
  f.text("--skip", o.skip, "REASON",
         "give the day up: store it as skipped, 24 hours after it was due at the earliest");
  f.on("--dry-run", o.dry_run, "only say what would be done; no call, no write");
  f.on("--exit-code", o.exit_code, "with --dry-run: 10 when it would change something");
}

void check(const CheckpointOptions& o) {
  if (o.due && o.day) throw Error(ErrorKind::usage, "--due and --day: one or the other");
  if (o.due && o.force) throw Error(ErrorKind::usage, "--force: needs --batch and --day");
  if (o.due && o.skip) throw Error(ErrorKind::usage, "--skip: needs --batch and --day");
  if (o.force && o.skip) throw Error(ErrorKind::usage, "--force and --skip: one or the other");
  if (o.batch && o.force && !o.day) return;
  if (!o.due && (!o.batch || !o.day)) {
    throw Error(ErrorKind::usage, "needs --batch and --day, or --due",
                "am checkpoint --batch latest --day 1, or: am checkpoint --due");
  }
}

/// Every stored day of a batch: after a split that was not known when they were measured.
Outcome measure_again(const CheckpointOptions& o, Context& context) {
  const picks::Batch batch = picks::load_batch(context.db(), *o.batch);
  PicksParts parts(context);
  picks::Workbench bench = parts.workbench();
  const picks::DueResult again = picks::run_again(bench, batch, {true, {}, o.dry_run});
  Outcome outcome = outcome_of_days(again.days, again.failures);
  take_worst(outcome, again.failures);
  if (o.exit_code && outcome.kind == OutcomeKind::planned) outcome.exit = ExitCode::found;
  return outcome;
}

Outcome run(const CheckpointOptions& o, Context& context) {
  check(o);
  if (o.due && !o.batch && !o.dry_run) context.announce("checkpoint");
  context.require_config();
  if (o.due) {
    const std::vector<picks::Batch> batches = o.batch ? std::vector{picks::load_batch(context.db(), *o.batch)}
                                                      : picks::active_batches(context.db());
    PicksParts parts(context);
    picks::Workbench bench = parts.workbench();
    const picks::DueResult due = picks::run_due(bench, batches, {false, {}, o.dry_run});
    Outcome outcome = outcome_of_days(due.days, due.failures);
    take_worst(outcome, due.failures);
    if (!o.batch && !o.dry_run && due.failures.empty()) parts.fetch_universe(bench, outcome);
    if (o.exit_code && outcome.kind == OutcomeKind::planned) outcome.exit = ExitCode::found;
    return outcome;
  }
  if (!o.day) return measure_again(o, context);
  if (!o.force) {
    if (const auto stored = picks::find_checkpoint(context.db(), *o.batch, *o.day))
      return outcome_of_days({*stored}, {});
  }
  const picks::Batch batch = picks::load_batch(context.db(), *o.batch);
  PicksParts parts(context);
  picks::Workbench bench = parts.workbench();
  Outcome outcome;
  try {
    const picks::DayResult day = picks::run_checkpoint(bench, batch, *o.day, {o.force, o.skip, o.dry_run});
    outcome = outcome_of_days({day}, {});
    outcome.run_id = day.run_id;
  } catch (const Error& error) {
    outcome = outcome_of(error);
  }
  outcome.slot = batch.id + ":" + std::to_string(*o.day);
  if (o.exit_code && outcome.kind == OutcomeKind::planned) outcome.exit = ExitCode::found;
  return outcome;
}

}  // namespace

Command checkpoint() {
  return make_command<CheckpointOptions>(
      {.path = "checkpoint",
       .summary = "measure a batch's picks against the benchmark on one of its 14 days",
       .details = "A day without a session is stored as skipped; a day whose closes are late is deferred "
                  "(75) for 24 hours. "
                  "Without a close by then it is skipped, which ends with 12 once. What is stored is kept: "
                  "running it again is free.",
       .examples = {"am checkpoint --due", "am checkpoint --batch latest --day 3",
                    "am checkpoint --batch 2026-01-26 --day 3 --force",
                    "am checkpoint --batch 2026-01-26 --force"},
       .exits = job_exits(),
       .config = job_config({"alerts", "pings.checkpoint"}),
       .any_config = true},
      flags, run);
}

}  // namespace am::cli
