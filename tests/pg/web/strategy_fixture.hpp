#pragma once
// The strategy desk's section over a real database, by a role that may only read.

#include <array>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "am/base/text.hpp"
#include "am/strategy/desk.hpp"
#include "am/web/router.hpp"
#include "am/web/strategy_section.hpp"
#include "support/html.hpp"
#include "support/json_schema.hpp"
#include "support/pg.hpp"
#include "web/answers.hpp"

namespace am::web {

inline const Router& strategy_router() {
  static const std::array<const Section*, 1> kSections{&strategy_section()};
  static const Router kRouter = site_router(kSections);
  return kRouter;
}

inline std::string session_id(int n) { return "01900000-0000-7000-8000-0000000000a" + std::to_string(n); }

class StrategySectionTest : public testing::Test {
 protected:
  StrategySectionTest() {
    kernel::SnapshotOptions options;
    options.db.url = home_.url_as(home_.create_role(
        {"USAGE ON SCHEMA trading, market", "SELECT ON ALL TABLES IN SCHEMA trading, market"}));
    options.timeout = std::chrono::seconds(30);
    reader_ = kernel::open_snapshots(options);
  }

  /// One user and four sessions: 1 runs on paper, with trades, an open order and refused signals; 2 is a rehearsal that ended
  /// (its bars of 2006); 3 is live, halted, stale and nobody's; 4 failed.
  void fill() {
    for (
        const std::string_view statement :
        {"INSERT INTO trading.users VALUES ('01900000-0000-7000-8000-000000000001', 'ann@example.com', 98833.58, 512.40, now(), "
         "now())",
         "INSERT INTO trading.strategies (id, user_id, name, symbol, language, code, created_at) SELECT "
         "('01900000-0000-7000-8000-00000000000' || n)::uuid, '01900000-0000-7000-8000-000000000001', (ARRAY['sma15', "
         "'my_own'])[n], 'AAPL', (ARRAY['builtin', 'python'])[n], 'x', now() FROM generate_series(1, 2) n",
         "INSERT INTO trading.sessions (id, user_id, strategy_id, symbol, asset_type, mode, status, trading, reason, epoch, "
         "lease_until, last_event_at, stale_since, started_at, ended_at, final_pnl, updated_at) VALUES "
         "('01900000-0000-7000-8000-0000000000a1', '01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000001', "
         "'AAPL', 'stock', 'paper', 'RUNNING', 'ACTIVE', NULL, 3, now() + interval '1 hour', '2026-01-26T15:30:00Z', NULL, "
         "'2026-01-26T14:00:00Z', NULL, NULL, now()), "
         "('01900000-0000-7000-8000-0000000000a2', '01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002', "
         "'DEMO', 'stock', 'rehearsal', 'STOPPED', 'ACTIVE', NULL, 1, NULL, '2006-01-03T15:00:00Z', NULL, "
         "'2026-01-26T13:00:00Z', '2026-01-26T13:05:00Z', 10.00, now()), "
         "('01900000-0000-7000-8000-0000000000a3', '01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000001', "
         "'BTC/USD', 'crypto', 'live', 'RUNNING', 'HALTED', 'a <b>drawdown</b> of 21 %', 2, now() - interval '1 hour', NULL, "
         "'2026-01-26T12:30:00Z', '2026-01-26T12:00:00Z', NULL, NULL, now()), "
         "('01900000-0000-7000-8000-0000000000a4', '01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002', "
         "'MSFT', 'stock', 'paper', 'FAILED', 'ACTIVE', 'line 3: <i>NameError</i>', 1, NULL, NULL, NULL, "
         "'2026-01-26T11:00:00Z', '2026-01-26T11:10:00Z', 0.00, now())",
         "INSERT INTO trading.signals (id, session_id, strategy_id, symbol, side, price, quantity, confidence, event_at, ordinal, "
         "generated_at, metadata, status, reason, created_at, updated_at) SELECT ('01900000-0000-7000-8000-0000000000b' || n)::uuid, "
         "('01900000-0000-7000-8000-0000000000a' || s)::uuid, '01900000-0000-7000-8000-000000000001', y, side, price, quantity, 0.75, "
         "at, 0, at, m::jsonb, status, r, at, at FROM (VALUES (1, 1, 'AAPL', 'BUY', 200.5, 10, '2026-01-26T14:30:00Z'::timestamptz, "
         "'{\"sma\": 199.875, \"why\": \"above <u>it</u>\"}', 'ordered', NULL), (2, 1, 'AAPL', 'SELL', 210, 4, '2026-01-26T15:00:00Z', "
         "'{}', 'ordered', NULL), (3, 1, 'AAPL', 'BUY', 205, 900, '2026-01-26T15:20:00Z', '{}', 'refused', 'insufficient_funds'), "
         "(4, 1, 'AAPL', 'BUY', 205, 1, '2026-01-26T15:10:00Z', '{}', 'missed', 'too old'), (5, 1, 'AAPL', 'BUY', 205, 2.5, "
         "'2026-01-26T15:30:00Z', '{}', 'pending', NULL), (6, 2, 'DEMO', 'BUY', 10, 10, '2006-01-03T14:31:00Z', '{}', 'ordered', "
         "NULL), (7, 2, 'DEMO', 'SELL', 11, 10, '2006-01-03T14:50:00Z', '{}', 'ordered', NULL)) v (n, s, y, side, price, quantity, at, "
         "m, status, r)",
         "INSERT INTO trading.orders (id, client_order_id, signal_id, session_id, user_id, broker, mode, symbol, asset_type, side, "
         "quantity, signal_price, limit_price, status, vendor_status, reason, filled_quantity, filled_value, fee, reserved, closed_at, "
         "created_at, updated_at) SELECT ('01900000-0000-7000-8000-0000000000c' || n)::uuid, 'am-' || lpad(n::text, 40, '0'), "
         "('01900000-0000-7000-8000-0000000000b' || g)::uuid, ('01900000-0000-7000-8000-0000000000a' || s)::uuid, "
         "'01900000-0000-7000-8000-000000000001', 'paper', CASE s WHEN 2 THEN 'rehearsal' ELSE 'paper' END, y, 'stock', side, q, p, p, "
         "status, vendor, r, f, v, fee, held, closed, at, at FROM (VALUES (1, 1, 1, 'AAPL', 'BUY', 10, 200.5, 'filled', 'filled', NULL, "
         "10, 2005.00, 1.00, 0, '2026-01-26T14:31:01Z'::timestamptz, '2026-01-26T14:31:00Z'::timestamptz), (2, 2, 1, 'AAPL', 'SELL', "
         "4, 210, 'filled', 'filled', NULL, 4, 840.00, 0.42, 0, '2026-01-26T15:01:01Z', '2026-01-26T15:01:00Z'), (3, NULL, 1, 'AAPL', "
         "'BUY', 2.5, 204.96, 'open', 'accepted', NULL, 0, 0, 0, 512.40, NULL, '2026-01-26T15:31:00Z'), (4, NULL, 1, 'AAPL', 'BUY', 3, "
         "205, 'cancelled', 'canceled', 'timed_out', 0, 0, 0, 0, '2026-01-26T15:20:00Z', '2026-01-26T15:19:00Z'), (5, 6, 2, 'DEMO', "
         "'BUY', 10, 10, 'filled', NULL, NULL, 10, 100.00, 0, 0, '2026-01-26T13:01:00Z', '2026-01-26T13:01:00Z'), (6, 7, 2, 'DEMO', "
         "'SELL', 10, 11, 'filled', NULL, NULL, 10, 110.00, 0, 0, '2026-01-26T13:01:02Z', '2026-01-26T13:01:02Z')) v (n, g, s, y, side, "
         "q, p, status, vendor, r, f, v, fee, held, closed, at)",
         "INSERT INTO trading.trades (order_id, session_id, user_id, symbol, side, quantity, cumulative_quantity, price, value, fee, "
         "cost, realised, booked_at) SELECT ('01900000-0000-7000-8000-0000000000c' || n)::uuid, o.session_id, o.user_id, o.symbol, "
         "o.side, o.quantity, o.quantity, o.signal_price, o.filled_value, o.fee, cost, realised, o.closed_at FROM (VALUES (5, 100.00, "
         "0), (6, 100.00, 10.00), (1, 2005.00, 0), (2, 802.00, 38.00)) v (n, cost, realised) JOIN trading.orders o ON o.client_order_id "
         "= 'am-' || lpad(n::text, 40, '0') ORDER BY o.closed_at",
         "INSERT INTO trading.positions VALUES ('01900000-0000-7000-8000-0000000000a1', 'AAPL', 6, 1203.00, 38.00, 1.42, 'paper', now()), "
         "('01900000-0000-7000-8000-0000000000a2', 'DEMO', 0, 0, 10.00, 0, 'paper', now())",
         "INSERT INTO market.bars SELECT 'AAPL', '1m', t::timestamptz, c, c, c, c, 1 FROM (VALUES ('2026-01-26T14:30:00Z', 200.5), "
         "('2026-01-26T14:45:00Z', 220), ('2026-01-26T15:00:00Z', 210), ('2026-01-26T15:30:00Z', 205.25)) v (t, c)",
         "INSERT INTO market.bars SELECT 'DEMO', '1m', t::timestamptz, c, c, c, c, 1 FROM (VALUES ('2006-01-03T14:40:00Z', 9), "
         "('2026-01-26T13:02:00Z', 500)) v (t, c)"})
      db_->query(statement);
  }

  Document answer(const std::string& target) {
    const auto found = strategy_router().match(target);
    if (!found) return error_document(found.error().status, found.error().message);
    const kernel::Desks desks{&strategy::desk()};
    const kernel::Desks off;
    const std::vector<kernel::RateLimit> limits;
    const std::function<kernel::ServerStats()> stats;
    const std::string root;
    try {
      Document document = rendered(*found->route, found->args,
                                   {*reader_, *parse_rfc3339("2026-01-26T16:00:00Z"), desks, off, limits,
                                    stats, root, strategy_router()});
      if (document.content_type == kJsonType) {
        const auto problems = schemas_.problems(std::string(found->route->schema), document.body);
        EXPECT_TRUE(problems.empty()) << target << ": " << join(problems, "; ") << "\n" << document.body;
      } else {
        EXPECT_EQ(test::html_problems(document.body), std::vector<std::string>()) << target;
      }
      return document;
    } catch (const Error& error) {
      const int status = error.kind() == ErrorKind::no_input ? 404
                         : error.kind() == ErrorKind::usage  ? 400
                                                             : 500;
      return error_document(status, error.message());
    }
  }
  std::string body(const std::string& target) { return answer(target).body; }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  std::unique_ptr<kernel::SnapshotReader> reader_;
  test::JsonSchemas schemas_{openapi_json(strategy_router())};
};

inline bool has_part(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
inline std::size_t times_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace am::web
