// What the broker holds, compared with what was booked.

#include <map>
#include <set>

#include "am/strategy/sweeper.hpp"

namespace am::strategy {

using kernel::Row;
using kernel::sql_values;

namespace {

struct BookedSymbol {
  Decimal quantity;
  Decimal fees;  ///< in quantity, of the last days: expected ones, which the broker may not have posted yet
  bool moves = false;  ///< an order is open, or its outcome unknown
};

std::map<std::string, BookedSymbol> booked_symbols(kernel::Sql& sql, const std::string& broker) {
  std::map<std::string, BookedSymbol> booked;
  for (
      const Row row : sql.query(
          "SELECT symbol, sum(quantity)::text AS quantity FROM trading.positions WHERE broker = $1 AND quantity > 0 GROUP BY symbol",
          sql_values(broker)))
    booked[row.text("symbol")].quantity = row.decimal("quantity");
  for (
      const Row row : sql.query(
          "SELECT t.symbol, sum(t.fee_quantity)::text AS fees FROM trading.trades t JOIN trading.orders o ON o.id = t.order_id "
          "WHERE o.broker = $1 AND t.fee_quantity > 0 AND t.booked_at > statement_timestamp() - interval '3 days' GROUP BY t.symbol",
          sql_values(broker)))
    booked[row.text("symbol")].fees = row.decimal("fees");
  for (const Row row :
       sql.query("SELECT DISTINCT symbol FROM trading.orders WHERE broker = $1 AND closed_at IS NULL",
                 sql_values(broker)))
    booked[row.text("symbol")].moves = true;
  return booked;
}

std::map<std::string, Decimal> adopted_symbols(kernel::Sql& sql, const std::string& broker) {
  std::map<std::string, Decimal> adopted;
  for (const Row row :
       sql.query("SELECT symbol, quantity::text AS quantity FROM trading.adopted WHERE broker = $1",
                 sql_values(broker)))
    adopted.emplace(row.text("symbol"), row.decimal("quantity"));
  return adopted;
}

}  // namespace

std::vector<Mismatch> compare_positions(kernel::Sql& sql, Gateway& gateway) {
  std::map<std::string, Decimal> held = gateway.broker().positions();
  const std::map<std::string, BookedSymbol> booked = booked_symbols(sql, gateway.label());
  for (const auto& [symbol, quantity] : adopted_symbols(sql, gateway.label()))
    held[symbol] = held[symbol] - quantity;
  std::set<std::string> symbols;
  for (const auto& [symbol, quantity] : held) symbols.insert(symbol);
  for (const auto& [symbol, each] : booked) symbols.insert(symbol);
  std::vector<Mismatch> mismatches;
  for (const std::string& symbol : symbols) {
    const auto at = booked.find(symbol);
    const BookedSymbol books = at == booked.end() ? BookedSymbol{} : at->second;
    const Decimal there = held.contains(symbol) ? held.at(symbol) : Decimal(0);
    if (!books.moves && (there - books.quantity).abs() > books.fees)
      mismatches.push_back({symbol, books.quantity, there});
  }
  return mismatches;
}

void adopt(kernel::Db& db, Gateway& gateway, const std::vector<Mismatch>& mismatches) {
  db.transact([&](kernel::Transaction& tx) {
    for (const Mismatch& each : mismatches) {
      tx.query(
          "INSERT INTO trading.adopted AS a (broker, symbol, quantity, adopted_at) VALUES ($1, $2, $3::numeric, clock_timestamp()) "
          "ON CONFLICT (broker, symbol) DO UPDATE SET quantity = a.quantity + excluded.quantity, adopted_at = excluded.adopted_at",
          sql_values(gateway.label(), each.symbol, each.held - each.booked));
      gateway.log().warn(
          "the broker's position was adopted",
          {{"symbol", each.symbol}, {"booked", each.booked.to_string()}, {"held", each.held.to_string()}});
    }
  });
}

}  // namespace am::strategy
