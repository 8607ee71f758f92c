// The strategy desk's pages.

#include "strategy_fixture.hpp"

namespace am::web {
namespace {

using StrategyPagesTest = StrategySectionTest;

std::string page_of_session(int n) { return "/pages/strategy/sessions/" + session_id(n); }

TEST_F(StrategyPagesTest, SayWhatToDoWhileThereIsNothing) {
  EXPECT_TRUE(has_part(body("/pages/strategy"), "am strategy add"));
  EXPECT_TRUE(has_part(body("/pages/strategy?page=9223372036854775807"), "No more sessions"));
  EXPECT_EQ(answer(page_of_session(1)).status, 404);
  EXPECT_EQ(answer("/pages/strategy/sessions/1").status, 400);
}

TEST_F(StrategyPagesTest, ListThoseThatRunFirst) {
  fill();
  const std::string page = body("/pages/strategy");
  EXPECT_LT(page.find(session_id(3)), page.find(session_id(2)));
  EXPECT_TRUE(has_part(page, "<span class=\"mode live\">LIVE</span>"));
  EXPECT_TRUE(has_part(page, "<span class=\"mode rehearsal\">rehearsal</span>"));
  EXPECT_TRUE(has_part(page, "running, an engine has it"));
  EXPECT_TRUE(has_part(page, "running, no engine has it"));
  EXPECT_TRUE(has_part(page, "failed: line 3: &lt;i&gt;NameError&lt;/i&gt;"));
  EXPECT_TRUE(has_part(page, "stale since <time"));
  EXPECT_TRUE(has_part(page, "+$65.08"));
  EXPECT_TRUE(has_part(page, "$98\u00a0833.58"));
  EXPECT_TRUE(has_part(page, "$100\u00a0065.08"));
  EXPECT_FALSE(has_part(page, "<b>drawdown"));
}

TEST_F(StrategyPagesTest, SayWhatStopsEverything) {
  fill();
  db_->query(
      "INSERT INTO trading.switch (trading, reason, changed_at) VALUES ('HALTED', 'storm & flood', now())");
  EXPECT_TRUE(
      has_part(body("/pages/strategy"), "Everything is halted, nothing is ordered: storm &amp; flood"));
  EXPECT_TRUE(has_part(body(page_of_session(1)), "Everything is halted"));
}

TEST_F(StrategyPagesTest, ShowWhatASessionEarnedAndWhy) {
  fill();
  const std::string page = body(page_of_session(1));
  EXPECT_TRUE(has_part(page, "<h1>sma15 on AAPL<span class=\"mode paper\">paper</span></h1>"));
  EXPECT_TRUE(has_part(page, "+$65.08"));
  EXPECT_TRUE(has_part(page, "$1\u00a0231.50"));
  EXPECT_TRUE(has_part(page, "$128.92"));
  EXPECT_TRUE(has_part(page, "it earned +$65.08; at its lowest it was $128.92 below its highest."));
  EXPECT_TRUE(has_part(page, "sma: 199.875, why: above &lt;u&gt;it&lt;/u&gt;"));
  EXPECT_TRUE(has_part(page, "no reason given"));
  EXPECT_TRUE(has_part(page, "refused: insufficient_funds"));
  EXPECT_TRUE(has_part(page, "missed: too old"));
  EXPECT_TRUE(has_part(page, "2 ordered, 1 pending, 1 refused") ||
              has_part(page, "1 missed, 2 ordered, 1 pending, 1 refused"));
  EXPECT_TRUE(has_part(page, "Open orders"));
  EXPECT_TRUE(has_part(page, "timed_out"));
  EXPECT_EQ(times_of(page, "class=\"equity "), 2U);
  EXPECT_EQ(times_of(page, "<path class=\"buy\""), 2U);
  EXPECT_FALSE(has_part(page, "style=\""));
}

TEST_F(StrategyPagesTest, DrawARehearsalOnItsOwnClock) {
  fill();
  const std::string page = body(page_of_session(2));
  EXPECT_TRUE(has_part(
      page,
      "From 2006-01-03 09:32 EST to 2006-01-03 09:51 EST it earned +$10.00; at its lowest it was $10.00 below"))
      << page;
}

TEST_F(StrategyPagesTest, DrawWhatIsLeftOfAFeeThatIsTakenInKind) {
  fill();
  db_->query(
      "INSERT INTO trading.trades (order_id, session_id, user_id, symbol, side, quantity, cumulative_quantity, price, value, fee, "
      "fee_quantity, cost, realised, booked_at) SELECT '01900000-0000-7000-8000-0000000000c4', "
      "'01900000-0000-7000-8000-0000000000a3', '01900000-0000-7000-8000-000000000001', 'BTC/USD', 'BUY', 1, 1, 100, 100.00, 0.00, "
      "0.25, 100.00, 0, '2026-01-26T15:00:00Z'");
  EXPECT_TRUE(has_part(body(page_of_session(3)), "it earned −$25.00"));
}

TEST_F(StrategyPagesTest, SayWhatKeepsASessionFromTrading) {
  fill();
  const std::string page = body(page_of_session(3));
  EXPECT_TRUE(has_part(page, "<strong>LIVE</strong>"));
  EXPECT_TRUE(has_part(page, "No engine has it"));
  EXPECT_TRUE(has_part(page, "Stale since <time"));
  EXPECT_TRUE(has_part(page, "Halted, nothing is ordered: a &lt;b&gt;drawdown&lt;/b&gt; of 21 %"));
  EXPECT_TRUE(has_part(page, "nothing was traded"));
  EXPECT_FALSE(has_part(page, "class=\"equity"));
  EXPECT_TRUE(has_part(body(page_of_session(4)), "It failed: line 3: &lt;i&gt;NameError"));
}

TEST_F(StrategyPagesTest, TurnThroughManyTradesAndDrawEveryNth) {
  fill();
  db_->query(
      "INSERT INTO trading.trades (order_id, session_id, user_id, symbol, side, quantity, cumulative_quantity, price, value, fee, cost, "
      "realised, booked_at) SELECT '01900000-0000-7000-8000-0000000000c4', '01900000-0000-7000-8000-0000000000a1', "
      "'01900000-0000-7000-8000-000000000001', 'AAPL', CASE n % 2 WHEN 1 THEN 'BUY' ELSE 'SELL' END, 0.000000001, n * 0.000000001, 200, "
      "0.00, 0.00, 0, 0, '2026-01-26T16:00:00Z'::timestamptz + n * interval '1 second' FROM generate_series(1, 1300) n");
  const std::string page = body(page_of_session(1));
  EXPECT_TRUE(has_part(page, "?page=2"));
  EXPECT_FALSE(has_part(page, "<path class=\"buy\""));
  EXPECT_TRUE(has_part(page, "ordered by a person: timed_out"));
  const std::string last = body(page_of_session(1) + "?page=27");
  EXPECT_TRUE(has_part(last, "rel=\"prev\""));
  EXPECT_FALSE(has_part(last, "rel=\"next\""));
  EXPECT_FALSE(has_part(last, "class=\"equity"));
  EXPECT_TRUE(has_part(last, "mode paper"));
}

}  // namespace
}  // namespace am::web
