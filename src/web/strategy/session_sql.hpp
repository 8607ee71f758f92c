#pragma once
// Pieces of SQL over `trading.sessions s`. Private.

#include <string>
#include <string_view>

namespace am::web {

/// How long a bar of the session is: "5m" is what an interval reads.
inline constexpr std::string_view kBarLength = "s.timeframe::interval";

/// When a trade t of signal g was, on the session's clock: in a rehearsal the bars are the clock.
std::string traded_at();

/// The last price that is known of the session's symbol, as price and at: one row, or none. A rehearsal knows the bars up to
/// the one it saw last, a session that ended those up to its end.
std::string last_price();

/// "(extract(epoch FROM …) * 1000000)::bigint AS name": a moment as Row::micros reads it.
std::string micros_sql(std::string_view moment, std::string_view name);

}  // namespace am::web
