#include "session_parts.hpp"

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/strategy/money.hpp"
#include "am/strategy/subscriptions.hpp"
#include "cli/table.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;
using strategy::Session;

constexpr std::size_t kReasonBytes = 60;

Json session_moment(const std::optional<Instant>& at) { return at ? Json(format_rfc3339(*at)) : Json(); }

/// Who trades it now.
Cell engine_cell(const Session& session) {
  if (!session.is_running()) return "";
  if (session.lease_live) return {"has it", Tone::good};
  return session.epoch == 0 ? Cell("none yet") : Cell("none", Tone::warning);
}

Cell status_cell(const Session& session) {
  const std::string name(name_of(session.status));
  if (session.status == strategy::SessionStatus::failed) return {name, Tone::bad};
  return {name, session.is_running() ? Tone::good : Tone::plain};
}

Cell trading_cell(const Session& session) {
  return {std::string(name_of(session.trading)),
          session.trading == strategy::Trading::active ? Tone::plain : Tone::warning};
}

Cell mode_cell(const Session& session) {
  return {std::string(name_of(session.mode)),
          session.mode == strategy::Mode::live ? Tone::warning : Tone::plain};
}

std::vector<std::string> ids_of(const std::vector<Session>& sessions) {
  std::vector<std::string> ids;
  for (const Session& session : sessions) ids.push_back(session.id);
  return ids;
}

}  // namespace

CommandInfo session_command(std::string path, std::string summary, std::string details,
                            std::vector<std::string> examples, std::vector<std::string> more_config) {
  std::vector<std::string> config = {"database.url"};
  config.insert(config.end(), more_config.begin(), more_config.end());
  return {.path = "strategy " + std::move(path),
          .summary = std::move(summary),
          .details = std::move(details),
          .examples = std::move(examples),
          .exits = {ExitCode::busy, ExitCode::no_input, ExitCode::denied},
          .config = std::move(config)};
}

Json session_json(const Session& session, const strategy::SessionFigures& figures) {
  return {{"session", session.id},
          {"strategy", session.strategy},
          {"strategy_id", session.strategy_id},
          {"symbol", session.symbol},
          {"type", name_of(session.asset)},
          {"timeframe", session.timeframe},
          {"mode", name_of(session.mode)},
          {"status", name_of(session.status)},
          {"trading", name_of(session.trading)},
          {"reason", session.reason.empty() ? Json() : Json(session.reason)},
          {"user", session.user},
          {"epoch", session.epoch},
          {"held", session.lease_live},
          {"quantity", figures.quantity.to_string()},
          {"cost", figures.cost.to_string()},
          {"pnl", figures.pnl.to_string()},
          {"open_orders", figures.open_orders},
          {"trades", figures.trades},
          {"last_event_at", session_moment(session.last_event_at)},
          {"stale_since", session_moment(session.stale_since)},
          {"started_at", format_rfc3339(session.started_at)},
          {"ended_at", session_moment(session.ended_at)},
          {"final_pnl", session.final_pnl ? Json(session.final_pnl->to_string()) : Json()}};
}

void show_sessions(kernel::Sql& sql, const std::vector<Session>& sessions, Context& context,
                   Outcome& outcome) {
  const std::vector<strategy::SessionFigures> figures = strategy::figures_of(sql, ids_of(sessions));
  Table table({"session", "strategy", "symbol", "mode", "status", "trading", "engine", "holds", "pnl",
               "open orders", "last event", "reason"});
  Json list = Json::array();
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    const Session& session = sessions[i];
    list.push_back(session_json(session, figures[i]));
    std::string seen = session.last_event_at ? format_rfc3339(*session.last_event_at) : "";
    table.add({session.id, session.strategy, session.symbol, mode_cell(session), status_cell(session),
               trading_cell(session), engine_cell(session), strategy::shortest(figures[i].quantity),
               figures[i].pnl.to_string(), std::to_string(figures[i].open_orders),
               session.stale_since ? Cell(seen + " stale", Tone::warning) : Cell(seen),
               one_line(session.reason, kReasonBytes)});
  }
  outcome.table = table.empty() ? "" : table.text(context.options.color);
  outcome.data = list.dump();
}

std::string session_text(const Session& session) {
  return "session " + session.id + " (" + session.strategy + " on " + session.symbol + ", " +
         std::string(name_of(session.mode)) + ")";
}

void warn(Context& context, Outcome& outcome, std::string text) {
  context.log.warn(text);
  outcome.warnings.push_back(std::move(text));
}

void announce_sessions(Context& context, const std::vector<Session>& sessions, Outcome& outcome) {
  if (sessions.empty()) return;
  try {
    strategy::Redis redis(strategy::parse_redis_url(context.config.secret("redis.url")));
    for (const Session& session : sessions) strategy::announce_session(context.db(), redis, session);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
    warn(context, outcome,
         "redis was not told, engines find out from the rows within half a minute: " + error.message());
  }
}

}  // namespace am::cli
