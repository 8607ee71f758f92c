#include "session_sql.hpp"

namespace am::web {

std::string traded_at() {
  return "CASE WHEN s.mode = 'rehearsal' THEN g.event_at + " + std::string(kBarLength) +
         " ELSE t.booked_at END";
}

std::string last_price() {
  return "SELECT x.price, x.at FROM ((SELECT b.c::numeric AS price, b.ts + " + std::string(kBarLength) +
         " AS at FROM market.bars b WHERE b.symbol = s.symbol AND b.timeframe = s.timeframe AND (s.mode <> 'rehearsal' OR b.ts "
         "<= s.last_event_at) AND (s.mode = 'rehearsal' OR s.ended_at IS NULL OR b.ts < s.ended_at) ORDER BY b.ts DESC LIMIT "
         "1) UNION ALL (SELECT t.price, coalesce(" +
         traded_at() +
         ", s.last_event_at) FROM trading.trades t JOIN trading.orders o ON o.id = t.order_id LEFT JOIN trading.signals g ON g.id = "
         "o.signal_id WHERE t.session_id = s.id ORDER BY t.id DESC LIMIT 1)) x ORDER BY x.at DESC NULLS LAST LIMIT 1";
}

std::string micros_sql(std::string_view moment, std::string_view name) {
  return "(extract(epoch FROM " + std::string(moment) + ") * 1000000)::bigint AS " + std::string(name);
}

}  // namespace am::web
