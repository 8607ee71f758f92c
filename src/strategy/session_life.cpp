// Sessions begin and end.

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/kernel/ids.hpp"
#include "am/kernel/ledger.hpp"
#include "am/market/symbol.hpp"
#include "am/strategy/sessions.hpp"
#include "session_rows.hpp"

namespace am::strategy {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;
using Json = nlohmann::ordered_json;

namespace {

bool is_currency(std::string_view text) {
  constexpr std::size_t kLongest = 15;
  if (text.empty() || text.size() > kLongest) return false;
  for (const char c : text)
    if ((c < 'A' || c > 'Z') && (c < '0' || c > '9')) return false;
  return true;
}

bool is_pair(std::string_view symbol) {
  const std::size_t slash = symbol.find('/');
  return slash != std::string_view::npos && is_currency(symbol.substr(0, slash)) &&
         is_currency(symbol.substr(slash + 1));
}

/// A letter or digit, then also '.', '-' and '_'.
bool is_stock(std::string_view symbol) {
  if (!market::is_symbol(symbol)) return false;
  for (std::size_t i = 0; i < symbol.size(); ++i) {
    const char c = symbol[i];
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && (i == 0 || (c != '.' && c != '-' && c != '_'))) return false;
  }
  return true;
}

std::optional<Session> running_twin(kernel::Sql& sql, const StrategyRow& strategy, const std::string& symbol,
                                    const NewSession& request) {
  const Rows rows = sql.query(
      "SELECT " + session_columns() + std::string(kSessionTables) +
          "WHERE s.strategy_id = $1::uuid AND s.symbol = $2 AND s.timeframe = $3 AND s.mode = $4 AND s.status = 'RUNNING' "
          "ORDER BY s.started_at, s.id LIMIT 1",
      sql_values(strategy.id, symbol, request.timeframe, name_of(request.mode)));
  return rows.empty() ? std::nullopt : std::optional(session_of(rows[0]));
}

void tell(kernel::Sql& sql, std::string_view kind, const std::string& id, const Json& data) {
  kernel::Ledger::event(sql, kind, {}, {}, data.dump(), "session " + id);
}

/// Money shares its cash with nothing: what a rehearsal earned on made prices is no balance for an order of a live session.
void require_own_cash(kernel::Transaction& tx, const std::string& user_id, const std::string& user,
                      Mode mode) {
  tx.query("SELECT FROM trading.users WHERE id = $1::uuid FOR NO KEY UPDATE", sql_values(user_id));
  const Rows others = tx.query(
      "SELECT mode FROM trading.sessions WHERE user_id = $1::uuid AND (mode = 'live') <> ($2 = 'live') LIMIT 1",
      sql_values(user_id, name_of(mode)));
  if (others.empty()) return;
  throw Error(
      ErrorKind::usage,
      "user " + shown(user) + ": has sessions of mode " + others[0].text("mode") +
          ", with which a session of mode " + std::string(name_of(mode)) + " would share its cash",
      "give live sessions a user of their own: am strategy add … --user EMAIL, and start it with --user");
}

}  // namespace

AssetType asset_of_symbol(std::string_view symbol) {
  return is_pair(to_upper(symbol)) ? AssetType::crypto : AssetType::stock;
}

std::string tradable_symbol(std::string_view symbol, AssetType asset) {
  if (asset == AssetType::crypto) {
    std::string pair = to_upper(symbol);
    if (!is_pair(pair))
      throw Error(ErrorKind::usage,
                  "symbol " + shown(symbol) + ": no pair of currencies (expected for example BTC/USD)");
    return pair;
  }
  std::string share = market::canonical_symbol(symbol);
  if (!is_stock(share))
    throw Error(ErrorKind::usage,
                "symbol " + shown(symbol) + ": no share's symbol (expected for example AAPL)");
  return share;
}

StartedSession start_session(kernel::Transaction& tx, const NewSession& request) {
  const StrategyRow strategy = load_strategy(tx, request.user, request.strategy);
  // One start at a time, and none of a strategy that is being retired.
  const Rows locked = tx.query(
      "SELECT id FROM trading.strategies WHERE id = $1::uuid AND retired_at IS NULL FOR NO KEY UPDATE",
      sql_values(strategy.id));
  if (locked.empty())
    throw Error(ErrorKind::busy, "strategy " + shown(request.strategy) + ": it was changed a moment ago",
                "start it again");
  const std::string wanted = request.symbol.empty() ? strategy.symbol : request.symbol;
  const AssetType asset = request.asset.value_or(asset_of_symbol(wanted));
  const std::string symbol = tradable_symbol(wanted, asset);
  if (!timeframe_length(request.timeframe))
    throw Error(ErrorKind::usage,
                "timeframe " + shown(request.timeframe) + ": not one (expected for example 1m)");
  if (auto twin = running_twin(tx, strategy, symbol, request)) return {std::move(*twin), false};
  require_own_cash(tx, strategy.user_id, request.user, request.mode);
  const std::string id = kernel::new_id();
  tx.query(
      "INSERT INTO trading.sessions (id, user_id, strategy_id, symbol, asset_type, timeframe, mode, started_at, updated_at) VALUES "
      "($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8::timestamptz, clock_timestamp())",
      sql_values(id, strategy.user_id, strategy.id, symbol, name_of(asset), request.timeframe,
                 name_of(request.mode), request.now));
  tell(tx, "session_started", id,
       {{"strategy", strategy.spec.name},
        {"symbol", symbol},
        {"type", name_of(asset)},
        {"mode", name_of(request.mode)}});
  return {lock_session(tx, id), true};
}

bool end_session(kernel::Transaction& tx, const std::string& id, SessionStatus as, std::string_view reason,
                 Instant now) {
  if (as == SessionStatus::running) throw Error(ErrorKind::bug, "a session does not end as RUNNING");
  const Session session = lock_session(tx, id);
  if (!session.is_running()) return false;
  const std::string why = one_line(reason);
  tx.query(
      "UPDATE trading.sessions SET status = $2, ended_at = greatest($3::timestamptz, started_at), reason = nullif($4, ''), "
      "holder = NULL, lease_until = NULL, stale_since = NULL, updated_at = clock_timestamp() WHERE id = $1::uuid",
      sql_values(session.id, name_of(as), now, why));
  settle_pnl(tx, session.id);
  tell(tx, as == SessionStatus::failed ? "session_failed" : "session_stopped", session.id,
       {{"strategy", session.strategy},
        {"symbol", session.symbol},
        {"mode", name_of(session.mode)},
        {"reason", why}});
  return true;
}

bool set_trading(kernel::Transaction& tx, const std::string& id, Trading trading, std::string_view reason) {
  const Session session = lock_session(tx, id);
  if (session.trading == trading) return false;
  const std::string why = one_line(reason);
  tx.query(
      "UPDATE trading.sessions SET trading = $2, reason = nullif($3, ''), updated_at = clock_timestamp() WHERE id = $1::uuid",
      sql_values(session.id, name_of(trading), why));
  tell(tx, "session_trading", session.id,
       {{"was", name_of(session.trading)},
        {"now", name_of(trading)},
        {"mode", name_of(session.mode)},
        {"reason", why}});
  return true;
}

void settle_pnl(kernel::Sql& sql, const std::string& id) {
  sql.query(
      "UPDATE trading.sessions SET final_pnl = (SELECT coalesce(sum(realised - fee), 0) FROM trading.trades WHERE session_id = "
      "$1::uuid), updated_at = clock_timestamp() WHERE id = $1::uuid AND status <> 'RUNNING'",
      sql_values(canonical_session_id(id)));
}

}  // namespace am::strategy
