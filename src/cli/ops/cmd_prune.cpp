#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "am/kernel/prune.hpp"
#include "cli/commands.hpp"
#include "cli/desks.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

struct PruneOptions {
  std::optional<int> days;
  bool dry_run = false;
  bool exit_code = false;
  bool yes = false;
};

void prune_flags(Flags& f, PruneOptions& o) {
  f.integer("--older-than", o.days, kernel::kPruneDaysMin, 36500,
            "days; what ended or happened before goes; required");
  f.on("--dry-run", o.dry_run, "only count what would go");
  f.on("--exit-code", o.exit_code, "with --dry-run: 10 when something would go");
  f.on("--yes", o.yes, "really delete it");
}

Outcome run_prune(const PruneOptions& o, Context& context) {
  if (!o.days)
    throw Error(ErrorKind::usage, "needs --older-than DAYS",
                "a year, only counted: am prune --older-than 365 --dry-run");
  if (!o.dry_run && !o.yes) {
    throw Error(ErrorKind::usage, "needs --yes: it deletes runs with their steps, and events, for good",
                "count them first: am prune --older-than " + std::to_string(*o.days) + " --dry-run");
  }
  kernel::Retention retention{.days = *o.days};
  for (const DeskFace& face : enabled_desks(context.config))
    retention.rules.insert(retention.rules.end(), face.desk->prune.begin(), face.desk->prune.end());
  retention.evidence = evidence_jobs();
  const kernel::PruneCounts counts =
      o.dry_run ? kernel::prunable(context.db(), retention)
                : kernel::prune(context.db(), context.stop, retention, context.options.max_wait);
  Outcome outcome;
  outcome.counts = {{"runs", counts.runs},
                    {"steps", counts.steps},
                    {"effects", counts.effects},
                    {"events", counts.events},
                    {"rate_slots", counts.rate_slots}};
  outcome.counts.insert(outcome.counts.end(), counts.of_desks.begin(), counts.of_desks.end());
  outcome.data = Json{{"older_than_days", *o.days}, {"before", format_rfc3339(counts.before)}}.dump();
  if (counts.all() == 0) {
    outcome.table = "nothing to delete\n";
    return outcome;
  }
  outcome.kind = o.dry_run ? OutcomeKind::planned : OutcomeKind::changed;
  if (o.dry_run && o.exit_code) outcome.exit = ExitCode::found;
  outcome.table = o.dry_run ? "would delete" : "deleted";
  const char* separator = " ";
  for (const auto& [name, count] : outcome.counts) {
    std::string what = name == "rate_slots" ? "rate slots" : name;
    if (count == 1) what.pop_back();
    outcome.table += separator + std::to_string(count) + " " + what;
    separator = ", ";
  }
  outcome.table += "\n";
  return outcome;
}

}  // namespace

Command prune() {
  return make_command<PruneOptions>(
      {.path = "prune",
       .summary = "delete old runs, steps, effects and events",
       .details =
           "Only runs that are done and what belongs to them, events, requests that no budget counts any more, and "
           "rows that an enabled desk names as its own to forget. What was decided and measured (batches, picks, "
           "checkpoints, closes) is never touched, nor a run that is not done, nor one whose steps are evidence "
           "(what a model was asked and answered).",
       .examples = {"am prune --older-than 365 --dry-run", "am prune --older-than 365 --yes --quiet"},
       .exits = {ExitCode::found, ExitCode::busy, ExitCode::denied},
       .config = {"database.url", "desks.enabled"}},
      prune_flags, run_prune);
}

}  // namespace am::cli
