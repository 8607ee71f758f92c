#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"
#include "am/cli/context.hpp"
#include "cli/commands.hpp"
#include "cli/desks.hpp"
#include "cli/table.hpp"
#include "ops_output.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

Json run_json(const kernel::RunInfo& run) {
  return {{"id", run.id},
          {"job", run.job},
          {"slot", run.slot},
          {"status", run.status},
          {"attempt", run.attempt},
          {"epoch", run.epoch},
          {"lease_live", run.lease_live},
          {"recovered_from", run.recovered_from},
          {"started_at", moment_json(run.started_at)},
          {"finished_at", moment_json(run.finished_at)},
          {"not_before", moment_json(run.not_before)},
          {"error", run.error},
          {"version", run.version},
          {"params", Json::parse(run.params)},
          {"holder", run.holder.empty() ? Json() : Json::parse(run.holder)}};
}

Tone tone_of_run(const std::string& status) {
  if (status == "done") return Tone::good;
  if (status == "failed" || status == "abandoned") return Tone::bad;
  return status == "deferred" || status == "interrupted" ? Tone::warning : Tone::plain;
}

// --- list -------------------------------------------------------------------------------------------------

struct ListOptions {
  std::optional<std::string> job;
  std::optional<std::string> status;
  std::optional<int> limit;
};

void list_flags(Flags& f, ListOptions& o) {
  f.text("--job", o.job, "JOB", "only runs of this job, such as weekly_pick_v1");
  f.text("--status", o.status, "STATUS", "running, done, deferred, failed, interrupted or abandoned");
  f.integer("--limit", o.limit, 1, 10000, "how many, the newest first (20)");
}

Outcome list(const ListOptions& o, Context& context) {
  if (o.status) {
    bool known = false;
    for (const auto status :
         {kernel::RunStatus::running, kernel::RunStatus::done, kernel::RunStatus::deferred,
          kernel::RunStatus::failed, kernel::RunStatus::interrupted, kernel::RunStatus::abandoned}) {
      known = known || *o.status == run_status_name(status);
    }
    if (!known) {
      throw Error(ErrorKind::usage,
                  "--status " + ellipsize(*o.status, 40) +
                      ": expected running, done, deferred, failed, interrupted or abandoned");
    }
  }
  Table table({"id", "job", "slot", "status", "attempt", "started at"});
  Json all = Json::array();
  for (const kernel::RunInfo& run : context.ledger().list(o.job, o.status, o.limit.value_or(20))) {
    table.add({run.id,
               run.job,
               run.slot,
               {run.status, tone_of_run(run.status)},
               std::to_string(run.attempt),
               format_rfc3339(run.started_at)});
    all.push_back(run_json(run));
  }
  Outcome outcome;
  outcome.table = table.empty() ? "no runs\n" : table.text(context.options.color);
  outcome.data = all.dump();
  return outcome;
}

// --- one run ----------------------------------------------------------------------------------------------

struct RunOptions {
  std::string id;
  bool discard = false;
  bool yes = false;
};

void id_flags(Flags& f, RunOptions& o) { f.word("id", o.id, "the run's uuid (am runs list)"); }

kernel::RunInfo find(const std::string& id, Context& context) {
  if (!is_uuid(id))
    throw Error(ErrorKind::usage, "run " + ellipsize(id, 40) + ": not a uuid",
                "list them with: am runs list");
  const auto run = context.ledger().find(id);
  if (!run) throw Error(ErrorKind::no_input, "run " + id + ": not found", "list them with: am runs list");
  return *run;
}

Outcome show(const RunOptions& o, Context& context) {
  const kernel::RunInfo run = find(o.id, context);
  Json json = run_json(run);
  Table facts({"field", "value"});
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"id", run.id},
           {"job", run.job},
           {"slot", run.slot},
           {"status", run.status},
           {"attempt", std::to_string(run.attempt)},
           {"recovered from", run.recovered_from},
           {"started at", format_rfc3339(run.started_at)},
           {"finished at", run.finished_at ? format_rfc3339(*run.finished_at) : ""},
           {"not before", run.not_before ? format_rfc3339(*run.not_before) : ""},
           {"error", run.error},
           {"params", run.params},
           {"version", run.version}}) {
    if (!value.empty()) facts.add({name, {value, name == "status" ? tone_of_run(value) : Tone::plain}});
  }
  Table steps({"step", "attempts", "started at", "finished at"});
  json["steps"] = Json::array();
  for (const kernel::StepInfo& step : context.ledger().steps(run.id)) {
    steps.add({step.name, std::to_string(step.attempts), format_rfc3339(step.started_at),
               step.finished_at ? format_rfc3339(*step.finished_at) : ""});
    json["steps"].push_back({{"name", step.name},
                             {"input_hash", step.input_hash},
                             {"attempts", step.attempts},
                             {"started_at", moment_json(step.started_at)},
                             {"finished_at", moment_json(step.finished_at)},
                             {"version", step.version},
                             {"output", step.output ? Json::parse(*step.output) : Json()}});
  }
  Outcome outcome;
  outcome.run_id = run.id;
  outcome.slot = run.slot;
  outcome.table = facts.text(context.options.color) + (steps.empty() ? "" : "\n" + steps.text());
  outcome.data = json.dump();
  return outcome;
}

Outcome resume(const RunOptions& o, Context& context) {
  const kernel::RunInfo run = find(o.id, context);
  Outcome outcome;
  if (run.status == "done") {
    outcome.table = "unchanged: the run is done\n";
  } else {
    const DeskFace* desk = desk_of_job(all_desks(), run.job);
    if (desk != nullptr) {
      require_desk(desk->name(), context.config);
      context.guard().require();
    }
    if (run.status == "abandoned") context.ledger().reopen(run.id);
    if (desk != nullptr && desk->resume != nullptr) {
      outcome = desk->resume(context, run);
    } else {
      outcome.kind = OutcomeKind::changed;
      outcome.table = "the next command that needs it goes on with it\n";
    }
  }
  outcome.run_id = run.id;
  outcome.slot = run.slot;
  return outcome;
}

void abandon_flags(Flags& f, RunOptions& o) {
  id_flags(f, o);
  f.on("--discard", o.discard, "forget the run and its stored steps, so that a rerun starts from nothing");
  f.on("--yes", o.yes, "with --discard: really forget them");
}

Outcome abandon(const RunOptions& o, Context& context) {
  const kernel::RunInfo run = find(o.id, context);
  if (o.discard && !o.yes) {
    throw Error(ErrorKind::usage,
                "--discard needs --yes: it forgets the stored steps, and picks that were paid for with them");
  }
  Outcome outcome;
  outcome.run_id = run.id;
  outcome.slot = run.slot;
  if (o.discard) {
    context.ledger().discard(run, std::ranges::count(evidence_jobs(), run.job) > 0);
  } else if (!context.ledger().abandon(run.id)) {
    outcome.table = "unchanged: the run was abandoned before\n";
    return outcome;
  }
  outcome.kind = OutcomeKind::changed;
  outcome.table = std::string(o.discard ? "discarded" : "abandoned") + " " + run.job + " " + run.slot + "\n";
  return outcome;
}

CommandInfo runs_info(const std::string& path, const std::string& summary, std::vector<std::string> examples,
                      std::vector<ExitCode> exits) {
  exits.insert(exits.end(), {ExitCode::no_input, ExitCode::denied});
  return {.path = path,
          .summary = summary,
          .details = "",
          .examples = std::move(examples),
          .exits = std::move(exits),
          .config = {"database.url"}};
}

}  // namespace

std::vector<Command> runs() {
  CommandInfo resume_info =
      runs_info("runs resume", "go on with a run where it stopped; opens an abandoned one",
                {"am runs resume 01890a5d-ac96-774b-bcce-b302099a8057"},
                {ExitCode::busy, ExitCode::data, ExitCode::needs_human, ExitCode::deferred});
  resume_info.config = job_config({"desks.enabled"}, true);
  return {make_command<ListOptions>(runs_info("runs list", "list runs, the newest first",
                                              {"am runs list --status failed", "am runs list -o json"}, {}),
                                    list_flags, list),
          make_command<RunOptions>(runs_info("runs show", "one run with its steps",
                                             {"am runs show 01890a5d-ac96-774b-bcce-b302099a8057"}, {}),
                                   id_flags, show),
          make_command<RunOptions>(std::move(resume_info), id_flags, resume),
          make_command<RunOptions>(
              runs_info("runs abandon", "close a run for good, so that nothing goes on with it",
                        {"am runs abandon 01890a5d-ac96-774b-bcce-b302099a8057"},
                        {ExitCode::busy, ExitCode::needs_human}),
              abandon_flags, abandon)};
}

}  // namespace am::cli
