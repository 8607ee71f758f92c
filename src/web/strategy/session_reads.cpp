#include "session_reads.hpp"

#include <map>

#include "session_sql.hpp"

namespace am::web {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;
using kernel::Statement;

std::string session_columns() {
  return "SELECT s.id::text AS id, s.user_id::text AS user_id, s.strategy_id::text AS strategy_id, y.name AS strategy, y.language, "
         "s.symbol, s.asset_type, s.timeframe, s.mode, s.status, s.trading, s.reason, s.epoch::text AS epoch, "
         "coalesce(s.lease_until > statement_timestamp(), false) AS held, " +
         micros_sql("s.lease_until", "lease_until") + ", " + micros_sql("s.last_event_at", "last_event_at") +
         ", " + micros_sql("s.stale_since", "stale_since") + ", " + micros_sql("s.started_at", "started_at") +
         ", " + micros_sql("s.ended_at", "ended_at") +
         ", s.final_pnl::text AS final_pnl, t.trades, t.realised::text AS realised, t.fees::text AS fees, "
         "trim_scale(p.quantity)::text AS quantity, p.cost::text AS cost, trim_scale(round(p.cost / p.quantity, 9))::text AS average, trim_scale(m.price)::text AS price, " +
         micros_sql("m.at", "price_at") +
         ", round(p.quantity * m.price, 2)::text AS value FROM trading.sessions s JOIN trading.strategies y ON y.id = s.strategy_id "
         "CROSS JOIN LATERAL (SELECT count(*) AS trades, coalesce(sum(t.realised), 0.00) AS realised, coalesce(sum(t.fee), "
         "0.00) AS fees FROM trading.trades t WHERE t.session_id = s.id) t LEFT JOIN trading.positions p ON p.session_id = s.id "
         "AND p.symbol = s.symbol AND p.quantity > 0 LEFT JOIN LATERAL (" +
         last_price() + ") m ON p.quantity > 0";
}

HoldingLine holding(const Row& row) {
  return {.mode = row.text("mode"),
          .symbol = row.text("symbol"),
          .asset_type = row.text("asset_type"),
          .quantity = row.decimal("quantity"),
          .cost = row.decimal("cost"),
          .average = row.decimal("average"),
          .price = row.maybe_decimal("price"),
          .value = row.maybe_decimal("value"),
          .price_at = row.maybe_micros("price_at")};
}

SessionLine session_line(const Row& row) {
  SessionLine line{.id = row.text("id"),
                   .user_id = row.text("user_id"),
                   .strategy_id = row.text("strategy_id"),
                   .strategy = row.text("strategy"),
                   .language = row.text("language"),
                   .symbol = row.text("symbol"),
                   .asset_type = row.text("asset_type"),
                   .timeframe = row.text("timeframe"),
                   .mode = row.text("mode"),
                   .status = row.text("status"),
                   .trading = row.text("trading"),
                   .epoch = row.text("epoch"),
                   .reason = row.maybe_text("reason"),
                   .held = row.boolean("held"),
                   .lease_until = row.maybe_micros("lease_until"),
                   .last_event_at = row.maybe_micros("last_event_at"),
                   .stale_since = row.maybe_micros("stale_since"),
                   .ended_at = row.maybe_micros("ended_at"),
                   .started_at = row.micros("started_at"),
                   .trades = row.integer("trades"),
                   .realised = row.decimal("realised"),
                   .fees = row.decimal("fees"),
                   .final_pnl = row.maybe_decimal("final_pnl")};
  if (!row.is_null("quantity")) line.position = holding(row);
  return line;
}

/// The users of a page of the list, as their ids.
constexpr std::string_view kSomeUsers =
    "(SELECT u.id FROM trading.users u WHERE $1::uuid IS NULL OR u.id > $1::uuid ORDER BY u.id LIMIT $2::integer)";

}  // namespace

std::optional<Decimal> HoldingLine::unrealised() const {
  return value ? std::optional(*value - cost) : std::nullopt;
}

Decimal SessionLine::pnl() const {
  Decimal all = realised - fees;
  if (position) all += position->unrealised().value_or(Decimal());
  return all;
}

Statement sessions_newest_first(const std::optional<std::string>& after, int limit) {
  return {
      session_columns() +
          " WHERE $1::uuid IS NULL OR (s.started_at, s.id) < (SELECT a.started_at, a.id FROM trading.sessions a WHERE a.id = "
          "$1::uuid) ORDER BY s.started_at DESC, s.id DESC LIMIT $2::integer",
      sql_values(after, limit)};
}

Statement sessions_running_first(long long offset, int limit) {
  return {
      session_columns() +
          " ORDER BY (s.status = 'RUNNING') DESC, s.started_at DESC, s.id DESC OFFSET $1::bigint LIMIT $2::integer",
      sql_values(offset, limit)};
}

Statement session_by_id(const std::string& id) {
  return {session_columns() + " WHERE s.id = $1::uuid", sql_values(id)};
}

std::vector<SessionLine> session_lines(const Rows& result) {
  std::vector<SessionLine> lines;
  for (const Row row : result) lines.push_back(session_line(row));
  return lines;
}

Statement ask_trading_switch() { return {"SELECT w.trading, w.reason FROM trading.switch w", {}}; }

TradingSwitch trading_switch(const Rows& result) {
  if (result.empty()) return {};
  return {result[0].text("trading"), result[0].maybe_text("reason")};
}

Decimal AccountLine::worth() const {
  Decimal sum = Decimal::of("0.00");
  for (const HoldingLine& each : positions) sum += each.value.value_or(each.cost);
  return sum;
}

std::vector<Statement> ask_accounts(const std::optional<std::string>& after, int limit) {
  const std::string users(kSomeUsers);
  return {
      {"SELECT u.id::text AS user_id, u.virtual_balance::text AS cash, u.reserved::text AS reserved, coalesce(t.realised, "
       "0.00)::text AS realised, coalesce(t.fees, 0.00)::text AS fees, coalesce(t.trades, 0) AS trades FROM trading.users u LEFT "
       "JOIN (SELECT t.user_id, sum(t.realised) AS realised, sum(t.fee) AS fees, count(*) AS trades FROM trading.trades t GROUP "
       "BY t.user_id) t ON t.user_id = u.id WHERE u.id IN " +
           users + " ORDER BY u.id",
       sql_values(after, limit)},
      {"SELECT h.user_id::text AS user_id, h.mode, h.symbol, h.asset_type, trim_scale(h.quantity)::text AS quantity, h.cost::text "
       "AS cost, trim_scale(round(h.cost / h.quantity, 9))::text AS average, trim_scale(h.price)::text AS price, " +
           micros_sql("h.at", "price_at") +
           ", round(h.quantity * h.price, 2)::text AS value FROM (SELECT s.user_id, s.mode, p.symbol, s.asset_type, "
           "sum(p.quantity) AS quantity, sum(p.cost) AS cost, (array_agg(m.price ORDER BY m.at DESC NULLS LAST))[1] AS price, "
           "max(m.at) AS at FROM trading.positions p JOIN trading.sessions s ON s.id = p.session_id LEFT JOIN LATERAL (" +
           last_price() + ") m ON true WHERE p.quantity > 0 AND s.user_id IN " + users +
           " GROUP BY s.user_id, s.mode, p.symbol, s.asset_type) h ORDER BY h.user_id, h.mode, h.symbol, h.asset_type",
       sql_values(after, limit)}};
}

std::vector<AccountLine> account_lines(const Rows& accounts, const Rows& positions) {
  std::vector<AccountLine> lines;
  std::map<std::string, std::size_t> places;
  for (const Row row : accounts) {
    places[row.text("user_id")] = lines.size();
    lines.push_back({.user_id = row.text("user_id"),
                     .cash = row.decimal("cash"),
                     .reserved = row.decimal("reserved"),
                     .realised = row.decimal("realised"),
                     .fees = row.decimal("fees"),
                     .trades = row.integer("trades")});
  }
  for (const Row row : positions) {
    const auto found = places.find(row.text("user_id"));
    if (found != places.end()) lines[found->second].positions.push_back(holding(row));
  }
  return lines;
}

}  // namespace am::web
