#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "am/picks/schedule.hpp"
#include "cli/commands.hpp"
#include "parts.hpp"
#include "picks_commands.hpp"
#include "picks_output.hpp"

namespace am::cli {

namespace {

struct RunWeeklyOptions {
  std::optional<Date> run_date;
  std::optional<std::string> picker;
  std::optional<std::string> prices;
  std::optional<std::string> benchmark;
  bool fail_if_exists = false;
  bool allow_lookahead = false;
  bool dry_run = false;
  bool exit_code = false;
};

void flags(Flags& f, RunWeeklyOptions& o) {
  f.date("--run-date", o.run_date, "the batch's Monday (default: the Monday of this week in New York)");
  f.text("--picker", o.picker, "PICKER", "openai, momentum, file:PATH or -");
  f.text("--prices", o.prices, "SOURCE", "alpha-vantage, stooq or csv:DIR");
  f.text("--benchmark", o.benchmark, "SYMBOL", "what the picks are measured against");
  f.on("--fail-if-exists", o.fail_if_exists, "13 when the batch exists already (default: unchanged, 0)");
  f.on("--allow-lookahead", o.allow_lookahead, "let a language model pick for a week that is over");
  f.on("--dry-run", o.dry_run, "only say what would be done; no call, no write");
  f.on("--exit-code", o.exit_code, "with --dry-run: 10 when it would change something");
}

Outcome outcome_of_existing(const picks::Batch& batch, const RunWeeklyOptions& o, Context& context) {
  Outcome outcome;
  outcome.slot = batch.run_date.to_string();
  outcome.counts = {{"batches", 0}};
  outcome.table = batch_text(batch) + "unchanged: the batch exists already\n";
  outcome.data = batch_json(batch).dump();
  if (batch.baseline_problem.empty()) return outcome;
  if (o.dry_run) {
    outcome.kind = OutcomeKind::planned;
    if (o.exit_code) outcome.exit = ExitCode::found;
    outcome.table = "would take the baseline again: " + batch.baseline_problem + "\n";
    return outcome;
  }
  PicksParts parts(context);
  picks::Workbench bench = parts.workbench();
  try {
    const picks::WeeklyResult mended = picks::retake_baseline(bench, batch);
    outcome.kind = OutcomeKind::changed;
    outcome.run_id = mended.run_id;
    outcome.table =
        batch_text(*mended.batch) + "the baseline was taken again: " + batch.baseline_problem + "\n";
    outcome.data = batch_json(*mended.batch).dump();
  } catch (const Error& error) {
    outcome = outcome_of(error);
    outcome.slot = batch.run_date.to_string();
  }
  return outcome;
}

Outcome run(const RunWeeklyOptions& o, Context& context) {
  const Instant now = context.clock.now();
  const Date run_date = o.run_date.value_or(picks::current_run_date(now));
  picks::check_run_date(run_date, now);
  if (!o.run_date && !o.dry_run) context.announce("run_weekly");
  context.require_config();

  Outcome outcome;
  outcome.slot = run_date.to_string();
  if (const auto existing = picks::find_batch(context.db(), run_date)) {
    if (o.fail_if_exists) throw picks::batch_exists(*existing);
    return outcome_of_existing(*existing, o, context);
  }
  PicksParts parts(context);
  picks::WeeklyOptions options =
      parts.weekly_options(run_date, {.picker = o.picker, .prices = o.prices, .benchmark = o.benchmark});
  options.fail_if_exists = o.fail_if_exists;
  options.allow_lookahead = o.allow_lookahead;
  options.dry_run = o.dry_run;
  picks::Workbench bench = parts.workbench();
  picks::Picker& picker = parts.picker(options.picker_spec, options.price_source);
  picks::WeeklyResult result;
  try {
    result = picks::run_weekly(bench, picker, options);
  } catch (const Error& error) {
    outcome = outcome_of(error);
    outcome.slot = run_date.to_string();
    return outcome;
  }

  outcome.run_id = result.run_id;
  if (!result.batch) {
    outcome.kind = OutcomeKind::planned;
    if (o.exit_code) outcome.exit = ExitCode::found;
    outcome.table = "would ask " + picker.name() + " for the picks of " + outcome.slot +
                    " and take the closes of " + result.baseline.to_string() + " from " +
                    options.price_source + "\n";
    outcome.data = nlohmann::ordered_json{{"run_date", outcome.slot},
                                          {"picker", picker.name()},
                                          {"price_source", options.price_source},
                                          {"baseline", result.baseline.to_string()}}
                       .dump();
    return outcome;
  }
  outcome.kind = result.created ? OutcomeKind::changed : OutcomeKind::unchanged;
  outcome.counts = {{"batches", result.created ? 1 : 0}};
  outcome.table = batch_text(*result.batch);
  outcome.table += result.created ? "created\n" : "unchanged: the batch exists already\n";
  outcome.data = batch_json(*result.batch).dump();
  return outcome;
}

}  // namespace

Command run_weekly() {
  return make_command<RunWeeklyOptions>(
      {.path = "run-weekly",
       .summary = "make this week's batch: three picks and their baseline closes",
       .details = "Run it every Monday at 9:00 in New York, and again whenever you like: what is stored is "
                  "kept, what is "
                  "missing is done, and picks that were once generated are never asked for again.",
       .examples =
           {"am run-weekly", "am run-weekly --run-date 2026-01-26 --picker file:picks.json",
            "am run-weekly --picker momentum --prices csv:examples/market --now 2000-06-05T13:05:00Z"},
       .exits = {ExitCode::found, ExitCode::busy, ExitCode::exists, ExitCode::data, ExitCode::no_input,
                 ExitCode::needs_human, ExitCode::deferred, ExitCode::denied},
       .config = job_config({"picks", "openai", "alerts", "pings.run_weekly"}),
       .any_config = true},
      flags, run);
}

}  // namespace am::cli
