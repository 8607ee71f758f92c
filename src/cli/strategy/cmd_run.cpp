#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/alerts.hpp"
#include "am/strategy/desk.hpp"
#include "am/strategy/engine.hpp"
#include "cli/commands.hpp"
#include "day_run.hpp"
#include "strategy_commands.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;
using strategy::EngineResult;

struct EngineRunOptions {
  std::optional<std::string> type, until, length, idle;
  std::optional<int> engine;
};

void flags(Flags& f, EngineRunOptions& o) {
  f.text("--type", o.type, "TYPE", "of which market: stock (default) or crypto");
  f.integer("--engine", o.engine, 1, strategy::kMostEngines,
            "its number, where several share a day's sessions (default 1)");
  f.text("--until", o.until, "MOMENT", "end then, if the day is not over before (RFC 3339)");
  f.text("--for", o.length, "LENGTH", "end after so long: 90s, 15min, 4h");
  f.text("--idle", o.idle, "LENGTH", "end when nothing has come for so long: for rehearsals");
}

strategy::SandboxOptions sandbox_options(const kernel::Config& config) {
  return {.kind = config.text("strategy.sandbox") == "landlock" ? strategy::SandboxKind::landlock
                                                                : strategy::SandboxKind::bwrap};
}

Json figures_json(const strategy::LatencyFigures& figures) {
  constexpr double kMicro = 1000;
  const auto micros = [](std::int64_t nanos) { return static_cast<double>(nanos) / kMicro; };
  return {{"count", figures.count},
          {"p50_us", micros(figures.p50)},
          {"p90_us", micros(figures.p90)},
          {"p99_us", micros(figures.p99)},
          {"p99_9_us", micros(figures.p999)}};
}

std::string_view name_of(EngineResult::End end) {
  switch (end) {
    case EngineResult::End::day_over:
      return "day over";
    case EngineResult::End::until:
      return "until";
    case EngineResult::End::idle:
      return "idle";
    case EngineResult::End::stopped:
      return "stopped";
  }
  return "";
}

Json result_json(const EngineResult& result) {
  return {
      {"end", name_of(result.end)},
      {"sessions", result.sessions},
      {"bars", result.bars},
      {"trades", result.trades},
      {"dropped",
       {{"bad", result.bad_messages},
        {"repeated", result.repeated},
        {"revised", result.revised},
        {"older", result.older},
        {"impossible", result.impossible},
        {"far_future", result.far_future},
        {"coalesced", result.coalesced},
        {"overrun", result.dropped}}},
      {"signals", result.signals},
      {"missed", result.missed},
      {"rejected", result.rejected},
      {"taken", result.taken},
      {"refused", result.refused},
      {"expired", result.expired},
      {"gaps", result.gaps},
      {"silences", result.silences},
      {"lost", result.lost},
      {"failed", result.failed},
      {"connects", result.connects},
      {"control_without_session", result.hints_without_session},
      {"control_of_running", result.hints_still_running},
      {"latency", {{"evaluated", figures_json(result.evaluated)}, {"queued", figures_json(result.queued)}}}};
}

Outcome outcome_of_engine(const EngineResult& result) {
  Outcome outcome;
  outcome.kind = result.sessions > 0 ? OutcomeKind::changed : OutcomeKind::unchanged;
  const auto count = [](std::uint64_t value) { return static_cast<long long>(value); };
  outcome.counts = {{"sessions", count(result.sessions)}, {"bars", count(result.bars)},
                    {"trades", count(result.trades)},     {"signals", count(result.signals)},
                    {"taken", count(result.taken)},       {"refused", count(result.refused)},
                    {"missed", count(result.missed)},     {"expired", count(result.expired)},
                    {"gaps", count(result.gaps)}};
  outcome.data = result_json(result).dump();
  outcome.table = "ended (" + std::string(name_of(result.end)) + "): sessions claimed " +
                  std::to_string(result.sessions) + ", bars " + std::to_string(result.bars) + ", trades " +
                  std::to_string(result.trades) + "; signals " + std::to_string(result.signals) +
                  ", of them taken " + std::to_string(result.taken) + ", refused " +
                  std::to_string(result.refused) + ", expired " + std::to_string(result.expired) +
                  "; missed " + std::to_string(result.missed) + ", gaps " + std::to_string(result.gaps) +
                  "\n";
  if (result.failed > 0) outcome.warnings.push_back(std::to_string(result.failed) + " sessions have failed");
  return outcome;
}

EngineResult run_claimed(Context& context, DayRun& claimed, const strategy::EngineOptions& options,
                         const std::function<Instant()>& now) {
  kernel::Run& run = *claimed.claim.run;
  const kernel::Log::Scope scope(
      context.log,
      {{"workflow", strategy::kRunJob}, {"slot", options.slot.to_string()}, {"workflow_run_id", run.id()}},
      kernel::Log::Reach::all_threads);
  kernel::HttpClient& resend = context.http("resend");
  const kernel::MailOptions mail = context.mail();
  const std::string deployment = context.deployment();
  const EngineResult result = strategy::run_engine(
      {.db = context.db_options(),
       .transport = context.transport(),
       .log = context.log,
       .stop = context.stop,
       .heartbeat = claimed.heartbeat,
       .run_id = run.id(),
       .check_run = [&run] { run.check_lease(); },
       .now = now,
       .tell =
           [&](kernel::Db& db, const std::string& name, const std::string& problem, const std::string& text) {
             kernel::Alerts(resend, context.log, &db, mail, deployment)
                 .tell_notice("strategy-run", name, problem, text);
           },
       .probe = context.environment.probe},
      options);
  if (result.end == EngineResult::End::day_over) run.finish();
  return result;
}

Outcome run(const EngineRunOptions& o, Context& context) {
  const strategy::AssetType type = market_type(o.type);
  const auto length = length_of(o.length, "--for");
  const auto idle = length_of(o.idle, "--idle");
  const auto now = running_clock(context);
  const auto until = end_of_run(o.until, length, now());
  const strategy::SlotNow found = strategy::slot_at(type, now(), o.engine.value_or(1));
  if (!found.slot) return skipped("", std::string(strategy::name_of(type)) + ": " + found.reason);
  const std::string slot = found.slot->to_string();
  const strategy::EngineOptions options{
      .slot = *found.slot,
      .window = found.window,
      .until = until,
      .idle = idle,
      .stream = {.url = context.config.secret("redis.url")},
      .gateway_url = context.config.text("gateway.url"),
      .gateway_token = context.config.secret("gateway.token"),
      .sandbox = sandbox_options(context.config),
      .signal_ttl =
          std::chrono::microseconds(std::chrono::seconds(context.config.integer("strategy.signal_ttl_s")))
              .count()};
  context.guard().require();
  std::optional<DayRun> claimed;
  try {
    claimed.emplace(context, strategy::kRunJob, options.slot);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::busy) throw;
    return skipped(slot, "another engine has slot " + slot);
  }
  if (!claimed->claim.run) return skipped(slot, "slot " + slot + " is done");
  context.announce("strategy_run_" + std::string(strategy::name_of(type)));
  const EngineResult result = run_claimed(context, *claimed, options, now);
  if (result.end == EngineResult::End::stopped) context.stop.check();  // the run is left for the next start
  Outcome outcome = outcome_of_engine(result);
  outcome.run_id = claimed->claim.run_id;
  outcome.slot = slot;
  return outcome;
}

}  // namespace

Command strategy_run() {
  std::vector<ExitCode> exits = {ExitCode::busy, ExitCode::denied};
  return make_command<EngineRunOptions>(
      {.path = "strategy run",
       .summary = "feed sessions with bars and trades, and send their signals to the gateway",
       .details =
           "One run is one day of one market: stocks from 09:20 in New York to five minutes after the close, crypto the day in "
           "UTC. It is started every five minutes; a start that finds another engine at it, a holiday or the day over is "
           "skipped. Whatever ends it, the next start goes on where it was: sessions, their strategies' state and signals that "
           "were not answered are rows. Several engines (--engine 2) share the sessions of a day.",
       .examples = {"am strategy run", "am strategy run --type crypto",
                    "am strategy run --type crypto --idle 5s"},
       .exits = std::move(exits),
       .config = {"database.url", "redis.url", "gateway.url", "gateway.token", "strategy.sandbox",
                  "strategy.signal_ttl_s", "ledger", "http.connect_timeout_ms", "alerts"},
       .streams = true},
      flags, run);
}

}  // namespace am::cli
