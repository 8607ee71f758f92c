#include "verify.hpp"

namespace am::strategy {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;
using kernel::Verification;

// Each statement is several literals.
// NOLINTBEGIN(bugprone-suspicious-missing-comma)

/// What every check begins with: the users of these days, $1 to $2, or all.
constexpr std::string_view kUsers =
    "WITH users AS (SELECT * FROM trading.users u WHERE $1::date IS NULL OR EXISTS (SELECT FROM trading.sessions s WHERE s.user_id "
    "= u.id AND (s.started_at AT TIME ZONE 'UTC')::date BETWEEN $1::date AND $2::date)) ";

/// Rows of what is wrong, as email, what, expected, got.
constexpr std::string_view kMoneyChecks[] = {
    // Nothing is made or lost.
    "SELECT u.email, 'cash and what is held, at cost' AS what, (e.deposits + t.realised - t.fees)::text AS expected, "
    "(u.virtual_balance + p.cost)::text AS got FROM users u, LATERAL (SELECT coalesce(sum(amount) FILTER (WHERE kind IN ('deposit', "
    "'correction')), 0) AS deposits FROM trading.cash_entries WHERE user_id = u.id) e, LATERAL (SELECT coalesce(sum(realised), 0) "
    "AS realised, coalesce(sum(fee), 0) AS fees FROM trading.trades WHERE user_id = u.id) t, LATERAL (SELECT coalesce(sum(p.cost), "
    "0) AS cost FROM trading.positions p JOIN trading.sessions s ON s.id = p.session_id WHERE s.user_id = u.id) p WHERE "
    "u.virtual_balance + p.cost <> e.deposits + t.realised - t.fees ORDER BY 1",
    "SELECT u.email, 'cash' AS what, coalesce(sum(e.amount), 0)::text AS expected, u.virtual_balance::text AS got FROM users u LEFT "
    "JOIN trading.cash_entries e ON e.user_id = u.id GROUP BY u.id, u.email, u.virtual_balance HAVING u.virtual_balance <> "
    "coalesce(sum(e.amount), 0) ORDER BY 1",
    "SELECT email, 'balance after cash entry ' || id AS what, runs::text AS expected, balance::text AS got FROM (SELECT u.email, "
    "e.id, e.balance, sum(e.amount) OVER (PARTITION BY u.id ORDER BY e.id) AS runs FROM users u JOIN trading.cash_entries e ON "
    "e.user_id = u.id) t WHERE balance <> runs ORDER BY 1, id",
    "SELECT u.email, 'reserved' AS what, coalesce(sum(o.reserved), 0)::text AS expected, u.reserved::text AS got FROM users u LEFT "
    "JOIN trading.orders o ON o.user_id = u.id AND o.closed_at IS NULL GROUP BY u.id, u.email, u.reserved HAVING u.reserved <> "
    "coalesce(sum(o.reserved), 0) ORDER BY 1",
    "SELECT u.email, 'reserved' AS what, '0 to ' || u.virtual_balance AS expected, u.reserved::text AS got FROM users u WHERE "
    "u.reserved < 0 OR u.reserved > u.virtual_balance ORDER BY 1"};

constexpr std::string_view kBookingChecks[] = {
    // One booking for each growth of an order: its trades add up to it, step by step.
    "SELECT u.email, 'order ' || o.id || ': filled, value, fee' AS what, concat_ws(', ', o.filled_quantity, o.filled_value, o.fee) "
    "AS expected, concat_ws(', ', t.quantity, t.value, t.fee) AS got FROM users u JOIN trading.orders o ON o.user_id = u.id, LATERAL "
    "(SELECT coalesce(sum(quantity), 0) AS quantity, coalesce(sum(value), 0) AS value, coalesce(sum(fee), 0) AS fee FROM "
    "trading.trades WHERE order_id = o.id) t WHERE (o.filled_quantity, o.filled_value, o.fee) <> (t.quantity, t.value, t.fee) ORDER "
    "BY 1, 2",
    "SELECT email, 'trade ' || id || ': cumulative quantity' AS what, runs::text AS expected, cumulative_quantity::text AS got FROM "
    "(SELECT u.email, t.id, t.cumulative_quantity, sum(t.quantity) OVER (PARTITION BY t.order_id ORDER BY t.id) AS runs FROM users u "
    "JOIN trading.trades t ON t.user_id = u.id) t WHERE cumulative_quantity <> runs ORDER BY 1, id",
    "SELECT u.email, 'trade ' || t.id || ': cash' AS what, (CASE t.side WHEN 'BUY' THEN -t.value ELSE t.value END - t.fee)::text AS "
    "expected, coalesce(e.amount::text, 'none') AS got FROM users u JOIN trading.trades t ON t.user_id = u.id, LATERAL (SELECT "
    "sum(amount) AS amount, count(*) FILTER (WHERE kind = 'trade') AS n FROM trading.cash_entries WHERE trade_id = t.id) e WHERE e.n "
    "<> 1 OR e.amount <> CASE t.side WHEN 'BUY' THEN -t.value ELSE t.value END - t.fee ORDER BY 1, t.id",
    "SELECT u.email, 'trade ' || t.id || ': realised' AS what, (CASE t.side WHEN 'BUY' THEN 0 ELSE t.value - t.cost END)::text AS "
    "expected, t.realised::text AS got FROM users u JOIN trading.trades t ON t.user_id = u.id WHERE t.realised <> CASE t.side WHEN "
    "'BUY' THEN 0 ELSE t.value - t.cost END ORDER BY 1, t.id",
    "SELECT u.email, 'order ' || o.id || ': filled' AS what, o.quantity::text AS expected, o.filled_quantity::text AS got FROM users "
    "u JOIN trading.orders o ON o.user_id = u.id WHERE o.status = 'filled' AND o.filled_quantity <> o.quantity ORDER BY 1, 2"};

constexpr std::string_view kPositionChecks[] = {
    // What is held is what was bought, less what was sold and what fees took of it.
    "SELECT u.email, 'session ' || s.id || ': quantity and cost of ' || coalesce(t.symbol, p.symbol) AS what, concat_ws(', ', "
    "coalesce(t.quantity, 0) - coalesce(f.quantity, 0), coalesce(t.cost, 0)) AS expected, concat_ws(', ', coalesce(p.quantity, 0), "
    "coalesce(p.cost, 0)) AS got FROM users u JOIN trading.sessions s ON s.user_id = u.id JOIN (SELECT session_id, symbol, sum(CASE "
    "side WHEN 'BUY' THEN quantity - fee_quantity ELSE -quantity END) AS quantity, sum(CASE side WHEN 'BUY' THEN cost ELSE -cost "
    "END) AS cost FROM trading.trades GROUP BY 1, 2) t ON t.session_id = s.id LEFT JOIN trading.positions p ON p.session_id = "
    "t.session_id AND p.symbol = t.symbol LEFT JOIN (SELECT session_id, symbol, sum(quantity) AS quantity FROM "
    "trading.fee_corrections GROUP BY 1, 2) f ON f.session_id = coalesce(t.session_id, p.session_id) AND f.symbol = "
    "coalesce(t.symbol, p.symbol) WHERE (coalesce(p.quantity, 0) <> coalesce(t.quantity, 0) - "
    "coalesce(f.quantity, 0) OR coalesce(p.cost, 0) <> coalesce(t.cost, 0)) ORDER BY 1, 2",
    "SELECT u.email, 'session ' || s.id || ': position without trades' AS what, '0' AS expected, p.quantity::text AS got FROM users "
    "u JOIN trading.sessions s ON s.user_id = u.id JOIN trading.positions p ON p.session_id = s.id WHERE (p.quantity <> 0 OR p.cost "
    "<> 0) AND NOT EXISTS (SELECT FROM trading.trades t WHERE t.session_id = s.id AND t.symbol = p.symbol) ORDER BY 1, 2",
    "SELECT u.email, 'session ' || s.id || ': cost of nothing' AS what, '0' AS expected, p.cost::text AS got FROM users u JOIN "
    "trading.sessions s ON s.user_id = u.id JOIN trading.positions p ON p.session_id = s.id WHERE p.quantity = 0 AND p.cost <> 0 "
    "ORDER BY 1, 2",
    "SELECT u.email, 'session ' || s.id || ': final_pnl' AS what, t.pnl::text AS expected, coalesce(s.final_pnl::text, 'none') AS got "
    "FROM users u JOIN trading.sessions s ON s.user_id = u.id, LATERAL (SELECT coalesce(sum(realised - fee), 0) AS pnl FROM "
    "trading.trades WHERE session_id = s.id) t WHERE s.status <> 'RUNNING' AND s.final_pnl IS DISTINCT FROM t.pnl ORDER BY 1, 2",
    "SELECT u.email, 'signal ' || g.id || ': its order' AS what, 'one' AS expected, 'none' AS got FROM users u JOIN trading.sessions "
    "s ON s.user_id = u.id JOIN trading.signals g ON g.session_id = s.id WHERE g.status = 'ordered' AND NOT EXISTS (SELECT FROM "
    "trading.orders o WHERE o.signal_id = g.id) ORDER BY 1, 2"};
// NOLINTEND(bugprone-suspicious-missing-comma)

constexpr std::string_view kCounts =
    "SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM trading.sessions s JOIN users u ON u.id = s.user_id) AS "
    "sessions, (SELECT count(*) FROM trading.orders o JOIN users u ON u.id = o.user_id) AS orders, (SELECT count(*) FROM "
    "trading.trades t JOIN users u ON u.id = t.user_id) AS trades";

}  // namespace

Verification verify_strategy(kernel::Db& db, std::optional<DateRange> days,
                             const kernel::VerifyProgress& progress) {
  Verification found;
  found.noun = "user";
  found.member = "user";
  const auto ends = days ? sql_values(days->first, days->last) : sql_values(std::nullopt, std::nullopt);
  const auto snapshot = db.begin(true);
  const Rows counts = snapshot->query(std::string(kUsers) + std::string(kCounts), ends);
  const Row row = counts.only();
  std::string looked_at;
  for (const char* what : {"users", "sessions", "orders", "trades"}) {
    found.counts.emplace_back(what, row.integer(what));
    looked_at += (looked_at.empty() ? "" : ", ") + row.text(what) + " " + what;
  }
  found.looked_at = looked_at;
  for (const std::span<const std::string_view> checks :
       {std::span<const std::string_view>(kMoneyChecks), std::span<const std::string_view>(kBookingChecks),
        std::span<const std::string_view>(kPositionChecks)}) {
    for (const std::string_view check : checks) {
      for (const Row wrong : snapshot->query(std::string(kUsers) + std::string(check), ends))
        found.find({.subject = wrong.text("email"),
                    .what = wrong.text("what"),
                    .expected = wrong.text("expected"),
                    .got = wrong.text("got")});
    }
  }
  const auto users = static_cast<std::size_t>(row.integer("users"));
  if (progress) progress(users, users);
  return found;
}

}  // namespace am::strategy
