#include "face.hpp"

#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "am/picks/desk.hpp"
#include "am/picks/prompt_template.hpp"
#include "am/picks/schedule.hpp"
#include "am/picks/usage.hpp"
#include "am/web/picks_section.hpp"
#include "cli/config_values.hpp"
#include "parts.hpp"
#include "picks_commands.hpp"
#include "picks_output.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

std::vector<Command> picks_commands() {
  return {run_weekly(), checkpoint(), backfill(), report(), export_command(), import_command()};
}

Outcome picks_tick(Context& context, long long& left) {
  PicksParts parts(context);
  picks::Workbench bench = parts.workbench();
  const auto make_week = [&](Date run_date) {
    const picks::WeeklyOptions options = parts.weekly_options(run_date, {});
    return picks::run_weekly(bench, parts.picker(options.picker_spec, options.price_source), options);
  };
  const picks::TickResult tick = picks::run_tick(bench, make_week, left);
  left -= tick.worked;
  Outcome outcome = outcome_of_days(tick.slots.days, tick.slots.failures);
  if (tick.slots.days.empty()) outcome.table.clear();
  Json data = Json::parse(outcome.data);
  data["batches"] = Json::array();
  std::string made;
  long long created = 0;
  for (const picks::WeeklyResult& week : tick.weeks) {
    data["batches"].push_back(batch_json(*week.batch));
    if (!week.created) continue;
    ++created;
    made += batch_text(*week.batch) + "created\n";
  }
  outcome.table = made + outcome.table;
  if (created > 0 && outcome.exit == ExitCode::ok) outcome.kind = OutcomeKind::changed;
  outcome.pending = tick.waiting + tick.running > 0;
  if (outcome.pending && tick.slots.days.empty() && tick.slots.failures.empty() && created == 0)
    outcome.kind = OutcomeKind::skipped;  // something is due, but nothing can be done about it now
  outcome.counts.insert(outcome.counts.begin(), {"batches", created});
  for (const auto& [name, count] :
       {std::pair{"waiting", tick.waiting}, {"running", tick.running}, {"left", tick.left}}) {
    outcome.counts.emplace_back(name, count);
    if (count > 0) outcome.table += std::string(name) + ": " + std::to_string(count) + "\n";
  }
  outcome.data = data.dump();
  take_worst(outcome, tick.slots.failures);
  if (tick.slots.failures.empty() && !outcome.pending && tick.left == 0) parts.fetch_universe(bench, outcome);
  return outcome;
}

Outcome resume_weekly(const kernel::RunInfo& run, PicksParts& parts) {
  const Json params = Json::parse(run.params);
  const auto param = [&](const char* name) -> std::optional<std::string> {
    return params.contains(name) ? std::optional(params[name].get<std::string>()) : std::nullopt;
  };
  const picks::WeeklyOptions options = parts.weekly_options(
      Date::of(run.slot),
      {.picker = param("picker"), .prices = param("prices"), .benchmark = param("benchmark")});
  picks::Workbench bench = parts.workbench();
  const picks::WeeklyResult result =
      picks::run_weekly(bench, parts.picker(options.picker_spec, options.price_source), options);
  Outcome outcome;
  outcome.kind = result.created ? OutcomeKind::changed : OutcomeKind::unchanged;
  outcome.table = batch_text(*result.batch);
  outcome.data = batch_json(*result.batch).dump();
  return outcome;
}

Outcome resume_checkpoint(const kernel::RunInfo& run, Context& context, PicksParts& parts) {
  const auto slot = picks::CheckpointSlot::parse(run.slot);
  if (!slot) throw Error(ErrorKind::data, "run " + run.id + ": its slot is no batch and day: " + run.slot);
  const picks::Batch batch = picks::load_batch(context.db(), slot->batch_id);
  picks::Workbench bench = parts.workbench();
  const picks::DayResult day = picks::run_checkpoint(bench, batch, slot->day, {});
  Outcome outcome;
  outcome.kind = day.outcome == picks::DayOutcome::unchanged ? OutcomeKind::unchanged : OutcomeKind::changed;
  outcome.table = day_text(day);
  outcome.data = day_json(day).dump();
  return outcome;
}

Outcome picks_resume(Context& context, const kernel::RunInfo& run) {
  PicksParts parts(context);
  picks::Workbench bench = parts.workbench();
  if (picks::settle_run(bench, run)) {
    Outcome outcome;
    outcome.kind = OutcomeKind::changed;
    outcome.table = "all that the run is for is stored and right: it is recorded as done\n";
    return outcome;
  }
  return run.job == picks::kWeeklyJob ? resume_weekly(run, parts) : resume_checkpoint(run, context, parts);
}

std::vector<Error> picks_unusable(Context& context) {
  PicksParts parts(context);
  ValueCheck check(context.config);
  check.look("picks.prices", [&](const std::string& source) {
    if (market::CsvMarket* csv = parts.market.csv_market(source)) csv->universe();
  });
  check.look("picks.universe", [&](const std::string&) { parts.universe(); });
  check.look("picks.benchmark", [&](const std::string&) { parts.benchmark({}, ""); });
  check.look("openai.prompt_file",
             [&](const std::string& path) { picks::read_template(path, context.patience()); });
  check.look("openai.prices", [](const std::string& text) { picks::TokenPrices::of(text, ""); });
  return check.errors();
}

void narrow_to_batch(Context& context, const std::string& batch, kernel::EventFilter& filter) {
  filter.batch_id = picks::load_batch(context.db(), batch).id;
}

constexpr SubjectFlag kSubjects[] = {
    {"--batch", "BATCH", "only of this batch: a uuid, a run date or latest", narrow_to_batch}};

}  // namespace

DeskFace picks_face() {
  return {.desk = &picks::desk(),
          .commands = picks_commands,
          .tick = picks_tick,
          .resume = picks_resume,
          .unusable = picks_unusable,
          .subjects = kSubjects,
          .section = web::picks_section};
}

}  // namespace am::cli
