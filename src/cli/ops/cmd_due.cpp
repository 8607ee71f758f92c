// The tick: what is due, and with --run doing it. A scheduler that starts this every few minutes needs to know nothing
// of New York, holidays or what was missed.

#include <limits>

#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "am/kernel/new_york.hpp"
#include "cli/commands.hpp"
#include "cli/desks.hpp"
#include "cli/table.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

struct DueOptions {
  bool run = false;
  bool check = false;
  std::optional<int> catchup;
  std::optional<std::string> desk;
};

void due_flags(Flags& f, DueOptions& o) {
  f.on("--run", o.run, "do what is due and ready, the oldest first");
  f.on("--check", o.check, "10 when something is due (without --run)");
  f.text("--desk", o.desk, "DESK", "only of this desk, such as picks");
  f.integer("--catchup", o.catchup, 1, 100000, "with --run: this many slots at most (default: all)");
}

Outcome list_due(const DueOptions& o, Context& context) {
  const Instant now = context.clock.now();
  const std::vector<kernel::Duty> slots =
      kernel::read_duties(context.db(), desks_of(chosen_desks(context.config, o.desk)), now);
  const bool some = std::any_of(slots.begin(), slots.end(), [&](const auto& due) { return due.is_due(now); });
  std::vector<kernel::OpenRun> open;
  if (some) open = kernel::open_runs(context.db().query(kernel::open_runs_statement().sql));

  Outcome outcome;
  long long due = 0;
  Table table({"job", "slot", "due at", "New York", "state"});
  Json list = Json::array();
  const std::vector<kernel::Standing> standings = kernel::standings(slots, open, now);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto& [readiness, not_before] = standings[i];
    std::string state(kernel::readiness_name(readiness));
    if (not_before) state += " until " + format_rfc3339(*not_before);
    due += readiness == kernel::Readiness::to_come ? 0 : 1;
    table.add({slots[i].job, slots[i].text, format_rfc3339(slots[i].due_at),
               kernel::new_york_text(slots[i].due_at),
               Cell(state, readiness == kernel::Readiness::ready       ? Tone::warning
                           : readiness == kernel::Readiness::abandoned ? Tone::bad
                                                                       : Tone::plain)});
    list.push_back({{"job", slots[i].job}, {"slot", slots[i].slot}, {"text", slots[i].text}});
    list.back().update(Json::parse("{" + slots[i].data + "}"));
    list.back().update({{"due_at", format_rfc3339(slots[i].due_at)},
                        {"state", kernel::readiness_name(readiness)},
                        {"not_before", not_before ? Json(format_rfc3339(*not_before)) : Json()}});
  }
  outcome.counts = {{"due", due}};
  outcome.table = table.text(context.options.color);
  outcome.data = list.dump();
  if (o.check && due > 0) {
    outcome.kind = OutcomeKind::found;
    outcome.exit = ExitCode::found;
  }
  return outcome;
}

/// A desk that an error ends does not stop the others.
Outcome run_what_is_due(const DueOptions& o, Context& context) {
  Outcome outcome;
  long long left = o.catchup.value_or(std::numeric_limits<int>::max());
  std::vector<Error> ended;
  for (const DeskFace& face : chosen_desks(context.config, o.desk)) {
    if (face.tick == nullptr) continue;
    Outcome of_desk;
    try {
      of_desk = face.tick(context, left);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
      of_desk = outcome_of(error);
      ended.push_back(error);
    }
    merge(outcome, face.name(), std::move(of_desk));
  }
  for (const Error& error : ended) {
    if (outcome.error && outcome.error->message() != error.message())
      context.log.error("a desk's tick ended", {{"error", error.message()}, {"hint", error.hint()}});
  }
  if (outcome.table.empty() && !outcome.error) outcome.table = "nothing is due\n";
  return outcome;
}

Outcome run_due_command(const DueOptions& o, Context& context) {
  if (o.run && o.check) throw Error(ErrorKind::usage, "--run and --check: one or the other");
  if (!o.run && o.catchup) throw Error(ErrorKind::usage, "--catchup: needs --run");
  if (o.run) context.announce("due");
  context.require_config();
  return o.run ? run_what_is_due(o, context) : list_due(o, context);
}

}  // namespace

Command due() {
  return make_command<DueOptions>(
      {.path = "due",
       .summary = "what is due, and with --run do it: the tick of a scheduler",
       .details = "Slots follow from the date in New York and from what is stored, so it may be started as "
                  "often as you like, twice at once or after a week's outage: each slot is done once, none "
                  "early, and what was missed in the order in which it fell due. What was deferred or failed "
                  "rests a while (5 minutes, doubled after each attempt, 4 hours at most). A week that is "
                  "over without its batch stays without: nobody can pick for it without hindsight.",
       .examples = {"am due", "am due --run --quiet", "am due --run --catchup 10"},
       .exits = job_exits(),
       .config = job_config({"alerts", "pings.due", "desks.enabled"}, true),
       .any_config = true},
      due_flags, run_due_command);
}

}  // namespace am::cli
