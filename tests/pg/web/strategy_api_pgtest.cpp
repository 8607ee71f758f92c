// The strategy desk's API: sessions, trades, portfolio.

#include "strategy_fixture.hpp"

namespace am::web {
namespace {

using StrategyApiTest = StrategySectionTest;

TEST_F(StrategyApiTest, IsEmptyWhileThereIsNothing) {
  EXPECT_EQ(body("/strategy/sessions"), "{\"sessions\":[],\"next_cursor\":null}\n");
  EXPECT_EQ(body("/strategy/trades"), "{\"trades\":[],\"next_cursor\":null}\n");
  EXPECT_EQ(body("/strategy/portfolio"), "{\"accounts\":[],\"next_cursor\":null}\n");
  EXPECT_EQ(answer("/strategy/sessions/" + session_id(1)).status, 404);
  EXPECT_EQ(answer("/strategy/trades?session=" + session_id(1)).status, 404);
  EXPECT_EQ(answer("/strategy/sessions/1").status, 400);
  EXPECT_EQ(answer("/strategy/trades?cursor=0").status, 400);
}

TEST_F(StrategyApiTest, ListsSessionsTheNewestFirst) {
  fill();
  const std::string first = body("/strategy/sessions?limit=1");
  EXPECT_TRUE(has_part(first, R"({"session_id":")" + session_id(1) +
                                  R"(","mode":"paper","status":"RUNNING","trading":"ACTIVE")"));
  EXPECT_TRUE(has_part(first, R"("epoch":"3","held":true)"));
  EXPECT_TRUE(has_part(first, R"("trades":"2","realised":"38.00","fees":"1.42")"));
  EXPECT_TRUE(has_part(first, R"("next_cursor":")" + session_id(1)));
  const std::string rest = body("/strategy/sessions?cursor=" + session_id(1));
  EXPECT_LT(rest.find(session_id(2)), rest.find(session_id(3)));
  EXPECT_LT(rest.find(session_id(3)), rest.find(session_id(4)));
  EXPECT_FALSE(has_part(rest, session_id(1)));
  EXPECT_TRUE(has_part(rest, R"("next_cursor":null)"));
  EXPECT_TRUE(has_part(
      rest, R"("mode":"live","status":"RUNNING","trading":"HALTED","reason":"a \u003cb\u003edrawdown)"));
  EXPECT_TRUE(has_part(rest, R"("held":false)"));
}

TEST_F(StrategyApiTest, ValuesAPositionByTheLastPriceThatIsKnown) {
  fill();
  const std::string bar =
      R"("position":{"quantity":"6","cost":"1203.00","average_price":"200.5","last_price":"205.25",)"
      R"("last_price_at":"2026-01-26T15:31:00Z","value":"1231.50","unrealised":"28.50"},"pnl":"65.08","final_pnl":null)";
  EXPECT_TRUE(has_part(body("/strategy/sessions"), bar)) << body("/strategy/sessions");
  // Of trades alone it is the last one's.
  db_->query("DELETE FROM market.bars");
  EXPECT_TRUE(has_part(
      body("/strategy/sessions"),
      R"("last_price":"210","last_price_at":"2026-01-26T15:01:01Z","value":"1260.00","unrealised":"57.00"},"pnl":"93.58")"));
}

TEST_F(StrategyApiTest, KnowsNoBarOfARehearsalThatItsSessionHasNotSeen) {
  fill();
  db_->query("UPDATE trading.positions SET quantity = 10, cost = 100 WHERE symbol = 'DEMO'");
  const std::string session = body("/strategy/sessions/" + session_id(2));
  EXPECT_TRUE(has_part(session, R"("last_price":"11","last_price_at":"2006-01-03T14:51:00Z")")) << session;
  db_->query("UPDATE market.bars SET ts = '2006-01-03T14:59:00Z' WHERE symbol = 'DEMO' AND c = 9");
  EXPECT_TRUE(has_part(body("/strategy/sessions/" + session_id(2)),
                       R"("last_price":"9","last_price_at":"2006-01-03T15:00:00Z")"));
}

TEST_F(StrategyApiTest, KnowsNoBarBehindTheEndOfASession) {
  fill();
  db_->query(
      "UPDATE trading.sessions SET status = 'STOPPED', ended_at = '2026-01-26T15:15:00Z' WHERE symbol = 'AAPL'");
  EXPECT_TRUE(has_part(body("/strategy/sessions/" + session_id(1)),
                       R"("last_price":"210","last_price_at":"2026-01-26T15:01:01Z")"));
}

TEST_F(StrategyApiTest, ShowsOneSessionWithWhatWasNotOrdered) {
  fill();
  const std::string session = body("/strategy/sessions/" + session_id(1));
  EXPECT_TRUE(has_part(
      session, R"("signals":{"pending":"1","ordered":"2","refused":"1","missed":"1","expired":"0"})"));
  EXPECT_TRUE(has_part(session, R"("open_orders":[{"order_id":"01900000-0000-7000-8000-0000000000c3")"));
  EXPECT_EQ(times_of(session, "\"client_order_id\""), 1U);
  EXPECT_TRUE(has_part(session, R"("reserved":"512.40")"));
  EXPECT_LT(session.find(R"("status":"refused","reason":"insufficient_funds")"),
            session.find(R"("status":"missed","reason":"too old")"));
}

TEST_F(StrategyApiTest, ListsTradesWithTheirSignals) {
  fill();
  const std::string all = body("/strategy/trades?limit=3");
  EXPECT_EQ(times_of(all, "\"trade_id\""), 3U);
  EXPECT_TRUE(has_part(all, R"("next_cursor":"2")"));
  const std::string rest = body("/strategy/trades?cursor=2");
  EXPECT_EQ(times_of(rest, "\"trade_id\""), 1U);
  EXPECT_TRUE(has_part(rest, R"("mode":"rehearsal")"));
  const std::string own = body("/strategy/trades?session=" + session_id(1));
  EXPECT_EQ(times_of(own, "\"trade_id\""), 2U);
  EXPECT_TRUE(has_part(
      own,
      R"("action":"SELL","quantity":"4","price":"210","value":"840.00","fee":"0.42","fee_quantity":"0","cost":"802.00","realised":"38.00")"));
  EXPECT_TRUE(has_part(
      own, R"("confidence":"0.75","status":"ordered","reason":null,"event_at":"2026-01-26T14:30:00Z")"));
  EXPECT_TRUE(has_part(own, R"("metadata":{"sma":199.875,"why":"above \u003cu\u003eit\u003c/u\u003e"})"));
  EXPECT_EQ(times_of(body("/strategy/trades?limit=1&session=" + session_id(1)), "\"trade_id\""), 1U);
}

TEST_F(StrategyApiTest, ShowsWhatAUserHas) {
  fill();
  db_->query(
      "INSERT INTO trading.users SELECT '01900000-0000-7000-8000-000000000002', 'bob@example.com', 100000, 0, now(), now()");
  const std::string all = body("/strategy/portfolio");
  EXPECT_TRUE(has_part(
      all,
      R"("cash":"98833.58","reserved":"512.40","positions_value":"1231.50","value":"100065.08","realised":"48.00","fees":"1.42","trades":"4",)"
      R"("positions":[{"mode":"paper","symbol":"AAPL","asset_type":"stock","quantity":"6","cost":"1203.00")"))
      << all;
  EXPECT_TRUE(has_part(
      all,
      R"("positions_value":"0.00","value":"100000.00","realised":"0.00","fees":"0.00","trades":"0","positions":[])"));
  EXPECT_FALSE(has_part(all, "ann@"));
  const std::string first = body("/strategy/portfolio?limit=1");
  EXPECT_EQ(times_of(first, "\"user_id\""), 1U);
  EXPECT_TRUE(has_part(first, R"("next_cursor":"01900000-0000-7000-8000-000000000001")"));
  EXPECT_TRUE(has_part(body("/strategy/portfolio?cursor=01900000-0000-7000-8000-000000000001"), "100000.00"));
}

}  // namespace
}  // namespace am::web
