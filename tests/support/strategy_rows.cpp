#include "support/strategy_rows.hpp"

namespace am::test {

strategy::Session make_session(kernel::Db& db, const WantedSession& wanted) {
  strategy::Session made;
  db.transact([&](kernel::Transaction& tx) {
    strategy::add_strategy(tx, {.user = wanted.user,
                                .spec = {.name = wanted.strategy,
                                         .language = wanted.language,
                                         .code = wanted.code,
                                         .params = wanted.params},
                                .symbol = "AAPL"});
    made = strategy::start_session(tx, {.user = wanted.user,
                                        .strategy = wanted.strategy,
                                        .symbol = wanted.symbol,
                                        .timeframe = wanted.timeframe,
                                        .mode = wanted.mode,
                                        .now = wanted.now})
               .session;
  });
  return made;
}

std::string dump_strategy(kernel::Sql& sql) {
  return value_of(sql, R"sql(
WITH named AS (
  SELECT s.id, concat_ws(':', t.name, s.symbol, s.mode) AS name FROM trading.sessions s JOIN trading.strategies t ON t.id =
    s.strategy_id
), lines AS (
  SELECT concat_ws(' ', 'user', email, virtual_balance, reserved) AS line FROM trading.users
  UNION ALL SELECT concat_ws(' ', 'strategy', name, symbol, language, md5(code), params::text, retired_at IS NOT NULL)
    FROM trading.strategies
  UNION ALL SELECT concat_ws(' ', 'session', n.name, s.timeframe, s.status, s.trading, s.reason, md5(s.state), s.last_event_at AT
    TIME ZONE 'UTC', s.stale_since IS NOT NULL, s.final_pnl) FROM trading.sessions s JOIN named n USING (id)
  UNION ALL SELECT concat_ws(' ', 'signal', n.name, g.symbol, side, price, quantity, confidence, event_at AT TIME ZONE 'UTC',
    ordinal, metadata::text, status, reason, answer_status) FROM trading.signals g JOIN named n ON n.id = g.session_id
  UNION ALL SELECT concat_ws(' ', 'order', n.name, broker, o.symbol, side, quantity, signal_price, limit_price, status,
    vendor_status, reason, filled_quantity, filled_value, fee, o.reserved, cancel_asked_at IS NOT NULL) FROM trading.orders o JOIN
    named n ON n.id = o.session_id
  UNION ALL SELECT concat_ws(' ', 'trade', n.name, t.symbol, side, quantity, cumulative_quantity, price, value, fee, cost, realised)
    FROM trading.trades t JOIN named n ON n.id = t.session_id
  UNION ALL SELECT concat_ws(' ', 'position', n.name, p.symbol, quantity, cost) FROM trading.positions p JOIN named n ON n.id =
    p.session_id
  UNION ALL SELECT concat_ws(' ', 'cash', u.email, kind, amount, balance) FROM trading.cash_entries e JOIN trading.users u ON u.id =
    e.user_id
  UNION ALL SELECT concat_ws(' ', 'switch', trading, reason) FROM trading.switch
  UNION ALL SELECT concat_ws(' ', 'paper', symbol, side, quantity, price, fee) FROM trading.paper_orders
  UNION ALL SELECT concat_ws(' ', 'bar', symbol, timeframe, ts AT TIME ZONE 'UTC', o, h, l, c, v) FROM market.bars
  UNION ALL SELECT concat_ws(' ', 'run', job, slot, status) FROM ops.runs
  UNION ALL SELECT concat_ws(' ', 'event', kind, data::text) FROM ops.events
) SELECT coalesce(string_agg(line, E'\n' ORDER BY line), '') FROM lines)sql");
}

void empty_strategy(kernel::Sql& sql) {
  // The triggers of what is append-only are none of a replica's.
  sql.query(R"sql(
DO $$
BEGIN
  SET LOCAL session_replication_role = replica;
  TRUNCATE trading.users, trading.switch, trading.paper_orders, market.bars, ops.steps, ops.events, ops.runs CASCADE;
END $$)sql");
}

}  // namespace am::test
