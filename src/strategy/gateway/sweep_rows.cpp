#include "sweep_rows.hpp"

#include "accept.hpp"
#include "am/base/text.hpp"
#include "am/kernel/ledger.hpp"
#include "am/strategy/sessions.hpp"

namespace am::strategy {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

namespace {

constexpr std::chrono::milliseconds kSweepLease{15000};

}  // namespace

bool take_sweep(kernel::Db& db, const std::string& broker, const std::string& holder) {
  const auto take = [&](const std::string& from) {
    return !db.query(
                  "INSERT INTO trading.gateways AS g (broker, holder, lease_until, updated_at) VALUES ($1, $2::jsonb, "
                  "clock_timestamp() + $3::integer * interval '1 millisecond', clock_timestamp()) ON CONFLICT (broker) DO UPDATE "
                  "SET holder = excluded.holder, lease_until = excluded.lease_until, updated_at = excluded.updated_at WHERE "
                  "g.holder IS NULL OR g.holder = $2::jsonb OR g.holder = nullif($4, '')::jsonb OR g.lease_until < "
                  "statement_timestamp() RETURNING 1",
                  sql_values(broker, holder, kSweepLease.count(), from))
                .empty();
  };
  if (take("")) return true;
  const Rows rows =
      db.query("SELECT holder::text AS holder FROM trading.gateways WHERE broker = $1", sql_values(broker));
  if (rows.empty() || rows[0].is_null("holder")) return false;
  const std::string before = rows[0].text("holder");
  const auto who = kernel::Holder::from_json(before);
  return who && who->is_certainly_gone() && take(before);
}

void leave_sweep(kernel::Sql& sql, const std::string& broker, const std::string& holder) {
  sql.query(
      "UPDATE trading.gateways SET holder = NULL, lease_until = NULL, updated_at = clock_timestamp() WHERE broker = $1 AND holder "
      "= $2::jsonb",
      sql_values(broker, holder));
}

std::vector<PlacingRow> placing_rows(kernel::Sql& sql, const std::string& broker) {
  std::vector<PlacingRow> rows;
  for (
      const Row row : sql.query(
          "SELECT id::text AS id, coalesce(holder::text, '') AS holder, placed_at::text AS placed_at, (extract(epoch FROM "
          "statement_timestamp() - placed_at) * 1000)::bigint AS age FROM trading.orders WHERE broker = $1 AND status = 'placing' "
          "ORDER BY created_at LIMIT 1000",
          sql_values(broker)))
    rows.push_back({row.text("id"), row.text("holder"), row.text("placed_at"),
                    std::chrono::milliseconds(row.integer("age"))});
  return rows;
}

std::vector<OrderRow> orders_where(kernel::Sql& sql, const std::string& broker, const std::string& condition,
                                   const kernel::SqlValues& more) {
  kernel::SqlValues values = sql_values(broker);
  values.insert(values.end(), more.begin(), more.end());
  std::vector<OrderRow> orders;
  for (const Row row :
       sql.query("SELECT " + order_columns() + " FROM trading.orders o WHERE o.broker = $1 AND (" +
                     condition + ") ORDER BY o.created_at, o.id LIMIT 1000",
                 values))
    orders.push_back(order_of(row));
  return orders;
}

std::optional<Instant> earliest_interest(kernel::Sql& sql, const std::string& broker) {
  const Rows rows = sql.query(
      "SELECT (extract(epoch FROM min(created_at)) * 1000000)::bigint AS since FROM (SELECT created_at FROM trading.orders WHERE "
      "broker = $1 AND status = 'open' UNION ALL SELECT created_at FROM trading.orders WHERE broker = $1 AND status = 'rejected' "
      "AND vendor_status IS NULL AND placed_at IS NOT NULL AND closed_at > statement_timestamp() - interval '1 hour') AS o",
      sql_values(broker));
  return rows.only().maybe_micros("since");
}

void want_cancelled(kernel::Sql& sql, const std::string& broker, std::chrono::milliseconds engine_lost) {
  sql.query(
      "UPDATE trading.orders o SET cancel_at = clock_timestamp(), updated_at = clock_timestamp() FROM trading.sessions s LEFT JOIN "
      "trading.switch w ON true WHERE s.id = o.session_id AND o.broker = $1 AND o.closed_at IS NULL AND o.signal_id IS NOT NULL "
      "AND (o.cancel_at IS NULL OR o.cancel_at > statement_timestamp()) AND (s.status <> 'RUNNING' OR 'HALTED' IN (s.trading, "
      "w.trading) OR (o.side = 'BUY' AND 'REDUCING' IN (s.trading, w.trading)) OR (s.holder IS NOT NULL AND s.lease_until < "
      "statement_timestamp() - $2::bigint * interval '1 millisecond'))",
      sql_values(broker, engine_lost.count()));
}

void mark_sessions(kernel::Db& db, Gateway& gateway) {
  const GatewayOptions& options = gateway.options();
  const Rows rows = db.query(
      "SELECT s.id::text AS id, p.quantity::text AS quantity, p.cost::text AS cost, p.realised::text AS realised, p.fees::text AS "
      "fees, (SELECT coalesce(sum(amount), 0)::text FROM trading.cash_entries c WHERE c.user_id = s.user_id AND c.kind IN "
      "('deposit', 'correction')) AS deposits, " +
          last_close_sql("s.symbol", "s.timeframe", "$2") +
          " AS last_close FROM trading.sessions s JOIN trading.positions p ON p.session_id = s.id AND p.symbol = s.symbol WHERE "
          "s.status = 'RUNNING' AND p.quantity > 0 AND p.broker = $1",
      sql_values(gateway.label(), gateway.clock().now()));
  for (const Row row : rows) {
    const auto close = row.maybe_text("last_close");
    if (!close) continue;
    std::string told;
    const std::string& id = row.text("id");
    db.transact([&](kernel::Transaction& tx) {
      const auto session = lock_trading_session(tx, id);
      if (!session || session->status != SessionStatus::running) return;
      const Decimal deposits = row.decimal("deposits");
      Decimal now;
      try {
        now = options.profit({.deposits = deposits,
                              .realised = row.decimal("realised"),
                              .fees = row.decimal("fees"),
                              .held = {row.decimal("quantity"), row.decimal("cost")},
                              .price = Decimal::parse(*close)});
      } catch (const std::exception& error) {
        told = "its profit could not be computed: " + one_line(error.what());
        set_trading(tx, id, Trading::halted, told);
        return;
      }
      told = note_equity(tx, *session, {deposits, now}, options.limits.max_drawdown_pct);
    });
    if (!told.empty()) gateway.log().error(told, {{"session_id", id}});
  }
}

}  // namespace am::strategy
