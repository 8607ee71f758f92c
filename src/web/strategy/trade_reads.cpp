#include "trade_reads.hpp"

#include "session_sql.hpp"

namespace am::web {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;
using kernel::Statement;

/// Of a signal g, by the names that signal_line reads.
std::string signal_columns() {
  return "g.id::text AS signal_id, g.side AS signal_side, g.status AS signal_status, trim_scale(g.price)::text AS signal_price, "
         "trim_scale(g.quantity)::text AS signal_quantity, g.confidence::numeric::text AS confidence, g.metadata::text AS "
         "metadata, (SELECT string_agg(left(e.key, 40) || ': ' || left(e.value, 160), ', ' ORDER BY e.key) FROM (SELECT e.key, "
         "e.value FROM jsonb_each_text(CASE jsonb_typeof(g.metadata) WHEN 'object' THEN g.metadata ELSE '{}' END) e WHERE e.value "
         "IS NOT NULL ORDER BY e.key LIMIT 12) e) AS said, g.reason AS signal_reason, " +
         micros_sql("g.event_at", "event_at") + ", " + micros_sql("g.generated_at", "generated_at");
}

SignalLine signal_line(const Row& row) {
  return {.id = row.text("signal_id"),
          .side = row.text("signal_side"),
          .status = row.text("signal_status"),
          .price = row.decimal("signal_price"),
          .quantity = row.decimal("signal_quantity"),
          .confidence = row.decimal("confidence"),
          .metadata = row.text("metadata"),
          .said = row.maybe_text("said").value_or(""),
          .reason = row.maybe_text("signal_reason"),
          .event_at = row.maybe_micros("event_at"),
          .generated_at = row.micros("generated_at")};
}

std::string order_columns() {
  return "SELECT o.id::text AS id, o.client_order_id, o.broker, o.mode, o.side, o.status, o.vendor_status, o.reason, "
         "trim_scale(o.quantity)::text AS quantity, trim_scale(o.signal_price)::text AS signal_price, "
         "trim_scale(o.limit_price)::text AS limit_price, trim_scale(o.filled_quantity)::text AS filled_quantity, "
         "o.filled_value::text AS filled_value, o.fee::text AS fee, o.reserved::text AS reserved, " +
         micros_sql("o.placed_at", "placed_at") + ", " + micros_sql("o.cancel_at", "cancel_at") + ", " +
         micros_sql("o.closed_at", "closed_at") + ", " + micros_sql("o.created_at", "created_at") +
         " FROM trading.orders o WHERE o.session_id = $1::uuid";
}

}  // namespace

Statement trades_newest_first(const std::optional<std::string>& session,
                              const std::optional<std::string>& before, long long offset, int limit) {
  // Two statements, so that each has its index.
  const std::string whose = session ? "t.session_id = $1::uuid" : "$1::uuid IS NULL";
  return {
      "SELECT t.id::text AS id, t.session_id::text AS session_id, t.order_id::text AS order_id, s.mode, y.name AS strategy, "
      "t.symbol, t.side, trim_scale(t.quantity)::text AS quantity, trim_scale(t.price)::text AS price, t.value::text AS value, "
      "t.fee::text AS fee, trim_scale(t.fee_quantity)::text AS fee_quantity, t.cost::text AS cost, t.realised::text AS realised, " +
          micros_sql("t.booked_at", "booked_at") + ", o.reason AS order_reason, " + signal_columns() +
          " FROM trading.trades t JOIN trading.sessions s ON s.id = t.session_id JOIN trading.strategies y ON y.id = "
          "s.strategy_id JOIN trading.orders o ON o.id = t.order_id LEFT JOIN trading.signals g ON g.id = o.signal_id WHERE " +
          whose +
          " AND ($2::bigint IS NULL OR t.id < $2::bigint) ORDER BY t.id DESC OFFSET $3::bigint LIMIT $4::integer",
      sql_values(session, before, offset, limit)};
}

std::vector<TradeLine> trade_lines(const Rows& result) {
  std::vector<TradeLine> lines;
  for (const Row row : result) {
    TradeLine line{.id = row.text("id"),
                   .session_id = row.text("session_id"),
                   .order_id = row.text("order_id"),
                   .mode = row.text("mode"),
                   .strategy = row.text("strategy"),
                   .symbol = row.text("symbol"),
                   .side = row.text("side"),
                   .quantity = row.decimal("quantity"),
                   .price = row.decimal("price"),
                   .value = row.decimal("value"),
                   .fee = row.decimal("fee"),
                   .cost = row.decimal("cost"),
                   .realised = row.decimal("realised"),
                   .fee_quantity = row.decimal("fee_quantity"),
                   .booked_at = row.micros("booked_at"),
                   .order_reason = row.maybe_text("order_reason")};
    if (!row.is_null("signal_id")) line.signal = signal_line(row);
    lines.push_back(std::move(line));
  }
  return lines;
}

Statement signals_not_ordered(const std::string& session, int limit) {
  return {
      "SELECT " + signal_columns() +
          " FROM trading.signals g WHERE g.session_id = $1::uuid AND g.status IN ('refused', 'missed', 'expired') ORDER BY "
          "g.created_at DESC, g.id DESC LIMIT $2::integer",
      sql_values(session, limit)};
}

std::vector<SignalLine> signal_lines(const Rows& result) {
  std::vector<SignalLine> lines;
  for (const Row row : result) lines.push_back(signal_line(row));
  return lines;
}

Statement signal_counts_of(const std::string& session) {
  return {
      "SELECT g.status, count(*) AS times FROM trading.signals g WHERE g.session_id = $1::uuid GROUP BY g.status ORDER BY "
      "g.status",
      sql_values(session)};
}

std::vector<StatusCount> status_counts(const Rows& result) {
  std::vector<StatusCount> counts;
  for (const Row row : result) counts.push_back({row.text("status"), row.integer("times")});
  return counts;
}

Statement open_orders_of(const std::string& session, int limit) {
  return {
      order_columns() + " AND o.closed_at IS NULL ORDER BY o.created_at DESC, o.id DESC LIMIT $2::integer",
      sql_values(session, limit)};
}

Statement unfilled_orders_of(const std::string& session, int limit) {
  return {
      order_columns() +
          " AND o.closed_at IS NOT NULL AND o.filled_quantity < o.quantity ORDER BY o.created_at DESC, o.id DESC LIMIT "
          "$2::integer",
      sql_values(session, limit)};
}

std::vector<OrderLine> order_lines(const Rows& result) {
  std::vector<OrderLine> lines;
  for (const Row row : result) {
    lines.push_back({.id = row.text("id"),
                     .client_order_id = row.text("client_order_id"),
                     .broker = row.text("broker"),
                     .mode = row.text("mode"),
                     .side = row.text("side"),
                     .status = row.text("status"),
                     .quantity = row.decimal("quantity"),
                     .signal_price = row.decimal("signal_price"),
                     .limit_price = row.decimal("limit_price"),
                     .filled_quantity = row.decimal("filled_quantity"),
                     .filled_value = row.decimal("filled_value"),
                     .fee = row.decimal("fee"),
                     .reserved = row.decimal("reserved"),
                     .vendor_status = row.maybe_text("vendor_status"),
                     .reason = row.maybe_text("reason"),
                     .placed_at = row.maybe_micros("placed_at"),
                     .cancel_at = row.maybe_micros("cancel_at"),
                     .closed_at = row.maybe_micros("closed_at"),
                     .created_at = row.micros("created_at")});
  }
  return lines;
}

}  // namespace am::web
