#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "cli/commands.hpp"
#include "cli/table.hpp"
#include "forecast_commands.hpp"
#include "mails.hpp"
#include "night_outcome.hpp"
#include "sources.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

struct NightOptions {};
struct SyncOptions {
  std::optional<std::string> series;
};

void night_flags(Flags& /*f*/, NightOptions& /*o*/) {}

void sync_flags(Flags& f, SyncOptions& o) {
  f.text("--series", o.series, "NAMES", "only these, with commas between; without it all that have a source");
}

void add_failures(Outcome& outcome, const std::vector<std::pair<std::string, Error>>& failures,
                  bool changed) {
  for (const auto& [series, error] : failures)
    outcome.table += series + ": failed: " + error.message() + "\n";
  outcome.counts.emplace_back("failed", static_cast<long long>(failures.size()));
  if (failures.empty()) return;
  outcome.kind = changed ? OutcomeKind::partial : OutcomeKind::failed;
  outcome.exit = ExitCode::partial;
  outcome.error = failures.front().second;
  for (const auto& [series, error] : failures) {
    if (error.retryable()) outcome.exit = worse(outcome.exit, error.exit_code());
  }
}

Json failures_json(const std::vector<std::pair<std::string, Error>>& failures) {
  Json all = Json::array();
  for (const auto& [series, error] : failures)
    all.push_back({{"series", series}, {"error", error.message()}});
  return all;
}

Outcome run_night(const NightOptions& /*o*/, Context& context) {
  context.announce("forecast_night");
  context.guard().require();
  Outcome outcome =
      do_night(context, forecast::current_night(context.clock.now(), context.config.text("forecast.zone")));
  tell_forecast_notices(context);
  return outcome;
}

Outcome run_sync(const SyncOptions& o, Context& context) {
  kernel::Db& db = context.job_db();
  std::vector<forecast::SeriesInfo> wanted;
  if (o.series) {
    for (const std::string& name : split(*o.series, ',')) {
      wanted.push_back(forecast::load_series(db, std::string(trim(name))));
      if (!wanted.back().source)
        throw Error(ErrorKind::usage, "series " + wanted.back().name + ": it has no source");
    }
  } else {
    wanted = forecast::list_series(db);
    std::erase_if(wanted, [](const forecast::SeriesInfo& series) { return !series.source; });
  }
  ForecastSources sources(context);
  Table table({"series", "new", "changed", "same", "removed", "revision"});
  Json synced = Json::array();
  std::vector<std::pair<std::string, Error>> failures;
  bool changed = false;
  for (const forecast::SeriesInfo& series : wanted) {
    context.stop.check();
    try {
      const forecast::ImportCounts counts = sources.sync(series);
      changed = changed || counts.is_changed();
      table.add({series.name, std::to_string(counts.added), std::to_string(counts.changed),
                 std::to_string(counts.same), std::to_string(counts.removed),
                 std::to_string(counts.revision)});
      synced.push_back({{"series", series.name},
                        {"new", counts.added},
                        {"changed", counts.changed},
                        {"same", counts.same},
                        {"removed", counts.removed},
                        {"revision", counts.revision}});
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
      context.log.warn("series not synced", {{"series", series.name}, {"error", error.message()}});
      failures.emplace_back(series.name, error);
    }
  }
  Outcome outcome;
  if (changed) outcome.kind = OutcomeKind::changed;
  outcome.table = table.empty() ? "" : table.text(context.options.color);
  outcome.counts = {{"synced", static_cast<long long>(synced.size())}};
  outcome.data = Json{{"synced", synced}, {"failed", failures_json(failures)}}.dump();
  add_failures(outcome, failures, changed);
  if (outcome.table.empty()) outcome.table = "no series has a source\n";
  return outcome;
}

}  // namespace

Outcome do_night(Context& context, Date night) {
  ForecastSources sources(context);
  context.job_db();
  const forecast::NightBench bench{context.db(), context.ledger(), context.log, context.clock, context.stop};
  const forecast::NightResult result =
      forecast::run_night(bench, night, [&](const forecast::SeriesInfo& series) { sources.sync(series); });
  Outcome outcome;
  outcome.run_id = result.run_id;
  outcome.slot = night.to_string();
  outcome.warnings = result.warnings;
  outcome.counts = {{"synced", result.synced},
                    {"scored", result.scored},
                    {"queued", result.queued},
                    {"there", result.there}};
  outcome.data = Json{{"night", night.to_string()}, {"synced", result.synced},
                      {"scored", result.scored},    {"queued", result.queued},
                      {"there", result.there},      {"failed", failures_json(result.failures)}}
                     .dump();
  if (result.was_done) {
    outcome.table = "unchanged: the night to " + night.to_string() + " is done\n";
    outcome.counts.emplace_back("failed", 0);
    return outcome;
  }
  outcome.kind = OutcomeKind::changed;
  outcome.table = "the night to " + night.to_string() + ": " + std::to_string(result.synced) +
                  " synced, days scored: " + std::to_string(result.scored) +
                  ", jobs: " + std::to_string(result.queued) + " queued, " + std::to_string(result.there) +
                  " there before\n";
  add_failures(outcome, result.failures, result.synced + result.scored + result.queued + result.there > 0);
  return outcome;
}

std::vector<Command> forecast_night_commands() {
  return {
      make_command<SyncOptions>(
          {.path = "forecast sync",
           .summary = "bring observations from the series' sources",
           .details =
               "sql:NAME is the query in NAME.sql of forecast.queries, which gives date and value; "
               "close:PRICES/SYMBOL is what the price cache has of that source. A source that fails stops no "
               "other, and is 12.",
           .examples = {"am forecast sync", "am forecast sync --series rides"},
           .exits = {ExitCode::partial, ExitCode::no_input, ExitCode::denied},
           .config = {"database.url", "forecast"}},
          sync_flags, run_sync),
      make_command<NightOptions>(
          {.path = "forecast night",
           .summary = "the night run: sync, score what has come, queue every series that is forecast nightly",
           .details =
               "Due at 02:00 of forecast.zone; am due does it too. Once a day: again it is unchanged. On Mondays each series is "
               "also measured against its past, after a Monday that was missed in the next night.",
           .examples = {"am forecast night"},
           .exits = job_exits(),
           .config = {"database.url", "forecast", "ledger", "alerts", "pings.forecast_night"}},
          night_flags, run_night)};
}

}  // namespace am::cli
