#include "am/strategy/trace.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"

namespace am::strategy {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

namespace {

std::string as_micros(const std::string& column) {
  return "(extract(epoch FROM " + column + ") * 1000000)::bigint AS " + column.substr(column.find('.') + 1);
}

/// Signal and order by any of their names: "" where there is none.
struct TraceIds {
  std::string signal, order;
};

TraceIds find_ids(kernel::Sql& sql, std::string_view name) {
  const auto uuid = canonical_uuid(name);
  const Rows orders =
      uuid
          ? sql.query(
                "SELECT id::text AS id, signal_id::text AS signal_id FROM trading.orders WHERE id = $1::uuid OR "
                "signal_id = $1::uuid OR client_order_id = $2 OR broker_order_id = $2",
                sql_values(*uuid, name))
          : sql.query(
                "SELECT id::text AS id, signal_id::text AS signal_id FROM trading.orders WHERE client_order_id = "
                "$1 OR broker_order_id = $1",
                sql_values(name));
  if (!orders.empty()) return {orders[0].maybe_text("signal_id").value_or(""), orders[0].text("id")};
  if (uuid && !sql.query("SELECT 1 FROM trading.signals WHERE id = $1::uuid", sql_values(*uuid)).empty())
    return {*uuid, ""};
  throw Error(ErrorKind::no_input, "no order or signal " + shown(name),
              "its id, its signal's, or the broker's: am strategy sessions and the API list them");
}

std::vector<TraceCheck> checks_of(const std::string& json) {
  std::vector<TraceCheck> checks;
  const auto all = nlohmann::json::parse(json, nullptr, false);
  if (!all.is_array()) return checks;
  for (const auto& each : all)
    if (each.is_object())
      checks.push_back({each.value("check", ""), each.value("says", ""), each.value("ok", false)});
  return checks;
}

TraceSignal read_trace_signal(kernel::Sql& sql, const std::string& id) {
  const Rows rows = sql.query(
      "SELECT g.id::text AS id, g.side, trim_scale(g.price)::text AS price, trim_scale(g.quantity)::text AS quantity, "
      "g.confidence::text AS confidence, g.metadata::text AS metadata, g.status, g.reason, g.checks::text AS checks, "
      "g.answer_status, g.answer, " +
          as_micros("g.event_at") + ", " + as_micros("g.generated_at") + ", " + as_micros("g.created_at") +
          " FROM trading.signals g WHERE g.id = $1::uuid",
      sql_values(id));
  const Row row = rows.only();
  TraceSignal signal{.id = row.text("id"),
                     .side = row.text("side"),
                     .price = row.text("price"),
                     .quantity = row.text("quantity"),
                     .confidence = row.text("confidence"),
                     .metadata = row.text("metadata"),
                     .status = row.text("status"),
                     .reason = row.maybe_text("reason").value_or(""),
                     .event_at = row.maybe_micros("event_at"),
                     .generated_at = row.micros("generated_at"),
                     .created_at = row.micros("created_at"),
                     .checks = checks_of(row.maybe_text("checks").value_or("")),
                     .answer = row.maybe_text("answer").value_or("")};
  if (!row.is_null("answer_status")) signal.answer_status = static_cast<int>(row.integer("answer_status"));
  return signal;
}

TraceOrder read_trace_order(kernel::Sql& sql, const std::string& id) {
  const Rows rows = sql.query(
      "SELECT o.id::text AS id, o.client_order_id, o.broker, o.broker_order_id, o.side, trim_scale(o.quantity)::text AS quantity, "
      "trim_scale(o.signal_price)::text AS signal_price, trim_scale(o.limit_price)::text AS limit_price, o.status, o.vendor_status, "
      "o.reason, trim_scale(o.filled_quantity)::text AS filled_quantity, o.filled_value::text AS filled_value, o.fee::text AS fee, "
      "trim_scale(o.fee_quantity)::text AS fee_quantity, o.reserved::text AS reserved, " +
          as_micros("o.created_at") + ", " + as_micros("o.placed_at") + ", " +
          as_micros("o.cancel_asked_at") + ", " + as_micros("o.closed_at") +
          " FROM trading.orders o WHERE o.id = $1::uuid",
      sql_values(id));
  const Row row = rows.only();
  return {.id = row.text("id"),
          .client_order_id = row.text("client_order_id"),
          .broker = row.text("broker"),
          .broker_order_id = row.maybe_text("broker_order_id").value_or(""),
          .side = row.text("side"),
          .quantity = row.text("quantity"),
          .signal_price = row.text("signal_price"),
          .limit_price = row.text("limit_price"),
          .status = row.text("status"),
          .vendor_status = row.maybe_text("vendor_status").value_or(""),
          .reason = row.maybe_text("reason").value_or(""),
          .filled_quantity = row.text("filled_quantity"),
          .filled_value = row.text("filled_value"),
          .fee = row.text("fee"),
          .fee_quantity = row.text("fee_quantity"),
          .reserved = row.text("reserved"),
          .created_at = row.micros("created_at"),
          .placed_at = row.maybe_micros("placed_at"),
          .cancel_asked_at = row.maybe_micros("cancel_asked_at"),
          .closed_at = row.maybe_micros("closed_at")};
}

void read_booked(kernel::Sql& sql, const std::string& order_id, Trace& trace) {
  for (
      const Row row : sql.query(
          "SELECT t.id, trim_scale(t.quantity)::text AS quantity, trim_scale(t.cumulative_quantity)::text AS cumulative_quantity, "
          "trim_scale(t.price)::text AS price, t.value::text AS value, t.fee::text AS fee, trim_scale(t.fee_quantity)::text AS "
          "fee_quantity, t.cost::text AS cost, t.realised::text AS realised, " +
              as_micros("t.booked_at") + " FROM trading.trades t WHERE t.order_id = $1::uuid ORDER BY t.id",
          sql_values(order_id)))
    trace.trades.push_back({row.integer("id"), row.text("quantity"), row.text("cumulative_quantity"),
                            row.text("price"), row.text("value"), row.text("fee"), row.text("fee_quantity"),
                            row.text("cost"), row.text("realised"), row.micros("booked_at")});
  for (const Row row : sql.query(
           "SELECT c.kind, c.amount::text AS amount, c.balance::text AS balance, c.trade_id, " +
               as_micros("c.created_at") +
               " FROM trading.cash_entries c JOIN trading.trades t ON t.id = c.trade_id WHERE t.order_id = "
               "$1::uuid ORDER BY c.id",
           sql_values(order_id)))
    trace.cash.push_back({row.text("kind"), row.text("amount"), row.text("balance"), row.integer("trade_id"),
                          row.micros("created_at")});
}

double double_of(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<Bar> read_trace_bar(kernel::Sql& sql, const Trace& trace, Instant start) {
  const Rows rows = sql.query(
      "SELECT o::text AS o, h::text AS h, l::text AS l, c::text AS c, v::text AS v FROM market.bars WHERE symbol = $1 AND timeframe = "
      "$2 AND ts = $3::timestamptz",
      sql_values(trace.symbol, trace.timeframe, start));
  if (rows.empty()) return std::nullopt;
  const Row row = rows[0];
  return Bar{.start = start.time_since_epoch().count(),
             .open = double_of(row.text("o")),
             .high = double_of(row.text("h")),
             .low = double_of(row.text("l")),
             .close = double_of(row.text("c")),
             .volume = double_of(row.text("v"))};
}

}  // namespace

Trace trace_order(kernel::Sql& sql, std::string_view name) {
  const TraceIds ids = find_ids(sql, name);
  Trace trace;
  const Rows rows = sql.query(
      "SELECT s.id::text AS id, s.symbol, s.timeframe, s.mode, t.name AS strategy FROM trading.sessions s JOIN trading.strategies t ON "
      "t.id = s.strategy_id WHERE s.id = coalesce((SELECT session_id FROM trading.orders WHERE id = nullif($1, '')::uuid), (SELECT "
      "session_id FROM trading.signals WHERE id = nullif($2, '')::uuid))",
      sql_values(ids.order, ids.signal));
  const Row row = rows.only();
  trace.session_id = row.text("id");
  trace.strategy = row.text("strategy");
  trace.symbol = row.text("symbol");
  trace.timeframe = row.text("timeframe");
  trace.mode = mode_of(row.text("mode")).value_or(Mode::paper);
  if (!ids.signal.empty()) trace.signal = read_trace_signal(sql, ids.signal);
  if (trace.signal && trace.signal->event_at) trace.bar = read_trace_bar(sql, trace, *trace.signal->event_at);
  if (ids.order.empty()) return trace;
  trace.order = read_trace_order(sql, ids.order);
  read_booked(sql, ids.order, trace);
  return trace;
}

}  // namespace am::strategy
