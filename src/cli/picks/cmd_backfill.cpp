#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/range_of.hpp"
#include "parts.hpp"
#include "picks_commands.hpp"
#include "picks_output.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

struct BackfillOptions {
  std::optional<Date> from;
  std::optional<Date> to;
  std::optional<std::string> picker;
  std::optional<std::string> prices;
  std::optional<std::string> benchmark;
  bool allow_lookahead = false;
  bool dry_run = false;
  bool exit_code = false;
};

void flags(Flags& f, BackfillOptions& o) {
  f.date("--from", o.from, "first run date");
  f.date("--to", o.to, "last run date");
  f.text("--picker", o.picker, "PICKER",
         "momentum, imported, file:PATH or openai (only with --allow-lookahead)");
  f.text("--prices", o.prices, "SOURCE", "alpha-vantage, stooq or csv:DIR");
  f.text("--benchmark", o.benchmark, "SYMBOL", "what the picks are measured against");
  f.on("--allow-lookahead", o.allow_lookahead, "let a language model pick for weeks that are over");
  f.on("--dry-run", o.dry_run, "only say what would be done; no call, no write");
  f.on("--exit-code", o.exit_code, "with --dry-run: 10 when it would change something");
}

Outcome outcome_of_backfill(const BackfillOptions& o, const picks::BackfillResult& result) {
  Outcome outcome;
  const bool changed = !result.created.empty() || result.computed + result.skipped > 0;
  outcome.counts = {{"batches_created", static_cast<long long>(result.created.size())},
                    {"batches_unchanged", result.batches_unchanged},
                    {"computed", result.computed},
                    {"skipped", result.skipped},
                    {"gaps", result.gaps},
                    {"unchanged", result.unchanged},
                    {"failed", static_cast<long long>(result.failures.size())}};
  for (const market::Move& move : result.unexplained) outcome.warnings.push_back(move.text());
  Json failures = Json::array();
  for (const picks::DayFailure& failure : result.failures) failures.push_back(failure_json(failure));
  outcome.data = Json{{"created", result.created}, {"failures", failures}}.dump();
  for (const auto& [name, count] : outcome.counts)
    outcome.table += name + ": " + std::to_string(count) + "\n";
  for (const picks::DayFailure& failure : result.failures) outcome.table += failure_text(failure);
  if (o.dry_run) {
    outcome.kind = OutcomeKind::planned;
    if (o.exit_code && changed) outcome.exit = ExitCode::found;
    return outcome;
  }
  outcome.kind = changed ? OutcomeKind::changed : OutcomeKind::unchanged;
  if (result.gaps > 0) {
    outcome.kind = OutcomeKind::partial;
    outcome.exit = ExitCode::partial;
  }
  const Error* worst = worst_of(result.failures);
  if (worst == nullptr) return outcome;
  outcome.error = *worst;
  outcome.exit = worse(outcome.exit, worst->exit_code());
  outcome.kind = changed ? OutcomeKind::partial : am::cli::outcome_of(*worst).kind;
  return outcome;
}

Outcome run(const BackfillOptions& o, Context& context) {
  if (!o.from || !o.to)
    throw Error(ErrorKind::usage, "needs --from and --to", "am backfill --from 2026-01-05 --to 2026-03-30");
  const DateRange run_dates = range_of(*o.from, *o.to);
  PicksParts parts(context);
  const picks::WeeklyOptions weekly = parts.weekly_options(
      run_dates.first, {.picker = o.picker, .prices = o.prices, .benchmark = o.benchmark});
  picks::BackfillOptions options;
  options.run_dates = run_dates;
  options.price_source = weekly.price_source;
  options.picker_spec = weekly.picker_spec;
  options.benchmark = weekly.benchmark;
  options.allow_lookahead = o.allow_lookahead;
  options.dry_run = o.dry_run;
  ProgressBar bar(context, "weeks");
  options.progress = bar.drawer();
  picks::Workbench bench = parts.workbench();
  picks::Picker& picker = parts.picker(options.picker_spec, options.price_source);
  return outcome_of_backfill(o, picks::run_backfill(bench, picker, options));
}

}  // namespace

Command backfill() {
  return make_command<BackfillOptions>(
      {.path = "backfill",
       .summary = "create the missing weekly batches of a period and fill their missing days",
       .details = "From history, with as few calls as possible; stopped at any moment, the next run goes on. "
                  "A language model has "
                  "seen the future of past weeks, so it is refused here without --allow-lookahead.",
       .examples =
           {"am backfill --from 2000-01-10 --to 2000-12-18 --picker momentum --prices csv:examples/market"},
       .exits = job_exits(),
       .config = job_config({"picks", "openai"})},
      flags, run);
}

}  // namespace am::cli
