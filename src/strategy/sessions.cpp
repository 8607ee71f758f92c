// Reading sessions.

#include "am/strategy/sessions.hpp"

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"
#include "session_rows.hpp"

namespace am::strategy {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

namespace {

constexpr std::string_view kHint = "list them with: am strategy sessions";

template <class Enum>
Enum word_of(std::optional<Enum> (*parse)(std::string_view), const Row& row, const char* column) {
  const auto value = parse(row.text(column));
  if (!value)
    throw Error(ErrorKind::bug,
                std::string("sessions: ") + column + " " + shown(row.text(column)) + " is none of ours");
  return *value;
}

std::string micros(std::string_view column) {
  return "(extract(epoch FROM s." + std::string(column) + ") * 1000000)::bigint AS " + std::string(column);
}

std::vector<Session> sessions_of(const Rows& rows) {
  std::vector<Session> all;
  for (const Row row : rows) all.push_back(session_of(row));
  return all;
}

template <class Enum>
kernel::SqlValue name_or_null(const std::optional<Enum>& value) {
  return value ? kernel::sql_value(name_of(*value)) : std::nullopt;
}

kernel::SqlValue text_or_null(const std::string& text) {
  return text.empty() ? std::nullopt : kernel::sql_value(text);
}

}  // namespace

std::string session_columns() {
  return "s.id::text AS id, s.user_id::text AS user_id, u.email, s.strategy_id::text AS strategy_id, t.name AS strategy, "
         "s.symbol, s.timeframe, s.asset_type, s.mode, s.status, s.trading, coalesce(s.reason, '') AS reason, s.epoch, "
         "coalesce(s.holder::text, '') AS holder, coalesce(s.lease_until > statement_timestamp(), false) AS lease_live, "
         "s.final_pnl::text AS final_pnl, " +
         micros("lease_until") + ", " + micros("last_event_at") + ", " + micros("stale_since") + ", " +
         micros("started_at") + ", " + micros("ended_at");
}

Session session_of(const Row& row) {
  Session session;
  session.id = row.text("id");
  session.user_id = row.text("user_id");
  session.user = row.text("email");
  session.strategy_id = row.text("strategy_id");
  session.strategy = row.text("strategy");
  session.symbol = row.text("symbol");
  session.timeframe = row.text("timeframe");
  session.asset = word_of(asset_type_of, row, "asset_type");
  session.mode = word_of(mode_of, row, "mode");
  session.status = word_of(session_status_of, row, "status");
  session.trading = word_of(trading_of, row, "trading");
  session.reason = row.text("reason");
  session.epoch = row.integer("epoch");
  session.holder = row.text("holder");
  session.lease_until = row.maybe_micros("lease_until");
  session.lease_live = row.boolean("lease_live");
  session.last_event_at = row.maybe_micros("last_event_at");
  session.stale_since = row.maybe_micros("stale_since");
  session.started_at = row.micros("started_at");
  session.ended_at = row.maybe_micros("ended_at");
  session.final_pnl = row.maybe_decimal("final_pnl");
  return session;
}

Error no_session(std::string_view name) {
  return Error(ErrorKind::no_input, "no session " + shown(name), kHint);
}

std::string canonical_session_id(const std::string& id) {
  const auto uuid = canonical_uuid(id);
  if (!uuid) throw no_session(id);
  return *uuid;
}

std::vector<Session> list_sessions(kernel::Sql& sql, const SessionFilter& filter) {
  return sessions_of(sql.query(
      "SELECT " + session_columns() + std::string(kSessionTables) +
          "WHERE ($1::text IS NULL OR s.asset_type = $1) AND ($2::text IS NULL OR s.mode = $2) AND ($3::text IS NULL "
          "OR s.status = $3) AND ($4::text IS NULL OR t.name = $4) AND ($5::text IS NULL OR s.symbol = $5) AND "
          "($6::text IS NULL OR u.email = $6) ORDER BY s.started_at DESC, s.id DESC LIMIT $7::int",
      sql_values(name_or_null(filter.asset), name_or_null(filter.mode), name_or_null(filter.status),
                 text_or_null(filter.strategy), text_or_null(filter.symbol), text_or_null(filter.user),
                 filter.limit)));
}

std::optional<Session> find_session(kernel::Sql& sql, const std::string& id) {
  const auto uuid = canonical_uuid(id);
  if (!uuid) return std::nullopt;
  const Rows rows =
      sql.query("SELECT " + session_columns() + std::string(kSessionTables) + "WHERE s.id = $1::uuid",
                sql_values(*uuid));
  return rows.empty() ? std::nullopt : std::optional(session_of(rows[0]));
}

Session lock_session(kernel::Transaction& tx, const std::string& id) {
  const Rows rows = tx.query("SELECT " + session_columns() + std::string(kSessionTables) +
                                 "WHERE s.id = $1::uuid FOR NO KEY UPDATE OF s",
                             sql_values(canonical_session_id(id)));
  if (rows.empty()) throw no_session(id);
  return session_of(rows[0]);
}

Session load_session(kernel::Sql& sql, std::string_view name) {
  if (canonical_uuid(name)) {
    auto session = find_session(sql, std::string(name));
    if (!session) throw no_session(name);
    return std::move(*session);
  }
  const std::string strategy(name);
  const std::vector<Session> running =
      list_sessions(sql, {.status = SessionStatus::running, .strategy = strategy, .limit = 3});
  if (running.size() == 1) return running[0];
  if (running.size() > 1)
    throw Error(ErrorKind::usage,
                "strategy " + shown(name) + ": several of its sessions run (expected a session's id)",
                std::string(kHint));
  const std::vector<Session> ended = list_sessions(sql, {.strategy = strategy, .limit = 1});
  if (ended.empty()) throw no_session(name);
  return ended[0];
}

std::vector<std::string> running_symbols(kernel::Sql& sql, AssetType asset) {
  const Rows rows = sql.query(
      "SELECT DISTINCT symbol COLLATE \"C\" AS symbol FROM trading.sessions WHERE status = 'RUNNING' AND asset_type = $1 ORDER BY "
      "1",
      sql_values(name_of(asset)));
  std::vector<std::string> symbols;
  for (const Row row : rows) symbols.push_back(row.text("symbol"));
  return symbols;
}

bool is_traded(kernel::Sql& sql, AssetType asset, const std::string& symbol) {
  return sql
      .query(
          "SELECT EXISTS (SELECT FROM trading.sessions WHERE status = 'RUNNING' AND asset_type = $1 AND symbol = $2) AS traded",
          sql_values(name_of(asset), symbol))
      .only()
      .boolean("traded");
}

std::map<std::string, Position> positions_of(kernel::Sql& sql, std::span<const std::string> session_ids) {
  std::vector<kernel::SqlValue> ids;
  for (const std::string& id : session_ids) ids.push_back(kernel::sql_value(id));
  const Rows rows = sql.query(
      "SELECT p.session_id::text AS id, p.quantity::text AS quantity, p.cost::text AS cost FROM trading.positions p JOIN "
      "trading.sessions s ON s.id = p.session_id AND s.symbol = p.symbol WHERE p.session_id = ANY($1::uuid[]) AND p.quantity > 0",
      sql_values(kernel::sql_array(ids)));
  std::map<std::string, Position> all;
  for (const Row row : rows)
    all[row.text("id")] = {row.decimal("quantity").to_double(), row.decimal("cost").to_double()};
  return all;
}

std::vector<SessionFigures> figures_of(kernel::Sql& sql, std::span<const std::string> session_ids) {
  std::vector<kernel::SqlValue> ids;
  for (const std::string& id : session_ids) ids.push_back(kernel::sql_value(id));
  const Rows rows = sql.query(
      "SELECT coalesce(p.quantity, 0)::text AS quantity, coalesce(p.cost, 0)::text AS cost, t.pnl::text AS pnl, t.trades, "
      "o.open FROM unnest($1::uuid[]) WITH ORDINALITY AS a(id, place) LEFT JOIN trading.sessions s ON s.id = a.id LEFT JOIN "
      "trading.positions p ON p.session_id = s.id AND p.symbol = s.symbol, LATERAL (SELECT coalesce(sum(realised - fee), 0) AS "
      "pnl, count(*) AS trades FROM trading.trades WHERE session_id = a.id) t, LATERAL (SELECT count(*) AS open FROM "
      "trading.orders WHERE session_id = a.id AND closed_at IS NULL) o ORDER BY a.place",
      sql_values(kernel::sql_array(ids)));
  std::vector<SessionFigures> all;
  for (const Row row : rows)
    all.push_back({.quantity = row.decimal("quantity"),
                   .cost = row.decimal("cost"),
                   .pnl = row.decimal("pnl"),
                   .open_orders = static_cast<int>(row.integer("open")),
                   .trades = static_cast<int>(row.integer("trades"))});
  return all;
}

std::vector<std::string> sessions_that_hold(kernel::Sql& sql) {
  const Rows rows = sql.query(
      "SELECT s.id::text AS id FROM trading.sessions s WHERE EXISTS (SELECT FROM trading.positions p WHERE p.session_id = s.id AND "
      "p.quantity > 0) ORDER BY s.started_at, s.id");
  std::vector<std::string> ids;
  for (const Row row : rows) ids.push_back(row.text("id"));
  return ids;
}

bool is_gateway_alive(kernel::Sql& sql) {
  return sql
      .query(
          "SELECT EXISTS (SELECT FROM trading.gateways WHERE lease_until > statement_timestamp()) AS alive")
      .only()
      .boolean("alive");
}

}  // namespace am::strategy
