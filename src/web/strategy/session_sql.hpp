#pragma once
// Pieces of SQL over `trading.sessions s`. Private.

#include <string>

namespace am::web {

/// How long a bar of the session is; nothing for what is no timeframe.
inline constexpr std::string_view kBarLength =
    "CASE WHEN s.timeframe ~ '^[1-9][0-9]{0,3}[smhd]$' THEN s.timeframe::interval ELSE interval '0' END";

/// When a trade t of signal g was, on the session's clock: in a rehearsal the bars are the clock.
std::string traded_at();

/// The last price that is known of the session's symbol, as price and at: one row, or none. A rehearsal knows the bars up to
/// the one it saw last, a session that ended those up to its end.
std::string last_price();

/// "(extract(epoch FROM …) * 1000000)::bigint AS name": a moment as Row::micros reads it.
std::string micros_sql(std::string_view moment, std::string_view name);

}  // namespace am::web
