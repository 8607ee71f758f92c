#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"
#include "am/cli/context.hpp"
#include "am/feed/consolidate.hpp"
#include "cli/commands.hpp"
#include "consolidation.hpp"
#include "feed_commands.hpp"
#include "feed_parts.hpp"

namespace am::cli {

namespace {

struct ConsolidateOptions {
  std::optional<std::string> run;
  bool force = false;
  bool reprice = false;
};

void flags(Flags& f, ConsolidateOptions& o) {
  f.text("--run", o.run, "ID", "this run alone");
  f.on("--force", o.force, "with --run: before its time, and though too little came");
  f.on("--reprice", o.reprice, "price what is there again, by the rules and margins of now");
}

Outcome reprice_all(Context& context) {
  const long long changed =
      feed::reprice(context.job_db(), consolidation_options(context.config), [&] { context.stop.check(); });
  Outcome outcome;
  outcome.kind = changed > 0 ? OutcomeKind::changed : OutcomeKind::unchanged;
  outcome.counts = {{"repriced", changed}};
  outcome.table = std::to_string(changed) + " prices changed\n";
  outcome.data = nlohmann::ordered_json{{"repriced", changed}}.dump();
  return outcome;
}

Outcome run(const ConsolidateOptions& o, Context& context) {
  if (o.force && !o.run) throw Error(ErrorKind::usage, "--force: needs --run");
  if (o.reprice && o.run) throw Error(ErrorKind::usage, "--reprice: prices belong to no run");
  if (o.reprice) return reprice_all(context);
  std::optional<std::string> id;
  if (o.run) {
    id = canonical_uuid(*o.run);
    if (!id)
      throw Error(ErrorKind::usage, "--run " + shown(*o.run) + ": expected the id of a run",
                  "am feed status lists them");
  }
  if (!id) context.announce("feed_consolidate");
  return consolidate_runs(context, id, o.force);
}

}  // namespace

Command feed_consolidate() {
  return make_command<ConsolidateOptions>(
      {.path = "feed consolidate",
       .summary = "make one clean table of the stones that runs brought",
       .details =
           "Works on the runs that are due: complete ones at once, those of which 70 percent came after 5 minutes. As many at "
           "once as you like. A stone that can't be mapped says why in consolidation_error and stops nobody. A complete full "
           "run at last says which stones are there no more: those that two of them in a row have missed.",
       .examples = {"am feed consolidate", "am feed consolidate --run 0190a3c5-… --force",
                    "am feed consolidate --reprice"},
       .exits = {ExitCode::busy, ExitCode::data, ExitCode::no_input, ExitCode::denied},
       .config = config_of({"database.url", "feed", "alerts", "pings.feed_consolidate"}),
       .streams = true},
      flags, run);
}

}  // namespace am::cli
