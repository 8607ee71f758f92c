#include "support/strategy/conservation.hpp"

namespace am::test {

namespace {

std::vector<kernel::Statement> conservation_questions() {
  return {
      // Cash and what positions cost are what was paid in, and what was won and paid for it.
      {"SELECT 'user ' || u.email || ': cash ' || u.virtual_balance || ' and cost ' || b.cost || ' are not deposits ' || b.deposits "
       "|| ', realised ' || b.realised || ' and fees ' || b.fees AS problem FROM trading.users u, LATERAL (SELECT (SELECT "
       "coalesce(sum(p.cost), 0) FROM trading.positions p JOIN trading.sessions s ON s.id = p.session_id WHERE s.user_id = u.id) AS "
       "cost, (SELECT coalesce(sum(amount), 0) FROM trading.cash_entries WHERE user_id = u.id AND kind IN ('deposit', 'correction')) "
       "AS deposits, (SELECT coalesce(sum(realised), 0) FROM trading.trades WHERE user_id = u.id) AS realised, (SELECT "
       "coalesce(sum(fee), 0) FROM trading.trades WHERE user_id = u.id) AS fees) b WHERE u.virtual_balance + b.cost <> b.deposits + "
       "b.realised - b.fees",
       {}},
      {"SELECT 'user ' || u.email || ': cash ' || u.virtual_balance || ', its entries ' || coalesce(sum(c.amount), 0) AS problem FROM "
       "trading.users u LEFT JOIN trading.cash_entries c ON c.user_id = u.id GROUP BY u.id HAVING u.virtual_balance <> "
       "coalesce(sum(c.amount), 0)",
       {}},
      {"SELECT 'user ' || u.email || ': reserved ' || u.reserved || ', its open orders ' || coalesce(sum(o.reserved), 0) AS problem "
       "FROM trading.users u LEFT JOIN trading.orders o ON o.user_id = u.id GROUP BY u.id HAVING u.reserved <> "
       "coalesce(sum(o.reserved), 0)",
       {}},
      {"SELECT 'order ' || id || ': over, but holds back ' || reserved AS problem FROM trading.orders WHERE closed_at IS NOT NULL AND "
       "reserved <> 0",
       {}},
      {"SELECT 'order ' || o.id || ': filled ' || o.filled_quantity || ' for ' || o.filled_value || ', its trades ' || "
       "coalesce(sum(t.quantity), 0) || ' for ' || coalesce(sum(t.value), 0) AS problem FROM trading.orders o LEFT JOIN "
       "trading.trades t ON t.order_id = o.id GROUP BY o.id HAVING o.filled_quantity <> coalesce(sum(t.quantity), 0) OR "
       "o.filled_value <> coalesce(sum(t.value), 0) OR o.fee <> coalesce(sum(t.fee), 0) OR o.fee_quantity <> "
       "coalesce(sum(t.fee_quantity), 0)",
       {}},
      {"SELECT 'session ' || coalesce(p.session_id, t.session_id) || ' ' || coalesce(p.symbol, t.symbol) || ': holds ' || "
       "coalesce(p.quantity, 0) || ' at a cost of ' || coalesce(p.cost, 0) || ', its trades say ' || coalesce(t.quantity, 0) || ' at ' "
       "|| coalesce(t.cost, 0) AS problem FROM trading.positions p FULL JOIN (SELECT t.session_id, t.symbol, sum(CASE t.side WHEN "
       "'BUY' THEN t.quantity - t.fee_quantity ELSE -t.quantity END) - coalesce((SELECT sum(c.quantity) FROM trading.fee_corrections "
       "c WHERE c.session_id = t.session_id AND c.symbol = t.symbol), 0) AS quantity, sum(CASE t.side WHEN 'BUY' THEN t.cost ELSE "
       "-t.cost END) AS cost, sum(t.realised) AS realised, sum(t.fee) AS fees FROM trading.trades t GROUP BY t.session_id, t.symbol) "
       "t ON t.session_id = p.session_id AND t.symbol = p.symbol WHERE coalesce(p.quantity, 0) <> coalesce(t.quantity, 0) OR "
       "coalesce(p.cost, 0) <> coalesce(t.cost, 0) OR coalesce(p.realised, 0) <> coalesce(t.realised, 0) OR coalesce(p.fees, 0) <> "
       "coalesce(t.fees, 0)",
       {}},
      {"SELECT 'trade ' || t.id || ': cash moved by ' || coalesce(sum(c.amount), 0) AS problem FROM trading.trades t LEFT JOIN "
       "trading.cash_entries c ON c.trade_id = t.id GROUP BY t.id HAVING coalesce(sum(c.amount), 0) <> CASE t.side WHEN 'BUY' THEN "
       "-t.value - t.fee ELSE t.value - t.fee END",
       {}}};
}

}  // namespace

std::vector<std::string> conservation_problems(kernel::Sql& sql) {
  std::vector<std::string> problems;
  for (const kernel::Statement& each : conservation_questions()) {
    const kernel::Rows rows = sql.query(each.sql, each.values);
    for (const kernel::Row row : rows) problems.push_back(row.text("problem"));
  }
  return problems;
}

}  // namespace am::test
