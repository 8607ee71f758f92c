// What of the events a session sees, and what becomes of what it asks for.

#include "am/strategy/routing.hpp"

#include <cmath>

#include <gmock/gmock.h>

#include "am/base/error.hpp"
#include "support/error_of.hpp"
#include "support/strategy_bars.hpp"

namespace am::strategy {
namespace {

using test::bar_at;
using test::kMinute;
using test::kOpen;
using test::ScriptedStrategy;
using test::walk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

SessionSpec paper_session(const std::string& id, const std::string& symbol = "AAPL",
                          const std::string& timeframe = "1m") {
  return {.session_id = id, .strategy_id = "strategy", .symbol = symbol, .timeframe = timeframe, .epoch = 7};
}

std::vector<Intent> one_buy(const Bar& bar) { return {{.price = bar.close, .quantity = 1}}; }

/// When the bar has just ended.
Micros end_of(const Bar& bar) { return bar.start + kMinute; }

Routed send(StrategyManager& manager, const Bar& bar) {
  return manager.on_bar("AAPL", "1m", bar, end_of(bar));
}

/// A session that is live without history.
std::shared_ptr<std::vector<Micros>> add_live(StrategyManager& manager, const SessionSpec& spec,
                                              ScriptedStrategy::Asks asks = {}) {
  auto strategy = std::make_unique<ScriptedStrategy>(std::move(asks));
  auto seen = strategy->seen;
  manager.start_session(spec, std::move(strategy));
  manager.join(spec.session_id, {}, kOpen);
  return seen;
}

TEST(StrategyManager, RoutesBySymbolAndTimeframe) {
  StrategyManager manager;
  const auto apple = add_live(manager, paper_session("1"));
  const auto five = add_live(manager, paper_session("2", "AAPL", "5m"));
  const auto other = add_live(manager, paper_session("3", "MSFT"));
  const Bar bar = bar_at(0, 100);
  EXPECT_EQ(send(manager, bar), Routed::evaluated);
  EXPECT_EQ(manager.on_bar("AAPL", "15m", bar, end_of(bar)), Routed::unrouted);
  EXPECT_EQ(manager.on_bar("TSLA", "1m", bar, end_of(bar)), Routed::unrouted);
  EXPECT_THAT(*apple, ElementsAre(kOpen));
  EXPECT_THAT(*five, IsEmpty());
  EXPECT_THAT(*other, IsEmpty());
  EXPECT_EQ(manager.counts().unrouted, 2U);
}

TEST(StrategyManager, DropsWhatComesTwiceLateOrCannotBe) {
  StrategyManager manager;
  const auto seen = add_live(manager, paper_session("1"));
  EXPECT_EQ(send(manager, bar_at(0, 100)), Routed::evaluated);
  EXPECT_EQ(send(manager, bar_at(1, 101)), Routed::evaluated);
  EXPECT_EQ(send(manager, bar_at(1, 101)), Routed::repeated);
  EXPECT_EQ(send(manager, bar_at(1, 102)), Routed::revised);
  EXPECT_EQ(send(manager, bar_at(0, 100)), Routed::older);
  Bar impossible = bar_at(2, 100);
  impossible.low = 101.5;
  EXPECT_EQ(send(manager, impossible), Routed::impossible);
  impossible = bar_at(2, std::nan(""));
  EXPECT_EQ(send(manager, impossible), Routed::impossible);
  const Bar future = bar_at(2, 100);
  EXPECT_EQ(manager.on_bar("AAPL", "1m", future, end_of(future) - 31'000'000), Routed::far_future);
  EXPECT_EQ(manager.on_bar("AAPL", "1m", future, end_of(future) - 29'000'000), Routed::evaluated);
  EXPECT_THAT(*seen, ElementsAre(kOpen, kOpen + kMinute, kOpen + 2 * kMinute));
  const RoutingCounts& counts = manager.counts();
  EXPECT_EQ(counts.repeated, 1U);
  EXPECT_EQ(counts.revised, 1U);
  EXPECT_EQ(counts.older, 1U);
  EXPECT_EQ(counts.impossible, 2U);
  EXPECT_EQ(counts.far_future, 1U);
  EXPECT_EQ(counts.callbacks, 3U);
}

TEST(StrategyManager, MakesASignalOfWhatIsAskedFor) {
  StrategyManager manager;
  add_live(manager, paper_session("session"), [](const Bar&) {
    return std::vector<Intent>{
        {.side = Side::sell, .price = 185.25, .quantity = 0.5, .confidence = 0.75, .metadata = R"({"a":1})"},
        {.side = Side::buy, .price = 185, .quantity = 2}};
  });
  send(manager, bar_at(0, 100));
  const auto decisions = manager.take_decisions();
  ASSERT_THAT(decisions, SizeIs(2));
  const Signal& signal = decisions[0].signal;
  EXPECT_EQ(decisions[0].what, Decision::What::signal);
  EXPECT_EQ(signal.session_id, "session");
  EXPECT_EQ(signal.epoch, 7);
  EXPECT_EQ(signal.strategy_id, "strategy");
  EXPECT_EQ(signal.symbol, "AAPL");
  EXPECT_EQ(signal.side, Side::sell);
  EXPECT_EQ(signal.price.to_string(), "185.25");
  EXPECT_EQ(signal.quantity.to_string(), "0.5");
  EXPECT_EQ(signal.confidence, 0.75);
  EXPECT_EQ(signal.metadata, R"({"a":1})");
  EXPECT_EQ(signal.generated_at, kOpen + kMinute);
  const SignalIds ids = signal_ids(
      {.session_id = "session", .strategy_id = "strategy", .timeframe = "1m", .event = kOpen, .ordinal = 0});
  EXPECT_EQ(signal.signal_id, ids.signal_id);
  EXPECT_EQ(signal.client_order_id, ids.client_order_id);
  EXPECT_EQ(decisions[1].ordinal, 1U);
  EXPECT_NE(decisions[1].signal.signal_id, ids.signal_id);
  EXPECT_FALSE(manager.has_decisions());
}

TEST(StrategyManager, RejectsWhatCannotBeASignal) {
  StrategyManager manager;
  add_live(manager, paper_session("1"), [](const Bar&) {
    return std::vector<Intent>{{.price = std::nan(""), .quantity = 1},
                               {.price = 100, .quantity = -1},
                               {.price = 1e300, .quantity = 1},
                               {.price = 100, .quantity = 1, .confidence = std::nan("")},
                               {.price = 100, .quantity = 1}};
  });
  send(manager, bar_at(0, 100));
  const auto decisions = manager.take_decisions();
  ASSERT_THAT(decisions, SizeIs(5));
  EXPECT_THAT(decisions[0].reason, HasSubstr("price: it is not finite"));
  EXPECT_THAT(decisions[1].reason, HasSubstr("quantity: it is not positive"));
  EXPECT_THAT(decisions[2].reason, HasSubstr("too large"));
  EXPECT_THAT(decisions[3].reason, HasSubstr("confidence"));
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(decisions[static_cast<std::size_t>(i)].what, Decision::What::rejected);
  EXPECT_EQ(decisions[4].what, Decision::What::signal);
  EXPECT_EQ(decisions[4].ordinal, 4U);
  EXPECT_EQ(manager.counts().rejected, 4U);
}

TEST(StrategyManager, ABarThatEndedLongAgoIsMissedAndSeen) {
  StrategyManager manager;
  const auto seen = add_live(manager, paper_session("1"), one_buy);
  const Bar bar = bar_at(0, 100);
  manager.on_bar("AAPL", "1m", bar, end_of(bar) + 30'000'000);
  manager.on_bar("AAPL", "1m", bar_at(1, 100), end_of(bar_at(1, 100)) + 30'000'001);
  const auto decisions = manager.take_decisions();
  ASSERT_THAT(decisions, SizeIs(2));
  EXPECT_EQ(decisions[0].what, Decision::What::signal);
  EXPECT_EQ(decisions[1].what, Decision::What::missed);
  EXPECT_FALSE(decisions[1].signal.signal_id.empty());
  EXPECT_THAT(*seen, SizeIs(2));
}

TEST(StrategyManager, InRehearsalTheBarsAreTheClock) {
  StrategyManager manager;
  SessionSpec spec = paper_session("1");
  spec.mode = Mode::rehearsal;
  add_live(manager, spec, one_buy);
  EXPECT_EQ(manager.on_bar("AAPL", "1m", bar_at(0, 100), kOpen + 1000 * kMinute), Routed::evaluated);
  EXPECT_EQ(manager.on_bar("AAPL", "1m", bar_at(1, 100), kOpen - 1000 * kMinute), Routed::evaluated);
  EXPECT_EQ(manager.counts().signals, 2U);
}

TEST(StrategyManager, AFutureBarIsDroppedForPaperAndSeenInRehearsal) {
  StrategyManager manager;
  const auto paper = add_live(manager, paper_session("1"));
  SessionSpec spec = paper_session("2");
  spec.mode = Mode::rehearsal;
  const auto rehearsal = add_live(manager, spec);
  EXPECT_EQ(manager.on_bar("AAPL", "1m", bar_at(5, 100), kOpen), Routed::evaluated);
  EXPECT_THAT(*paper, IsEmpty());
  EXPECT_THAT(*rehearsal, SizeIs(1));
}

TEST(StrategyManager, TradesOfOneMomentAreNumberedOn) {
  StrategyManager manager;
  auto strategy = std::make_unique<ScriptedStrategy>();
  strategy->ask_at_trades = true;
  const auto trades = strategy->trades;
  manager.start_session(paper_session("1"), std::move(strategy));
  EXPECT_EQ(manager.on_trade("AAPL", {.at = kOpen, .price = 1, .size = 1}, kOpen), Routed::evaluated);
  EXPECT_THAT(*trades, IsEmpty()) << "it has not joined";
  manager.join("1", {}, kOpen);
  for (const Micros at : {kOpen + 5, kOpen + 5, kOpen + 4, kOpen + 6})
    manager.on_trade("AAPL", {.at = at, .price = 10, .size = 1}, kOpen + 6);
  EXPECT_EQ(manager.on_trade("AAPL", {.at = kOpen + 7, .price = -1, .size = 1}, kOpen + 6),
            Routed::impossible);
  EXPECT_EQ(manager.on_trade("AAPL", {.at = kOpen + kMinute, .price = 1, .size = 1}, kOpen),
            Routed::far_future);
  EXPECT_THAT(*trades, ElementsAre(kOpen + 5, kOpen + 5, kOpen + 6));
  const auto decisions = manager.take_decisions();
  ASSERT_THAT(decisions, SizeIs(3));
  EXPECT_EQ(decisions[0].ordinal, 0U);
  EXPECT_EQ(decisions[1].ordinal, 1U);
  EXPECT_EQ(decisions[2].ordinal, 0U);
  EXPECT_EQ(decisions[1].signal.signal_id, signal_ids({.session_id = "1",
                                                       .strategy_id = "strategy",
                                                       .timeframe = "trade",
                                                       .event = kOpen + 5,
                                                       .ordinal = 1})
                                               .signal_id);
}

TEST(StrategyManager, AWarmUpIsEvaluatedAndCountsForNothing) {
  StrategyManager manager;
  auto strategy = std::make_unique<ScriptedStrategy>(one_buy, 4);
  manager.start_session(paper_session("1"), std::move(strategy));
  const std::vector<Bar> history{bar_at(0, 100), bar_at(1, 100), bar_at(2, 100)};
  manager.join("1", history, end_of(bar_at(2, 100)));
  EXPECT_EQ(manager.counts().muted, 3U);
  const auto info = manager.find("1");
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->live);
  EXPECT_FALSE(info->warm) << "it wanted four bars";
  send(manager, bar_at(3, 100));
  send(manager, bar_at(4, 100));
  EXPECT_EQ(manager.counts().signals, 2U) << "the fourth bar is the last that it wanted";
  EXPECT_TRUE(manager.find("1")->warm);
}

TEST(StrategyManager, TooFewBarsKeepItMuted) {
  StrategyManager manager;
  manager.start_session(paper_session("1"), std::make_unique<ScriptedStrategy>(one_buy, 3));
  manager.join("1", {}, kOpen);
  for (int i = 0; i < 4; ++i) send(manager, bar_at(i, 100));
  EXPECT_EQ(manager.counts().muted, 2U);
  EXPECT_EQ(manager.counts().signals, 2U);
}

TEST(StrategyManager, TellsWhatIsHeld) {
  StrategyManager manager;
  auto strategy = std::make_unique<ScriptedStrategy>();
  ScriptedStrategy& its = *strategy;
  manager.start_session(paper_session("1"), std::move(strategy));
  manager.join("1", {}, kOpen);
  manager.position("1", {.quantity = 2, .cost = 370.5});
  send(manager, bar_at(0, 100));
  EXPECT_EQ(its.held, (Position{.quantity = 2, .cost = 370.5}));
}

TEST(StrategyManager, SessionsComeAndGo) {
  StrategyManager manager;
  int stops = 0;
  std::vector<std::shared_ptr<std::vector<Micros>>> seen;
  for (const char* id : {"1", "2", "3"}) {
    auto strategy = std::make_unique<ScriptedStrategy>();
    strategy->stops = &stops;
    seen.push_back(strategy->seen);
    manager.start_session(paper_session(id), std::move(strategy));
    manager.join(id, {}, kOpen);
  }
  send(manager, bar_at(0, 100));
  EXPECT_TRUE(manager.stop_session("2"));
  EXPECT_FALSE(manager.stop_session("2"));
  EXPECT_EQ(stops, 1);
  manager.position("3", {.quantity = 1});
  send(manager, bar_at(1, 100));
  EXPECT_THAT(*seen[0], SizeIs(2));
  EXPECT_THAT(*seen[1], SizeIs(1));
  EXPECT_THAT(*seen[2], SizeIs(2));
  EXPECT_THAT(manager.sessions(), ElementsAre("1", "3"));
  EXPECT_TRUE(manager.stop_session("1"));
  EXPECT_TRUE(manager.stop_session("3"));
  EXPECT_THAT(manager.lanes(), IsEmpty());
  EXPECT_EQ(send(manager, bar_at(2, 100)), Routed::unrouted);
}

TEST(StrategyManager, RefusesASessionTwiceAndWithoutATimeframe) {
  StrategyManager manager;
  manager.start_session(paper_session("1"), std::make_unique<ScriptedStrategy>());
  EXPECT_EQ(test::error_of([&] {
              manager.start_session(paper_session("1"), std::make_unique<ScriptedStrategy>());
            }).kind(),
            ErrorKind::bug);
  EXPECT_THAT(test::error_of([&] {
                manager.start_session(paper_session("2", "AAPL", "fast"),
                                      std::make_unique<ScriptedStrategy>());
              }).message(),
              HasSubstr("no timeframe"));
  EXPECT_THAT(manager.sessions(), ElementsAre("1"));
}

}  // namespace
}  // namespace am::strategy
