#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "am/kernel/alerts.hpp"
#include "am/kernel/version.hpp"
#include "am/strategy/desk.hpp"
#include "am/strategy/ingest.hpp"
#include "cli/commands.hpp"
#include "day_run.hpp"
#include "strategy_commands.hpp"

namespace am::cli {

namespace {

using strategy::IngestResult;

struct IngestRunOptions {
  std::optional<std::string> type, until, length;
};

void flags(Flags& f, IngestRunOptions& o) {
  f.text("--type", o.type, "TYPE", "of which market: stock (default) or crypto");
  f.text("--until", o.until, "MOMENT", "end then, if the day is not over before (RFC 3339)");
  f.text("--for", o.length, "LENGTH", "end after so long: 90s, 15min, 4h");
}

std::string_view name_of(IngestResult::End end) {
  switch (end) {
    case IngestResult::End::day_over:
      return "day over";
    case IngestResult::End::until:
      return "until";
    case IngestResult::End::stopped:
      return "stopped";
  }
  return "";
}

Outcome outcome_of_ingest(const IngestResult& result) {
  Outcome outcome;
  outcome.kind = result.stored > 0 ? OutcomeKind::changed : OutcomeKind::unchanged;
  const auto count = [](std::uint64_t value) { return static_cast<long long>(value); };
  outcome.counts = {{"symbols", count(result.symbols)},       {"bars", count(result.bars)},
                    {"trades", count(result.trades)},         {"stored", count(result.stored)},
                    {"backfilled", count(result.backfilled)}, {"published", count(result.published)}};
  outcome.data = nlohmann::ordered_json{
      {"end", name_of(result.end)},
      {"symbols", result.symbols},
      {"bars", result.bars},
      {"revised", result.revised},
      {"trades", result.trades},
      {"stored", result.stored},
      {"backfilled", result.backfilled},
      {"published", result.published},
      {"unpublished", result.unpublished},
      {"bad", result.bad},
      {"connects", result.connects},
      {"refused", result.refused},
      {"silences", result.silences},
      {"lost",
       result.lost}}.dump();
  outcome.table = "ended (" + std::string(name_of(result.end)) + "): symbols " +
                  std::to_string(result.symbols) + ", bars " + std::to_string(result.bars) + ", trades " +
                  std::to_string(result.trades) + ", stored " + std::to_string(result.stored) +
                  " (of past bars " + std::to_string(result.backfilled) + "), published " +
                  std::to_string(result.published) + ", connections " + std::to_string(result.connects) +
                  "\n";
  if (result.unpublished > 0)
    outcome.warnings.push_back(std::to_string(result.unpublished) +
                               " messages were not published: Redis was away");
  return outcome;
}

IngestResult ingest_claimed(Context& context, DayRun& claimed, const strategy::IngestOptions& options,
                            const std::function<Instant()>& now) {
  kernel::Run& run = *claimed.claim.run;
  const kernel::Log::Scope scope(
      context.log,
      {{"workflow", strategy::kIngestJob}, {"slot", options.slot.to_string()}, {"workflow_run_id", run.id()}},
      kernel::Log::Reach::all_threads);
  kernel::HttpClient& resend = context.http("resend");
  const IngestResult result = strategy::run_ingest(
      {.db = context.job_db(),
       .data = context.http("alpaca", "alpaca_data"),
       .log = context.log,
       .stop = context.stop,
       .check_run = [&run] { run.check_lease(); },
       .now = now,
       .tell =
           [&](const std::string& name, const std::string& problem, const std::string& text) {
             kernel::Alerts(resend, context.log, context.alerts_db(), context.mail(), context.deployment())
                 .tell_notice("strategy-ingest", name, problem, text);
           }},
      options);
  if (result.end == IngestResult::End::day_over) run.finish();
  return result;
}

Outcome run(const IngestRunOptions& o, Context& context) {
  const strategy::AssetType type = market_type(o.type);
  const auto length = length_of(o.length, "--for");
  const auto now = running_clock(context);
  const auto until = end_of_run(o.until, length, now());
  const strategy::SlotNow found = strategy::slot_at(type, now());
  if (!found.slot) return skipped("", std::string(strategy::name_of(type)) + ": " + found.reason);
  const std::string slot = found.slot->to_string();
  strategy::IngestOptions options;
  options.slot = *found.slot;
  options.window = found.window;
  options.until = until;
  options.stream_url = context.config.text("alpaca.stream_url");
  options.data_url = context.config.text("alpaca.data_url");
  options.key = context.config.secret("alpaca.api_key");
  options.secret = context.config.secret("alpaca.secret_key");
  options.redis_url = context.config.secret("redis.url");
  options.user_agent = "am/" + std::string(kernel::version());
  strategy::require_ingest(options);
  context.guard().require();
  std::optional<DayRun> claimed;
  try {
    claimed.emplace(context, strategy::kIngestJob, options.slot);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::busy) throw;
    return skipped(slot, "another ingest has slot " + slot);
  }
  if (!claimed->claim.run) return skipped(slot, "slot " + slot + " is done");
  context.announce("strategy_ingest_" + std::string(strategy::name_of(type)));
  const IngestResult result = ingest_claimed(context, *claimed, options, now);
  if (result.end == IngestResult::End::stopped) context.stop.check();  // the run is left for the next start
  Outcome outcome = outcome_of_ingest(result);
  outcome.run_id = claimed->claim.run_id;
  outcome.slot = slot;
  return outcome;
}

}  // namespace

Command strategy_ingest() {
  std::vector<ExitCode> exits = {ExitCode::busy, ExitCode::denied};
  return make_command<IngestRunOptions>(
      {.path = "strategy ingest",
       .summary = "store and publish the market's bars and trades, as Alpaca streams them",
       .details =
           "The symbols are those of sessions that run and of the set active_subscriptions:TYPE in Redis; what changes is seen "
           "within two seconds. A bar is stored in market.bars, then published. After each connection the bars that the stream "
           "did not say are asked for over REST, from the last one that is stored. An account has one connection for each market. "
           "One run is one day of one market, as of `am strategy run`; it is started every five minutes, and skipped where "
           "another one is at it.",
       .examples = {"am strategy ingest", "am strategy ingest --type crypto",
                    "am strategy ingest --type crypto --for 15min"},
       .exits = std::move(exits),
       .config = {"database.url", "redis.url", "alpaca", "alpaca_data", "ledger", "http.connect_timeout_ms",
                  "retry", "alerts"},
       .streams = true},
      flags, run);
}

}  // namespace am::cli
