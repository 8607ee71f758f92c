#include "equity.hpp"

#include <algorithm>

#include "session_sql.hpp"

namespace am::web {

std::vector<EquityPoint> equity_curve(Instant start, const std::vector<EquityStep>& steps,
                                      const std::vector<EquityMark>& marks) {
  std::vector<EquityPoint> curve;
  if (steps.empty()) return curve;
  Decimal cash, held, highest;
  const auto add = [&](Instant at, const Decimal& price, const EquityStep* trade) {
    const Decimal earned = cash + held * price;
    highest = std::max(highest, earned);
    curve.push_back({at, earned, highest - earned, trade});
  };
  add(std::min(start, steps.front().at), {}, nullptr);
  auto mark = marks.begin();
  for (const EquityStep& step : steps) {
    for (; mark != marks.end() && mark->at < step.at; ++mark) {
      if (mark->at > curve.back().at) add(mark->at, mark->price, nullptr);
    }
    cash = step.cash;
    held = step.held;
    add(step.at, step.price, &step);
  }
  for (; mark != marks.end(); ++mark) {
    if (mark->at > curve.back().at) add(mark->at, mark->price, nullptr);
  }
  return curve;
}

Decimal max_drawdown(const std::vector<EquityPoint>& curve) {
  Decimal most;
  for (const EquityPoint& point : curve) most = std::max(most, point.below);
  return most;
}

kernel::Statement ask_equity_steps(const std::string& session) {
  return {
      "SELECT " + micros_sql("c.at", "at") +
          ", c.side, trim_scale(c.quantity)::text AS quantity, trim_scale(c.price)::text AS price, c.cash::text AS cash, "
          "trim_scale(c.held)::text AS held FROM (SELECT t.side, t.quantity, t.price, coalesce(max(" +
          traded_at() +
          ") OVER w, s.started_at) AS at, sum(CASE t.side WHEN 'BUY' THEN -t.value ELSE t.value END - t.fee) OVER w AS cash, "
          "sum(CASE t.side WHEN 'BUY' THEN t.quantity - t.fee_quantity ELSE -t.quantity END) OVER w AS held, row_number() OVER w AS n, "
          "count(*) OVER () AS total FROM trading.trades t JOIN trading.sessions s ON s.id = t.session_id JOIN trading.orders "
          "o ON o.id = t.order_id LEFT JOIN trading.signals g ON g.id = o.signal_id WHERE t.session_id = $1::uuid WINDOW w AS "
          "(ORDER BY t.id)) c WHERE c.n = c.total OR c.n % (c.total / 600 + 1) = 0 ORDER BY c.n",
      kernel::sql_values(session)};
}

std::vector<EquityStep> equity_steps(const kernel::Rows& result) {
  std::vector<EquityStep> steps;
  for (const kernel::Row row : result) {
    steps.push_back({.at = row.micros("at"),
                     .bought = row.text("side") == "BUY",
                     .quantity = row.decimal("quantity"),
                     .price = row.decimal("price"),
                     .cash = row.decimal("cash"),
                     .held = row.decimal("held")});
  }
  return steps;
}

kernel::Statement ask_equity_marks(const std::string& session) {
  // Each moment is one look into the index: a year of minutes costs as much as a day.
  return {
      "WITH range AS (SELECT s.symbol, s.timeframe, " + std::string(kBarLength) +
          " AS length, f.low, CASE s.mode WHEN 'rehearsal' THEN s.last_event_at ELSE coalesce(s.ended_at, 'infinity') END AS "
          "most FROM trading.sessions s CROSS JOIN LATERAL (SELECT CASE s.mode WHEN 'rehearsal' THEN g.event_at ELSE "
          "t.booked_at END AS low FROM trading.trades t JOIN trading.orders o ON o.id = t.order_id LEFT JOIN trading.signals g "
          "ON g.id = o.signal_id WHERE t.session_id = s.id ORDER BY t.id LIMIT 1) f WHERE s.id = $1::uuid), span AS (SELECT "
          "r.*, (SELECT b.ts FROM market.bars b WHERE b.symbol = r.symbol AND b.timeframe = r.timeframe AND b.ts <= r.most "
          "ORDER BY b.ts DESC LIMIT 1) AS high FROM range r) SELECT DISTINCT " +
          micros_sql("b.ts + x.length", "at") +
          ", b.c::numeric::text AS price FROM span x CROSS JOIN generate_series(0, 600) n CROSS JOIN LATERAL (SELECT b.ts, b.c "
          "FROM market.bars b WHERE b.symbol = x.symbol AND b.timeframe = x.timeframe AND b.ts >= x.low AND b.ts <= x.low + "
          "(x.high - x.low) * (n / 600.0) ORDER BY b.ts DESC LIMIT 1) b WHERE x.high >= x.low ORDER BY at",
      kernel::sql_values(session)};
}

std::vector<EquityMark> equity_marks(const kernel::Rows& result) {
  std::vector<EquityMark> marks;
  for (const kernel::Row row : result) marks.push_back({row.micros("at"), row.decimal("price")});
  return marks;
}

}  // namespace am::web
