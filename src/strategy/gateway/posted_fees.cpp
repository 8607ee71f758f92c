// Fees that a broker takes in quantity and posts when the day is over. A buy has booked what it expected; the difference is
// booked once, over the sessions that traded the symbol on that day.

#include <map>

#include "sweep_rows.hpp"

namespace am::strategy {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

namespace {

constexpr int kDaysBack = 3;

struct Share {
  std::string session_id;
  Decimal traded, booked;
};

using FeeGroup = std::vector<Broker::PostedFee>;

std::vector<Share> shares_of(kernel::Sql& sql, const std::string& broker, const std::string& symbol,
                             Date day) {
  std::vector<Share> shares;
  for (
      const Row row : sql.query(
          "SELECT t.session_id::text AS session_id, sum(t.quantity)::text AS traded, sum(t.fee_quantity)::text AS booked FROM "
          "trading.trades t JOIN trading.orders o ON o.id = t.order_id WHERE o.broker = $1 AND t.symbol = $2 AND t.side = 'BUY' "
          "AND t.booked_at >= $3::date AND t.booked_at < $3::date + 1 GROUP BY t.session_id ORDER BY sum(t.quantity), "
          "t.session_id",
          sql_values(broker, symbol, day)))
    shares.push_back({row.text("session_id"), row.decimal("traded"), row.decimal("booked")});
  return shares;
}

/// Takes it off the position, as far as that goes. Returns what was taken.
Decimal take_from(kernel::Transaction& tx, const Share& share, const std::string& symbol, Decimal quantity) {
  (void)lock_trading_session(tx, share.session_id);
  const Rows rows = tx.query(
      "SELECT quantity::text AS quantity FROM trading.positions WHERE session_id = $1::uuid AND symbol = $2 FOR UPDATE",
      sql_values(share.session_id, symbol));
  const Decimal held = rows.empty() ? Decimal(0) : rows[0].decimal("quantity");
  // A position of nothing has no cost: what is left of one that was sold whole stays out of the books.
  if (held.is_zero() || quantity >= held) return rounded(0, kPlaces);
  tx.query(
      "UPDATE trading.positions SET quantity = quantity - $3::numeric, updated_at = clock_timestamp() WHERE session_id = $1::uuid "
      "AND symbol = $2",
      sql_values(share.session_id, symbol, quantity));
  return quantity;
}

void book_group(kernel::Db& db, Gateway& gateway, const FeeGroup& fees) {
  const std::string& symbol = fees.front().symbol;
  const Date day = fees.front().day;
  db.transact([&](kernel::Transaction& tx) {
    Decimal posted = 0;
    std::vector<std::string> fresh;
    for (const Broker::PostedFee& fee : fees) {
      posted += fee.quantity;
      if (tx.query("SELECT 1 FROM trading.fee_corrections WHERE broker = $1 AND fee_id = $2 LIMIT 1",
                   sql_values(gateway.label(), fee.id))
              .empty())
        fresh.push_back(fee.id);
    }
    const std::vector<Share> shares = shares_of(tx, gateway.label(), symbol, day);
    if (fresh.empty() || shares.empty()) return;
    const Rows before = tx.query(
        "SELECT coalesce(sum(quantity), 0)::text AS corrected FROM trading.fee_corrections WHERE broker = $1 AND symbol = $2 AND "
        "day = $3::date",
        sql_values(gateway.label(), symbol, day));
    Decimal traded = 0;
    Decimal left = posted - before.only().decimal("corrected");
    for (const Share& share : shares) {
      traded += share.traded;
      left = left - share.booked;
    }
    const Decimal difference = left;
    for (const Share& share : shares) {
      const bool last = &share == &shares.back();
      const Decimal part = last ? left : rounded(difference * share.traded / traded, kPlaces);
      left = left - part;
      const Decimal taken = part.is_zero() ? part : take_from(tx, share, symbol, part);
      for (const std::string& id : fresh)
        tx.query(
            "INSERT INTO trading.fee_corrections (broker, fee_id, session_id, symbol, day, quantity, booked_at) VALUES ($1, $2, "
            "$3::uuid, $4, $5::date, $6::numeric, clock_timestamp())",
            sql_values(gateway.label(), id, share.session_id, symbol, day,
                       &id == &fresh.front() ? taken : Decimal(0)));
    }
    gateway.log().info("posted fee booked", {{"symbol", symbol},
                                             {"day", day.to_string()},
                                             {"posted", posted.to_string()},
                                             {"difference", difference.to_string()}});
  });
}

}  // namespace

void book_posted_fees(kernel::Db& db, Gateway& gateway) {
  const Date today{std::chrono::floor<std::chrono::days>(gateway.clock().now())};
  std::map<std::pair<std::string, Date>, FeeGroup> groups;
  for (const Broker::PostedFee& fee : gateway.broker().posted_fees(today - kDaysBack))
    if (fee.day < today) groups[{fee.symbol, fee.day}].push_back(fee);
  for (const auto& [key, fees] : groups) book_group(db, gateway, fees);
}

}  // namespace am::strategy
