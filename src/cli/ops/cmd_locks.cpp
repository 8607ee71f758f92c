#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/migrations.hpp"
#include "cli/commands.hpp"
#include "cli/table.hpp"
#include "ops_output.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

struct LocksListOptions {};
void locks_list_flags(Flags& /*f*/, LocksListOptions& /*o*/) {}

struct LocksBreakOptions {
  std::string run;
  std::optional<std::string> reason;
  bool yes = false;
};
void locks_break_flags(Flags& f, LocksBreakOptions& o) {
  f.word("run", o.run, "the run's uuid (am locks list)");
  f.text("--reason", o.reason, "TEXT", "why; it is recorded; required");
  f.on("--yes", o.yes, "really break it; required");
}

/// Whether the next command would take it up at once, and why.
Cell lock_state(const kernel::RunInfo& run, const std::optional<kernel::Holder>& holder) {
  if (holder && holder->is_certainly_gone()) return {"holder gone", Tone::warning};
  return run.lease_live ? Cell("live", Tone::good) : Cell("expired", Tone::warning);
}

/// While a migration is under way the schema is not the binary's: then its lock is all there is to see.
bool runs_can_be_read(Context& context, bool migrating) {
  try {
    context.db();
  } catch (const Error& error) {
    if (!migrating || error.kind() != ErrorKind::config) throw;
    return false;
  }
  return true;
}

Outcome list_locks(const LocksListOptions& /*o*/, Context& context) {
  const std::optional<kernel::MigrationHolder> migration = kernel::migration_holder(context.raw_db());
  Table table({"run", "job", "slot", "state", "holder", "lease until", "since", "attempt"});
  Json list = Json::array();
  std::vector<kernel::RunInfo> runs;
  if (runs_can_be_read(context, migration.has_value())) runs = context.ledger().list({}, "running", 10000);
  for (const kernel::RunInfo& run : runs) {
    const auto holder = run.holder.empty() ? std::nullopt : kernel::Holder::from_json(run.holder);
    const Cell state = lock_state(run, holder);
    table.add({run.id, run.job, run.slot, state, holder_text(run.holder),
               run.lease_until ? format_rfc3339(*run.lease_until) : "", format_rfc3339(run.started_at),
               std::to_string(run.attempt)});
    list.push_back({{"run_id", run.id},
                    {"job", run.job},
                    {"slot", run.slot},
                    {"state", state.text},
                    {"holder", run.holder.empty() ? Json() : Json::parse(run.holder)},
                    {"lease_until", moment_json(run.lease_until)},
                    {"since", moment_json(run.started_at)},
                    {"attempt", run.attempt}});
  }
  Outcome outcome;
  outcome.table = table.empty() ? "" : table.text(context.options.color);
  if (migration) outcome.table += "migrations: " + migration->who + "\n";
  if (outcome.table.empty()) outcome.table = "no locks\n";
  outcome.data = Json{
      {"runs", list},
      {"migrations",
       migration
           ? Json{{"server_pid", migration->server_pid}, {"holder", migration->who}}
           : Json()}}.dump();
  return outcome;
}

Outcome break_lock(const LocksBreakOptions& o, Context& context) {
  if (!is_uuid(o.run))
    throw Error(ErrorKind::usage, "run " + ellipsize(o.run, 40) + ": not a uuid",
                "list them with: am locks list");
  if (!o.reason || !o.yes) {
    throw Error(ErrorKind::usage,
                "needs --reason and --yes: whoever holds the run loses what it has not stored yet",
                "am locks break " + o.run + " --reason \"it hangs\" --yes");
  }
  const bool broken = context.ledger().break_lock(o.run, printable(*o.reason));
  Outcome outcome;
  outcome.run_id = o.run;
  std::string name = o.run;
  if (const auto run = context.ledger().find(o.run)) {  // a moment later it may be another's again
    outcome.slot = run->slot;
    name = run->job + " " + run->slot;
  }
  outcome.kind = broken ? OutcomeKind::changed : OutcomeKind::unchanged;
  outcome.table = broken ? "broke the lock of " + name + "; the next command goes on with it\n"
                         : "unchanged: " + name + " is not running\n";
  return outcome;
}

}  // namespace

std::vector<Command> locks() {
  return {
      make_command<LocksListOptions>(
          {.path = "locks list",
           .summary = "the runs that are being worked on, by whom and until when; and who migrates",
           .details = "",
           .examples = {"am locks list", "am locks list -o json"},
           .exits = {ExitCode::denied},
           .config = {"database.url"}},
          locks_list_flags, list_locks),
      make_command<LocksBreakOptions>(
          {.path = "locks break",
           .summary = "take a run away from whoever holds it, so that the next command goes on with it",
           .details =
               "Hardly ever needed: a run whose holder died is taken over without it. The holder writes "
               "nothing more; what it stored stays.",
           .examples = {"am locks break 01890a5d-ac96-774b-bcce-b302099a8057 --reason \"it hangs\" --yes"},
           .exits = {ExitCode::no_input, ExitCode::denied},
           .config = {"database.url"}},
          locks_break_flags, break_lock)};
}

}  // namespace am::cli
