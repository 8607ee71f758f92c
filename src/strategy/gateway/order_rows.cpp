#include "order_rows.hpp"

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"

namespace am::strategy {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;
using Json = nlohmann::ordered_json;

namespace {

/// Beside what is locked: a process that freezes over its locks does not keep others, a halt before all, from theirs.
constexpr std::string_view kEndIfFrozen =
    "set_config('idle_in_transaction_session_timeout', '5000', true) AS frozen";

std::string micros_column(const char* name) {
  return std::string(", (extract(epoch FROM o.") + name + ") * 1000000)::bigint AS " + name;
}

}  // namespace

OrderRequest OrderRow::request() const {
  return {.client_order_id = client_order_id,
          .symbol = symbol,
          .asset = asset,
          .side = side,
          .quantity = quantity,
          .limit_price = limit_price,
          .signal_price = signal_price};
}

BrokerOrder OrderRow::at_broker() const {
  BrokerOrder order;
  order.client_order_id = client_order_id;
  order.broker_order_id = broker_order_id;
  order.status = vendor_status;
  order.open = !closed();
  order.filled_quantity = filled.quantity;
  return order;
}

std::string order_columns() {
  return "o.id::text AS id, o.client_order_id, o.signal_id::text AS signal_id, o.session_id::text AS session_id, "
         "o.user_id::text AS user_id, o.broker, o.mode, o.symbol, o.asset_type, o.side, o.quantity::text AS quantity, "
         "o.signal_price::text AS signal_price, o.limit_price::text AS limit_price, o.status, o.vendor_status, "
         "o.broker_order_id, o.reason, o.filled_quantity::text AS filled_quantity, o.filled_value::text AS filled_value, "
         "o.fee::text AS fee, o.fee_quantity::text AS fee_quantity, o.reserved::text AS reserved" +
         micros_column("created_at") + micros_column("placed_at") + micros_column("cancel_at") +
         micros_column("cancel_asked_at") + micros_column("not_before");
}

OrderRow order_of(const Row& row) {
  OrderRow order;
  order.id = row.text("id");
  order.client_order_id = row.text("client_order_id");
  order.signal_id = row.maybe_text("signal_id").value_or("");
  order.session_id = row.text("session_id");
  order.user_id = row.text("user_id");
  order.broker = row.text("broker");
  order.mode = mode_of(row.text("mode")).value_or(Mode::paper);
  order.asset = asset_type_of(row.text("asset_type")).value_or(AssetType::stock);
  order.symbol = row.text("symbol");
  order.side = side_of(row.text("side")).value_or(Side::buy);
  order.quantity = row.decimal("quantity");
  order.signal_price = row.decimal("signal_price");
  order.limit_price = row.decimal("limit_price");
  order.status = row.text("status");
  order.vendor_status = row.maybe_text("vendor_status").value_or("");
  order.broker_order_id = row.maybe_text("broker_order_id").value_or("");
  order.reason = row.maybe_text("reason").value_or("");
  order.filled = {row.decimal("filled_quantity"), row.decimal("filled_value"), row.decimal("fee"),
                  row.decimal("fee_quantity")};
  order.reserved = row.decimal("reserved");
  order.created_at = row.maybe_micros("created_at");
  order.placed_at = row.maybe_micros("placed_at");
  order.cancel_at = row.maybe_micros("cancel_at");
  order.cancel_asked_at = row.maybe_micros("cancel_asked_at");
  order.not_before = row.maybe_micros("not_before");
  return order;
}

std::optional<OrderRow> find_order(kernel::Sql& sql, const std::string& id) {
  const Rows rows =
      sql.query("SELECT " + order_columns() + " FROM trading.orders o WHERE o.id = $1::uuid", sql_values(id));
  return rows.empty() ? std::nullopt : std::optional(order_of(rows[0]));
}

OrderRow lock_order(kernel::Sql& sql, const std::string& id) {
  const Rows rows =
      sql.query("SELECT " + order_columns() + " FROM trading.orders o WHERE o.id = $1::uuid FOR UPDATE",
                sql_values(id));
  return order_of(rows.only());
}

std::optional<LockedSession> lock_trading_session(kernel::Sql& sql, const std::string& id) {
  const Rows rows = sql.query(
      "SELECT id::text AS id, user_id::text AS user_id, strategy_id::text AS strategy_id, symbol, timeframe, asset_type, mode, "
      "status, trading, reason, epoch, peak_equity::text AS peak_equity, " +
          std::string(kEndIfFrozen) + " FROM trading.sessions WHERE id = $1::uuid FOR NO KEY UPDATE",
      sql_values(id));
  if (rows.empty()) return std::nullopt;
  const Row row = rows[0];
  LockedSession session;
  session.id = row.text("id");
  session.user_id = row.text("user_id");
  session.strategy_id = row.text("strategy_id");
  session.symbol = row.text("symbol");
  session.timeframe = row.text("timeframe");
  session.reason = row.maybe_text("reason").value_or("");
  session.asset = asset_type_of(row.text("asset_type")).value_or(AssetType::stock);
  session.mode = mode_of(row.text("mode")).value_or(Mode::paper);
  session.status = session_status_of(row.text("status")).value_or(SessionStatus::failed);
  session.trading = trading_of(row.text("trading")).value_or(Trading::halted);
  session.epoch = row.integer("epoch");
  session.peak_equity = row.maybe_decimal("peak_equity");
  return session;
}

Account lock_account(kernel::Sql& sql, const std::string& user_id) {
  const Rows rows = sql.query(
      "SELECT virtual_balance::text AS cash, reserved::text AS reserved FROM trading.users WHERE id = $1::uuid "
      "FOR NO KEY UPDATE",
      sql_values(user_id));
  const Row row = rows.only();
  return {row.decimal("cash"), row.decimal("reserved")};
}

Switch share_switch(kernel::Sql& sql) {
  static const std::string kRead =
      "SELECT trading, reason, " + std::string(kEndIfFrozen) + " FROM trading.switch FOR SHARE";
  Rows rows = sql.query(kRead);
  if (rows.empty()) {
    sql.query(
        "INSERT INTO trading.switch (everything, changed_at) VALUES (true, clock_timestamp()) ON CONFLICT DO NOTHING");
    rows = sql.query(kRead);
  }
  const Row row = rows.only();
  return {trading_of(row.text("trading")).value_or(Trading::halted), row.maybe_text("reason").value_or("")};
}

GatewayAnswer answer_of(const OrderRow& order) {
  const bool filled = order.filled.quantity.is_positive();
  Json body{{"orderId", order.id},
            {"clientOrderId", order.client_order_id},
            {"signalId", order.signal_id.empty() ? Json() : Json(order.signal_id)},
            {"sessionId", order.session_id},
            {"mode", name_of(order.mode)},
            {"status", order.status},
            {"side", name_of(order.side)},
            {"symbol", order.symbol},
            {"qty", shortest(order.quantity)},
            {"limitPrice", shortest(order.limit_price)},
            {"filledQty", shortest(order.filled.quantity)},
            {"filledValue", order.filled.value.to_string()},
            {"averagePrice",
             filled ? Json(shortest(rounded(order.filled.value / order.filled.quantity, kPlaces))) : Json()},
            {"fee", order.filled.fee.to_string()},
            {"reason", order.reason.empty() ? Json() : Json(order.reason)}};
  const auto text = [](const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  };
  if (order.status != "rejected") return {.status = 201, .body = text(body)};
  return {
      .status = 422,
      .body = text({{"error", {{"code", "order_rejected"}, {"message", order.reason}}}, {"order", body}})};
}

void store_answer(kernel::Sql& sql, const std::string& signal_id, const GatewayAnswer& answer) {
  sql.query(
      "UPDATE trading.signals SET answer_status = $2::integer, answer = $3, updated_at = clock_timestamp() "
      "WHERE id = $1::uuid AND answer_status IS NULL",
      sql_values(signal_id, answer.status, answer.body));
}

GatewayAnswer gateway_error(int status, std::string_view code, std::string_view message) {
  const Json body{{"error", {{"code", code}, {"message", one_line(message)}}}};
  GatewayAnswer answer{.status = status,
                       .body = body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
  if (status == 503 || status == 429) answer.retry_after = std::chrono::seconds(1);
  return answer;
}

}  // namespace am::strategy
