// What the strategy desk tells the shared commands: what is owed, what Prometheus is told, whether its rows agree, what may go.

#include <array>

#include <gmock/gmock.h>

#include "am/kernel/prune.hpp"
#include "am/strategy/desk.hpp"
#include "support/strategy_rows.hpp"

namespace am::strategy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

/// A Monday, 10:00 in New York.
constexpr Instant kMonday = std::chrono::sys_days{std::chrono::year{2026} / 1 / 26} + std::chrono::hours(15);

class StrategyDesk : public testing::Test {
 protected:
  std::vector<std::string> owed(Instant now) {
    std::vector<std::string> all;
    for (const kernel::Duty& duty : kernel::read_duties(*db_, {&desk()}, now))
      all.push_back(duty.slot + " " + format_rfc3339(duty.due_at) + (duty.is_due(now) ? " due" : ""));
    return all;
  }
  void run_of_slot(const std::string& slot, const std::string& status, const std::string& lease) {
    db_->query(
        "INSERT INTO ops.runs (id, job, slot, status, epoch, attempt, params, started_at, finished_at, lease_until, version) VALUES "
        "(gen_random_uuid(), $1, $2, $3, 1, 1, '{}', now(), CASE WHEN $3 <> 'running' THEN '2026-01-26T14:40:00Z'::timestamptz END, "
        "CASE WHEN $3 = 'running' THEN now() + $4::interval END, 'test')",
        kernel::sql_values(kRunJob, slot, status, lease));
  }
  std::string metrics() {
    const std::vector<kernel::Statement> asked = desk().metrics.ask(kMonday);
    return kernel::metrics_text(desk().metrics.make(kernel::read_snapshot(*db_, asked), kMonday));
  }
  std::vector<std::string> findings(std::optional<DateRange> days = {}) {
    std::vector<std::string> all;
    for (const kernel::Finding& each : desk().verify(*db_, days, {}).findings)
      all.push_back(each.subject + ": " + each.what + " " + each.expected + " " + each.got);
    return all;
  }
  /// A buy of 10 for 1000.00 and a sale of 4 of them for 500.00, each with a fee of 1.00, as the gateway books them.
  void trade(const Session& session) {
    for (
        const char* step :
        {"INSERT INTO trading.orders (id, client_order_id, session_id, user_id, broker, mode, symbol, asset_type, side, quantity, "
         "signal_price, limit_price, status, filled_quantity, filled_value, fee, placed_at, closed_at, created_at, updated_at) "
         "SELECT gen_random_uuid(), 'am-' || d.side || $1, s.id, s.user_id, 'paper', s.mode, s.symbol, s.asset_type, d.side, d.q, "
         "100, 101, 'filled', d.q, d.v, 1, now(), now(), now(), now() FROM trading.sessions s, (VALUES ('BUY', 10, 1000), ('SELL', "
         "4, 500)) d(side, q, v) WHERE s.id = $1::uuid",
         "INSERT INTO trading.trades (order_id, session_id, user_id, symbol, side, quantity, cumulative_quantity, price, value, fee, "
         "cost, realised, booked_at) SELECT o.id, o.session_id, o.user_id, o.symbol, o.side, o.quantity, o.quantity, 100, "
         "o.filled_value, 1, CASE o.side WHEN 'BUY' THEN 1000 ELSE 400 END, CASE o.side WHEN 'BUY' THEN 0 ELSE 100 END, now() FROM "
         "trading.orders o WHERE o.session_id = $1::uuid ORDER BY o.side",
         "INSERT INTO trading.positions (session_id, symbol, quantity, cost, realised, fees, broker, updated_at) SELECT id, symbol, "
         "6, 600, 100, 2, 'paper', now() FROM trading.sessions WHERE id = $1::uuid",
         "UPDATE trading.users u SET virtual_balance = virtual_balance - 502 FROM trading.sessions s WHERE s.id = $1::uuid AND u.id = "
         "s.user_id",
         "INSERT INTO trading.cash_entries (user_id, kind, amount, balance, trade_id, created_at) SELECT t.user_id, e.kind, e.amount, "
         "e.balance, t.id, now() FROM trading.trades t JOIN (VALUES ('BUY', 'trade', -1000, 99000, 1), ('BUY', 'fee', -1, 98999, 2), "
         "('SELL', 'trade', 500, 99499, 3), ('SELL', 'fee', -1, 99498, 4)) e(side, kind, amount, balance, n) ON e.side = t.side WHERE "
         "t.session_id = $1::uuid ORDER BY e.n"})
      db_->query(step, kernel::sql_values(session.id));
  }
  /// As somebody who may do anything to the rows.
  void spoil(const std::string& statement) {
    db_->query("DO $$ BEGIN SET LOCAL session_replication_role = replica; " + statement + "; END $$");
  }
  void end(const Session& session) {
    db_->transact(
        [&](kernel::Transaction& tx) { end_session(tx, session.id, SessionStatus::stopped, "", kMonday); });
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
};

TEST_F(StrategyDesk, WithoutSessionsNothingIsOwed) { EXPECT_THAT(owed(kMonday), IsEmpty()); }

TEST_F(StrategyDesk, AnEngineIsOwedWhileSessionsRun) {
  const Session session = test::make_session(*db_);
  EXPECT_THAT(owed(kMonday), ElementsAre("stock/2026-01-26 2026-01-26T14:20:00Z due",
                                         "stock/2026-01-27 2026-01-27T14:20:00Z"));
  // On the weekend the next one is Monday's.
  EXPECT_THAT(owed(kMonday - std::chrono::days(1)), ElementsAre("stock/2026-01-26 2026-01-26T14:20:00Z"));
  end(session);
  EXPECT_THAT(owed(kMonday), IsEmpty());
}

TEST_F(StrategyDesk, ARehearsalOwesNothing) {
  test::make_session(*db_, {.mode = Mode::rehearsal});
  EXPECT_THAT(owed(kMonday), IsEmpty());
}

TEST_F(StrategyDesk, CryptoIsOwedByDaysOfUtc) {
  test::make_session(*db_, {.symbol = "BTC/USD"});
  EXPECT_THAT(owed(kMonday), ElementsAre("crypto/2026-01-26 2026-01-26T00:00:00Z due",
                                         "crypto/2026-01-27 2026-01-27T00:00:00Z"));
}

TEST_F(StrategyDesk, WhatAnEngineHasIsNotOwed) {
  test::make_session(*db_);
  run_of_slot("stock/2026-01-26", "running", "1 minute");
  EXPECT_THAT(owed(kMonday), ElementsAre("stock/2026-01-27 2026-01-27T14:20:00Z"));
  db_->query("UPDATE ops.runs SET status = 'done', lease_until = NULL, finished_at = now()");
  EXPECT_THAT(owed(kMonday), ElementsAre("stock/2026-01-27 2026-01-27T14:20:00Z"));
}

TEST_F(StrategyDesk, AnEngineThatEndedIsOwedFromThenOn) {
  test::make_session(*db_);
  run_of_slot("stock/2026-01-26", "interrupted", "0");
  EXPECT_THAT(owed(kMonday), ElementsAre("stock/2026-01-26 2026-01-26T14:40:00Z due",
                                         "stock/2026-01-27 2026-01-27T14:20:00Z"));
}

TEST_F(StrategyDesk, TheCalendarOfWindowsKnowsHolidays) {
  std::vector<std::string> slots;
  for (const kernel::Duty& duty : desk().upcoming(Date{2026, 1, 16}, 5, "UTC")) slots.push_back(duty.slot);
  // A Friday, a weekend, Martin Luther King's day, a Tuesday.
  EXPECT_THAT(slots,
              ElementsAre("stock/2026-01-16", "crypto/2026-01-16", "crypto/2026-01-17", "crypto/2026-01-18",
                          "crypto/2026-01-19", "stock/2026-01-20", "crypto/2026-01-20"));
}

TEST_F(StrategyDesk, TellsPrometheusOfSessionsOrdersAndMoney) {
  const Session session = test::make_session(*db_);
  test::make_session(*db_, {.symbol = "BTC/USD", .mode = Mode::rehearsal});
  trade(session);
  db_->query(
      "UPDATE trading.sessions SET stale_since = '2026-01-26T15:00:00Z', last_event_at = '2026-01-26T14:59:00Z', trading = 'HALTED', "
      "peak_equity = 110000 WHERE mode = 'paper'");
  db_->query("INSERT INTO market.bars VALUES ('AAPL', '1m', '2026-01-26T14:58:00Z', 200, 200, 200, 200, 1)");
  db_->query("INSERT INTO ops.events (kind, data) SELECT 'gap', '{}' FROM generate_series(1, 3)");
  const std::string text = metrics();
  for (const char* line :
       {"am_strategy_sessions{mode=\"paper\",type=\"stock\",status=\"RUNNING\"} 1",
        "am_strategy_sessions{mode=\"rehearsal\",type=\"crypto\",status=\"RUNNING\"} 1",
        "am_strategy_stale_sessions{mode=\"paper\",type=\"stock\"} 1",
        "am_strategy_stale_since_timestamp_seconds{mode=\"paper\",type=\"stock\"} 1769439600",
        "am_strategy_last_event_timestamp_seconds{mode=\"paper\",type=\"stock\"} 1769439540",
        "am_strategy_sessions_without_engine{mode=\"paper\",type=\"stock\"} 1",
        "am_strategy_sessions_held_back{mode=\"paper\",type=\"stock\",trading=\"halted\"} 1",
        "am_strategy_orders{mode=\"paper\",status=\"filled\"} 2", "am_strategy_halt 0",
        "am_strategy_gaps{what=\"gap\"} 3", "am_strategy_dollars{which=\"cash\"} 99498",
        "am_strategy_dollars{which=\"cost\"} 600",
        // 100,000 + 100 − 2 + (6 × 200 − 600) = 100,698 of 110,000.
        "am_strategy_drawdown_percent{mode=\"paper\"} 8.456"})
    EXPECT_THAT(text, HasSubstr(line));
  // Neither a session nor an order is a label.
  EXPECT_THAT(text, Not(HasSubstr(session.id)));
}

TEST_F(StrategyDesk, TellsPrometheusNothingOddWithoutRows) {
  EXPECT_THAT(metrics(), HasSubstr("am_strategy_dollars{which=\"cash\"} 0"));
}

TEST_F(StrategyDesk, WhatIsBookedRightIsFoundRight) {
  const Session session = test::make_session(*db_);
  trade(session);
  EXPECT_THAT(findings(), IsEmpty());
  end(session);
  EXPECT_THAT(findings(), IsEmpty());
  const kernel::Verification all = desk().verify(*db_, {}, {});
  EXPECT_EQ(all.looked_at, "1 users, 1 sessions, 2 orders, 2 trades");
  EXPECT_EQ(test::value_of(*db_, "SELECT final_pnl FROM trading.sessions"), "98.00");
}

TEST_F(StrategyDesk, EachWrongFigureIsFound) {
  struct Wrong {
    const char* statement;
    const char* what;
  };
  for (
      const Wrong& wrong : std::array{
          Wrong{"UPDATE trading.users SET virtual_balance = virtual_balance + 0.01",
                "cash and what is held, at cost"},
          Wrong{"UPDATE trading.users SET virtual_balance = virtual_balance + 0.01",
                ": cash 99498.00 99498.01"},
          Wrong{"UPDATE trading.cash_entries SET balance = 1 WHERE kind = 'fee'", "balance after cash entry"},
          Wrong{"UPDATE trading.users SET reserved = 5", "reserved 0 5.00"},
          Wrong{
              "INSERT INTO trading.trades (order_id, session_id, user_id, symbol, side, quantity, cumulative_quantity, price, value, "
              "fee, cost, realised, booked_at) SELECT order_id, session_id, user_id, symbol, side, quantity, 99, price, value, fee, "
              "cost, realised, booked_at FROM trading.trades WHERE side = ''BUY''",
              ": filled, value, fee"},
          Wrong{"UPDATE trading.trades SET cumulative_quantity = 3 WHERE side = 'SELL'",
                "cumulative quantity 4"},
          Wrong{"DELETE FROM trading.cash_entries WHERE amount = 500", ": cash 499.00 -1.00"},
          Wrong{"UPDATE trading.trades SET realised = 99 WHERE side = 'SELL'", ": realised 100.00 99.00"},
          Wrong{"UPDATE trading.orders SET filled_quantity = 3 WHERE side = 'SELL'", ": filled 4"},
          Wrong{"UPDATE trading.positions SET quantity = 7",
                "quantity and cost of AAPL 6.000000000, 600.00 7.000000000, 600.00"},
          Wrong{"UPDATE trading.positions SET quantity = 0", "cost of nothing"},
          Wrong{"UPDATE trading.sessions SET status = 'STOPPED', ended_at = now(), final_pnl = 1",
                "final_pnl 98.00 1.00"}}) {
    test::empty_strategy(*db_);
    trade(test::make_session(*db_));
    std::string statement = wrong.statement;
    for (std::size_t at = 0; (at = statement.find("''", at)) != std::string::npos; ++at)
      statement.erase(at, 1);
    spoil(statement);
    EXPECT_THAT(findings(), testing::Contains(HasSubstr(wrong.what))) << wrong.statement;
  }
}

TEST_F(StrategyDesk, VerifiesTheUsersOfSomeDays) {
  trade(test::make_session(*db_));
  spoil("UPDATE trading.users SET reserved = 5");
  EXPECT_THAT(findings(DateRange{Date{2026, 1, 27}, Date{2026, 1, 31}}), IsEmpty());
  EXPECT_THAT(findings(DateRange{Date{2026, 1, 26}, Date{2026, 1, 26}}), SizeIs(1));
}

TEST_F(StrategyDesk, WhatCameToNothingMayGoAndWhatTradedStays) {
  const Session idle = test::make_session(*db_, {.symbol = "MSFT"});
  const Session traded = test::make_session(*db_);
  trade(traded);
  end(idle);
  end(traded);
  db_->query(
      "INSERT INTO trading.signals (id, session_id, strategy_id, symbol, side, price, quantity, confidence, generated_at, status, "
      "created_at, updated_at) SELECT gen_random_uuid(), id, strategy_id, symbol, 'BUY', 1, 1, 1, now(), 'missed', '2020-01-01', "
      "'2020-01-01' FROM trading.sessions");
  db_->query("UPDATE trading.sessions SET started_at = '2020-01-01', ended_at = '2020-01-02'");
  const kernel::Retention retention{.days = 60, .rules = {desk().prune.begin(), desk().prune.end()}};
  const kernel::Stop stop;
  const auto counts = kernel::prune(*db_, stop, retention, std::chrono::milliseconds(0));
  EXPECT_THAT(counts.of_desks,
              testing::UnorderedElementsAre(testing::Pair("signals", 2), testing::Pair("sessions", 1),
                                            testing::Pair("strategies", 0)));
  EXPECT_EQ(test::value_of(*db_, "SELECT string_agg(symbol, ' ') FROM trading.sessions"), "AAPL");
  EXPECT_THAT(findings(), IsEmpty());
}

}  // namespace
}  // namespace am::strategy
