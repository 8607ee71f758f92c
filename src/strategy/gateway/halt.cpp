#include "am/strategy/halt.hpp"

#include <nlohmann/json.hpp>

#include "accept.hpp"
#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/kernel/ids.hpp"
#include "am/kernel/ledger.hpp"
#include "am/strategy/signal.hpp"
#include "order_rows.hpp"

namespace am::strategy {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::chrono::milliseconds kLook{50};

/// Of those in the wait: session s, switch w, order o.
constexpr std::string_view kUnwanted =
    "($2::boolean OR s.status <> 'RUNNING' OR 'HALTED' IN (s.trading, w.trading) OR (o.side = 'BUY' AND 'REDUCING' IN (s.trading, "
    "w.trading)))";
constexpr std::string_view kOfSession = "($1 = '' OR o.session_id = nullif($1, '')::uuid)";

std::vector<std::string> unsent(kernel::Sql& sql, const std::string& session_id, bool all) {
  std::vector<std::string> ids;
  for (
      const Row row : sql.query(
          "SELECT o.id::text AS id FROM trading.orders o JOIN trading.sessions s ON s.id = o.session_id LEFT JOIN trading.switch w "
          "ON true WHERE o.status = 'intent' AND " +
              std::string(kOfSession) + " AND " + std::string(kUnwanted) + " ORDER BY o.id",
          sql_values(session_id, all)))
    ids.push_back(row.text("id"));
  return ids;
}

/// An intent is closed here and now: it was never sent, and whoever would send it takes its row first.
int close_unsent(kernel::Db& db, const std::string& session_id, bool all) {
  int closed = 0;
  for (const std::string& id : unsent(db, session_id, all)) {
    db.transact([&](kernel::Transaction& tx) {
      const auto known = find_order(tx, id);
      if (!known) return;
      (void)lock_trading_session(tx, known->session_id);
      (void)lock_account(tx, known->user_id);
      const OrderRow order = lock_order(tx, id);
      if (order.status != "intent") return;
      reject_locked(tx, order, "stopped before it was sent");
      ++closed;
    });
  }
  return closed;
}

int ask_cancel(kernel::Sql& sql, const std::string& session_id, bool all) {
  const Rows rows = sql.query(
      "UPDATE trading.orders o SET cancel_at = clock_timestamp(), updated_at = clock_timestamp() FROM trading.sessions s LEFT JOIN "
      "trading.switch w ON true WHERE s.id = o.session_id AND o.closed_at IS NULL AND o.status <> 'intent' AND " +
          std::string(kOfSession) + " AND " + std::string(kUnwanted) +
          " AND (o.cancel_at IS NULL OR o.cancel_at > statement_timestamp()) RETURNING 1",
      sql_values(session_id, all));
  return static_cast<int>(rows.size());
}

/// One whose process is certainly gone sends nothing any more: what became of it the sweeper finds out.
Quiet still_there(kernel::Sql& sql, const std::string& session_id, bool all) {
  Quiet quiet;
  for (
      const Row row : sql.query(
          "SELECT o.status, coalesce(o.holder::text, '') AS holder FROM trading.orders o JOIN trading.sessions s ON s.id = "
          "o.session_id LEFT JOIN trading.switch w ON true WHERE o.closed_at IS NULL AND " +
              std::string(kOfSession) + " AND " + std::string(kUnwanted),
          sql_values(session_id, all))) {
    const auto holder = kernel::Holder::from_json(row.text("holder"));
    const bool placing = row.text("status") == "placing" && !(holder && holder->is_certainly_gone());
    (placing ? quiet.placing : quiet.open) += 1;
  }
  return quiet;
}

/// The last known price of what a session holds: a recent bar's, else (not with money) an older bar's, or that of its last
/// trade.
std::optional<Decimal> price_for(kernel::Sql& sql, const LockedSession& session, Instant now) {
  const Rows rows = sql.query(
      "SELECT " + last_close_sql("$1", "$2", "$3") +
          " AS recent, (SELECT b.c::text FROM market.bars b WHERE b.symbol = $1 AND b.timeframe = $2 AND b.ts < $3::timestamptz "
          "ORDER BY b.ts DESC LIMIT 1) AS older, (SELECT t.price::text FROM trading.trades t WHERE t.session_id = $4::uuid ORDER BY "
          "t.id DESC LIMIT 1) AS traded",
      sql_values(session.symbol, session.timeframe, now, session.id));
  const Row row = rows.only();
  const auto price = [&](const char* name) -> std::optional<Decimal> {
    const auto text = row.maybe_text(name);
    const auto value = text ? Decimal::parse(*text) : std::nullopt;
    return value ? std::optional(rounded(*value, kPlaces)) : std::nullopt;
  };
  if (auto recent = price("recent")) return recent;
  if (session.mode == Mode::live) return std::nullopt;
  if (session.mode == Mode::rehearsal)
    if (auto traded = price("traded")) return traded;
  if (auto older = price("older")) return older;
  return price("traded");
}

void insert_flatten(kernel::Sql& sql, const LockedSession& session, const std::string& broker,
                    const Flatten& flatten, const Decimal& collar_pct) {
  sql.query(
      "INSERT INTO trading.orders (id, client_order_id, session_id, user_id, broker, mode, symbol, asset_type, side, quantity, "
      "signal_price, limit_price, status, created_at, updated_at) VALUES ($1::uuid, $2, $3::uuid, $4::uuid, $5, $6, $7, $8, 'SELL', "
      "$9::numeric, $10::numeric, $11::numeric, 'intent', clock_timestamp(), clock_timestamp())",
      sql_values(flatten.order_id, client_order_id_of(flatten.order_id), session.id, session.user_id, broker,
                 name_of(session.mode), session.symbol, name_of(session.asset), flatten.quantity,
                 flatten.price, limit_price(Side::sell, flatten.price, collar_pct)));
}

}  // namespace

GlobalTrading global_trading(kernel::Sql& sql) {
  const Rows rows = sql.query("SELECT trading, reason FROM trading.switch");
  if (rows.empty()) return {};
  return {trading_of(rows[0].text("trading")).value_or(Trading::halted),
          rows[0].maybe_text("reason").value_or("")};
}

bool set_global_trading(kernel::Transaction& tx, Trading trading, std::string_view reason) {
  // Of the table, since waiters for it are served in their order: signals without end share the row, and whoever waits for
  // that alone waits until there are none. Longer than a gateway that is frozen can keep it.
  tx.query("SET LOCAL lock_timeout = '25s'");
  tx.query("LOCK TABLE trading.switch IN EXCLUSIVE MODE");
  tx.query(
      "INSERT INTO trading.switch (everything, changed_at) VALUES (true, clock_timestamp()) ON CONFLICT DO NOTHING");
  const Rows rows = tx.query("SELECT trading FROM trading.switch FOR UPDATE");
  const std::string before = rows.only().text("trading");
  if (before == name_of(trading)) return false;
  const std::string why = one_line(reason);
  tx.query("UPDATE trading.switch SET trading = $1, reason = nullif($2, ''), changed_at = clock_timestamp()",
           sql_values(name_of(trading), why));
  kernel::Ledger::event(tx, "trading_switched", {}, {},
                        Json{{"was", before}, {"now", name_of(trading)}, {"reason", why}}.dump());
  return true;
}

Quiet quiet_orders(kernel::Db& db, const std::string& session_id, std::chrono::milliseconds most,
                   const kernel::Stop& stop, bool all) {
  const auto end = std::chrono::steady_clock::now() + most;
  int cancelled = close_unsent(db, session_id, all);
  for (;;) {
    cancelled += ask_cancel(db, session_id, all);
    Quiet quiet = still_there(db, session_id, all);
    quiet.cancelled = cancelled;
    if (quiet.complete() || std::chrono::steady_clock::now() >= end) return quiet;
    stop.sleep(kLook);
    cancelled +=
        close_unsent(db, session_id, all);  // the broker may have refused what was being placed, for now
  }
}

Flatten request_flatten(kernel::Transaction& tx, const FlattenRequest& request) {
  const auto session = lock_trading_session(tx, request.session_id);
  if (!session) throw Error(ErrorKind::no_input, "no session " + shown(request.session_id));
  const Rows held = tx.query(
      "SELECT quantity::text AS quantity, broker FROM trading.positions WHERE session_id = $1::uuid AND symbol = $2 AND quantity > 0",
      sql_values(session->id, session->symbol));
  if (held.empty()) return {};
  const Rows open =
      tx.query("SELECT count(*) AS n FROM trading.orders WHERE session_id = $1::uuid AND closed_at IS NULL",
               sql_values(session->id));
  if (open.only().integer("n") > 0)
    throw Error(ErrorKind::busy, "session " + session->id + ": an order of it is still open",
                "try again in a moment");
  const auto price = request.price ? request.price : price_for(tx, *session, request.now);
  if (!price)
    throw Error(ErrorKind::data,
                "session " + session->id + ": no recent price of " + session->symbol + " is known",
                "say the price to sell at");
  Flatten flatten{kernel::new_id(), held[0].decimal("quantity"), *price, session->symbol};
  if (const auto refused = check_amounts(flatten.quantity, flatten.price, true))
    throw Error(ErrorKind::data, "flatten: " + refused->reason);
  insert_flatten(tx, *session, held[0].text("broker"), flatten, request.collar_pct);
  kernel::Ledger::event(tx, "flatten_requested", {}, {},
                        Json{{"order", flatten.order_id},
                             {"symbol", flatten.symbol},
                             {"qty", flatten.quantity.to_string()},
                             {"price", flatten.price.to_string()},
                             {"mode", name_of(session->mode)}}
                            .dump(),
                        "session " + session->id);
  return flatten;
}

std::optional<OrderState> order_state(kernel::Sql& sql, const std::string& order_id) {
  const auto order = find_order(sql, order_id);
  if (!order) return std::nullopt;
  return OrderState{order->status, order->reason, order->closed()};
}

}  // namespace am::strategy
