// Transaction B: what a broker says of an order, booked; and what ends an order.

#include <algorithm>

#include <fmt/format.h>

#include "accept.hpp"
#include "am/base/text.hpp"
#include "am/strategy/gateway.hpp"
#include "am/strategy/sessions.hpp"
#include "order_rows.hpp"

namespace am::strategy {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

namespace {

/// What else is known of the session and its user, under their locks.
struct Books {
  Holding held;
  Decimal realised, fees;  ///< of all trades of the position
  Decimal deposits;
  std::optional<Decimal> last_price{};
};

Books read_books(kernel::Sql& sql, const LockedSession& session, const OrderRow& order, Instant at) {
  const Rows rows = sql.query(
      "SELECT p.quantity::text AS quantity, p.cost::text AS cost, p.realised::text AS realised, p.fees::text AS fees, "
      "(SELECT coalesce(sum(amount), 0)::text FROM trading.cash_entries WHERE user_id = $2::uuid AND kind IN ('deposit', "
      "'correction')) AS deposits, " +
          last_close_sql("$3", "$4", "$5") +
          " AS last_close FROM (VALUES (1)) AS one LEFT JOIN trading.positions p ON p.session_id = $1::uuid AND p.symbol = $3",
      sql_values(session.id, session.user_id, order.symbol, session.timeframe, at));
  const Row row = rows.only();
  const auto decimal = [&](const char* name) { return row.maybe_decimal(name).value_or(Decimal(0)); };
  Books books{
      {decimal("quantity"), decimal("cost")}, decimal("realised"), decimal("fees"), row.decimal("deposits")};
  if (const auto close = row.maybe_text("last_close")) books.last_price = Decimal::parse(*close);
  return books;
}

/// Whether the broker's word is older than what is known already: an order that it ended does not open again. One that was
/// closed because nobody knew it may still turn up.
bool is_older(const OrderRow& order, const BrokerOrder& said) {
  return order.closed() && order.known() && said.open;
}

std::string status_after(const OrderRow& order, const BrokerOrder& said) {
  if (said.filled_quantity >= order.quantity) return "filled";
  if (said.open) return "open";
  if (said.filled_quantity.is_zero() && to_lower(said.status).find("reject") != std::string::npos)
    return "rejected";
  return "cancelled";
}

class Booking {
 public:
  Booking(kernel::Transaction& tx, const GatewayOptions& options, std::string_view broker, Instant now)
      : tx_(tx), options_(options), broker_(broker), now_(now) {}

  /// Returns what a person has to know; empty: nothing.
  std::string run(const OrderRow& known, const BrokerOrder& said);

 private:
  void write_fill(const Fill& fill);
  void write_order(const BrokerOrder& said, const Decimal& reserve);
  std::string watch_drawdown();

  kernel::Transaction& tx_;
  const GatewayOptions& options_;
  const std::string_view broker_;
  const Instant now_;
  LockedSession session_{};
  OrderRow order_{};
  Books books_{};
};

std::string Booking::run(const OrderRow& known, const BrokerOrder& said) {
  auto session = lock_trading_session(tx_, known.session_id);
  if (!session) throw Error(ErrorKind::bug, "session " + known.session_id + ": gone, but it has orders");
  session_ = std::move(*session);
  (void)lock_account(tx_, known.user_id);
  order_ = lock_order(tx_, known.id);
  if (is_older(order_, said) && said.filled_quantity <= order_.filled.quantity) return "";
  if (said.filled_quantity > order_.quantity)
    throw Error(ErrorKind::data, fmt::format("fill: more than was ordered ({} of {})",
                                             said.filled_quantity.to_string(), order_.quantity.to_string()));
  const bool turned_up = order_.closed() && !order_.known();
  const Filled filled = filled_of(said.filled_quantity, said.average_price, said.fee, said.fee_quantity);
  books_ = read_books(tx_, session_, order_, now_);
  const auto fill = next_fill(order_.side, order_.filled, filled, books_.held);
  Decimal reserve = order_.reserved;
  std::string told;
  if (fill) {
    reserve = reserve_after(reserve, *fill);
    order_.filled = filled;
  }
  const std::string status = is_older(order_, said) ? order_.status : status_after(order_, said);
  const bool closes = status != "open";
  if (closes) reserve = rounded(0, kMoneyPlaces);
  order_.status = status;
  order_.reason = status == "rejected" ? said.status : status == "cancelled" ? order_.reason : "";
  const Decimal released = order_.reserved - reserve;
  if (fill || !released.is_zero())
    tx_.query(
        "UPDATE trading.users SET virtual_balance = virtual_balance + $2::numeric, reserved = reserved - $3::numeric, updated_at "
        "= clock_timestamp() WHERE id = $1::uuid",
        sql_values(order_.user_id, fill ? fill->cash : Decimal(0), released));
  if (fill) write_fill(*fill);
  write_order(said, reserve);
  if (fill) told = watch_drawdown();
  if (session_.status != SessionStatus::running) settle_pnl(tx_, session_.id);
  if (turned_up) told = "an order that counted as lost has turned up at the broker; it is being cancelled";
  return told;
}

void Booking::write_fill(const Fill& fill) {
  const Rows trade = tx_.query(
      "INSERT INTO trading.trades (order_id, session_id, user_id, symbol, side, quantity, cumulative_quantity, price, value, fee, "
      "fee_quantity, cost, realised, booked_at) VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6::numeric, $7::numeric, "
      "$8::numeric, $9::numeric, $10::numeric, $11::numeric, $12::numeric, $13::numeric, clock_timestamp()) RETURNING id",
      sql_values(order_.id, order_.session_id, order_.user_id, order_.symbol, name_of(order_.side),
                 fill.quantity, fill.cumulative_quantity, fill.price, fill.value, fill.fee, fill.fee_quantity,
                 fill.cost, fill.realised));
  const Holding held = after(order_.side, books_.held, fill);
  books_.held = held;
  books_.realised = books_.realised + fill.realised;
  books_.fees = books_.fees + fill.fee;
  if (!books_.last_price) books_.last_price = fill.price;
  tx_.query(
      "INSERT INTO trading.positions (session_id, symbol, quantity, cost, realised, fees, broker, updated_at) VALUES ($1::uuid, "
      "$2, $3::numeric, $4::numeric, $5::numeric, $6::numeric, $7, clock_timestamp()) ON CONFLICT (session_id, symbol) DO UPDATE "
      "SET quantity = excluded.quantity, cost = excluded.cost, realised = excluded.realised, fees = excluded.fees, broker = "
      "excluded.broker, updated_at = excluded.updated_at",
      sql_values(order_.session_id, order_.symbol, held.quantity, held.cost, books_.realised, books_.fees,
                 broker_));
  const Decimal without_fee = fill.cash + fill.fee;
  tx_.query(
      "INSERT INTO trading.cash_entries (user_id, kind, amount, balance, trade_id, created_at) SELECT u.id, e.kind, e.amount, "
      "u.virtual_balance - e.after, $2::bigint, clock_timestamp() FROM trading.users u, (VALUES (1, 'trade', $3::numeric, "
      "-$4::numeric), (2, 'fee', -$4::numeric, 0)) AS e (n, kind, amount, after) WHERE u.id = $1::uuid AND (e.n = 1 OR $4::numeric "
      "> 0) ORDER BY e.n",
      sql_values(order_.user_id, trade.only().integer("id"), without_fee, fill.fee));
}

void Booking::write_order(const BrokerOrder& said, const Decimal& reserve) {
  const bool closes = order_.closed();
  tx_.query(
      "UPDATE trading.orders SET status = $2, vendor_status = $3, broker_order_id = coalesce(nullif($4, ''), broker_order_id), "
      "filled_quantity = $5::numeric, filled_value = $6::numeric, fee = $7::numeric, fee_quantity = $8::numeric, reserved = "
      "$9::numeric, reason = nullif($10, ''), holder = NULL, closed_at = CASE WHEN $11::boolean THEN coalesce(closed_at, "
      "clock_timestamp()) END, cancel_at = CASE WHEN closed_at IS NOT NULL AND NOT $11::boolean THEN clock_timestamp() ELSE "
      "cancel_at END, updated_at = clock_timestamp() WHERE id = $1::uuid",
      sql_values(order_.id, order_.status, one_line(said.status, 100), one_line(said.broker_order_id, 100),
                 order_.filled.quantity, order_.filled.value, order_.filled.fee, order_.filled.fee_quantity,
                 reserve, one_line(order_.reason), closes));
  order_.reserved = reserve;
  if (!order_.signal_id.empty()) store_answer(tx_, order_.signal_id, answer_of(order_));
}

/// The session's highest value so far, and how far it is below that.
std::string Booking::watch_drawdown() {
  Decimal equity;
  try {
    equity = options_.profit({.deposits = books_.deposits,
                              .realised = books_.realised,
                              .fees = books_.fees,
                              .held = books_.held,
                              .price = books_.last_price});
  } catch (const std::exception& error) {
    const std::string why = "its profit could not be computed: " + one_line(error.what());
    set_trading(tx_, session_.id, Trading::halted, why);
    return "session halted: " + why;
  }
  return note_equity(tx_, session_, {books_.deposits, equity}, options_.limits.max_drawdown_pct);
}

}  // namespace

Decimal profit_of(const ProfitInputs& inputs) {
  const Decimal held =
      inputs.price ? rounded(inputs.held.quantity * *inputs.price, kMoneyPlaces) : inputs.held.cost;
  return inputs.deposits + inputs.realised - inputs.fees + (held - inputs.held.cost);
}

std::string note_equity(kernel::Transaction& tx, const LockedSession& session, const Equity& equity,
                        const Decimal& max_drawdown_pct) {
  const Decimal peak = std::max({session.peak_equity.value_or(equity.start), equity.start, equity.now});
  if (session.peak_equity != peak)
    tx.query("UPDATE trading.sessions SET peak_equity = $2::numeric WHERE id = $1::uuid",
             sql_values(session.id, peak));
  const Decimal floor = peak * (Decimal(100) - max_drawdown_pct) / 100;
  if (equity.now >= floor || session.trading != Trading::active) return "";
  const std::string why = fmt::format("drawdown: {} is more than {} % below {}", equity.now.to_string(),
                                      max_drawdown_pct.to_string(), peak.to_string());
  set_trading(tx, session.id, Trading::reducing, why);
  return "session may only sell: " + why;
}

void Gateway::book(kernel::Db& db, const std::string& order_id, const BrokerOrder& said) {
  const auto known = find_order(db, order_id);
  if (!known) throw Error(ErrorKind::bug, "order " + order_id + ": unknown");
  std::string told;
  try {
    db.transact([&](kernel::Transaction& tx) {
      const Instant at = clock_.now();
      told = Booking(tx, options_, label_, at).run(*known, said);
    });
  } catch (const Error& error) {
    // A commit whose outcome is unknown is no reason: done again, it finds what it did.
    const bool impossible = error.kind() == ErrorKind::data || error.kind() == ErrorKind::bug;
    if (!impossible) throw;
    return halt_for(db, *known, error.message());
  }
  if (!told.empty())
    log_.error(told,
               {{"session_id", known->session_id}, {"order_id", order_id}, {"mode", name_of(known->mode)}});
}

/// What the broker did can't be booked: a person has to look, and the session orders nothing until then. The order stays as
/// open, and its booking is tried again.
void Gateway::halt_for(kernel::Db& db, const OrderRow& order, std::string_view problem) {
  const std::string why = "a fill can't be booked: " + one_line(problem);
  bool news = false;
  db.transact([&](kernel::Transaction& tx) {
    news = set_trading(tx, order.session_id, Trading::halted, why);
    tx.query(
        "UPDATE trading.orders SET status = CASE status WHEN 'placing' THEN 'unknown' ELSE status END, reason = $2, updated_at = "
        "clock_timestamp() WHERE id = $1::uuid",
        sql_values(order.id, why));
    if (!order.signal_id.empty()) store_answer(tx, order.signal_id, answer_of(lock_order(tx, order.id)));
  });
  if (news)
    log_.error("session halted", {{"session_id", order.session_id},
                                  {"order_id", order.id},
                                  {"mode", name_of(order.mode)},
                                  {"error", why}});
}

void Gateway::reject(kernel::Db& db, const std::string& order_id, std::string_view reason,
                     std::string_view only) {
  const auto known = find_order(db, order_id);
  if (!known) throw Error(ErrorKind::bug, "order " + order_id + ": unknown");
  db.transact([&](kernel::Transaction& tx) {
    (void)lock_trading_session(tx, known->session_id);
    (void)lock_account(tx, known->user_id);
    const OrderRow order = lock_order(tx, order_id);
    if (only.empty() || order.status == only) reject_locked(tx, order, reason);
  });
}

void reject_locked(kernel::Transaction& tx, OrderRow order, std::string_view reason) {
  if (order.closed() || order.known()) return;
  order.status = "rejected";
  order.reason = one_line(reason);
  tx.query(
      "WITH released AS (UPDATE trading.users SET reserved = reserved - $2::numeric, updated_at = clock_timestamp() WHERE id = "
      "$3::uuid) UPDATE trading.orders SET status = 'rejected', reason = $4, reserved = 0, holder = NULL, closed_at = "
      "clock_timestamp(), updated_at = clock_timestamp() WHERE id = $1::uuid",
      sql_values(order.id, order.reserved, order.user_id, order.reason));
  if (!order.signal_id.empty()) store_answer(tx, order.signal_id, answer_of(order));
}

}  // namespace am::strategy
