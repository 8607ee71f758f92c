// Gaps: nothing is evaluated until what was missed is made good, and then each bar once.

#include <gmock/gmock.h>

#include "am/strategy/routing.hpp"
#include "support/strategy_bars.hpp"

namespace am::strategy {
namespace {

using test::bar_at;
using test::kMinute;
using test::kOpen;
using test::ScriptedStrategy;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Micros kEnd = kMinute;

std::vector<Intent> always(const Bar& bar) { return {{.price = bar.close, .quantity = 1}}; }

/// A manager with one session.
struct Desk {
  explicit Desk(Mode mode = Mode::paper, const StrategyManager::Settings& settings = {}) : manager(settings) {
    auto strategy = std::make_unique<ScriptedStrategy>(always);
    seen = strategy->seen;
    manager.start_session(
        {.session_id = "1", .strategy_id = "t", .symbol = "AAPL", .timeframe = "1m", .mode = mode},
        std::move(strategy));
  }
  Routed send(int minute, Micros delay = 0) {
    const Bar bar = bar_at(minute, 100 + minute);
    return manager.on_bar("AAPL", "1m", bar, bar.start + kEnd + delay);
  }
  std::vector<int> minutes() const {
    std::vector<int> all;
    for (const Micros start : *seen) all.push_back(static_cast<int>((start - kOpen) / kMinute));
    return all;
  }
  static std::vector<Bar> history(int from, int to) {
    std::vector<Bar> bars;
    for (int i = from; i < to; ++i) bars.push_back(bar_at(i, 100 + i));
    return bars;
  }
  Gap gap() const { return manager.find("1")->gap; }

  StrategyManager manager;
  std::shared_ptr<std::vector<Micros>> seen;
};

TEST(RoutingGap, WhatComesBeforeTheJoinIsKeptAndJoinedByTime) {
  Desk desk;
  desk.send(5);
  desk.send(6);
  EXPECT_THAT(*desk.seen, IsEmpty());
  desk.manager.join("1", Desk::history(2, 7), kOpen + 7 * kMinute);  // the table has them already
  desk.send(7);
  EXPECT_THAT(desk.minutes(), ElementsAre(2, 3, 4, 5, 6, 7));
  EXPECT_THAT(desk.manager.waiting(), IsEmpty());
}

TEST(RoutingGap, AJumpOfTheBarClockHoldsBackTheBarThatShowsIt) {
  Desk desk;
  desk.manager.join("1", {}, kOpen);
  desk.send(0);
  EXPECT_EQ(desk.send(3), Routed::gap);
  EXPECT_EQ(desk.gap(), Gap::jump);
  desk.send(4);
  EXPECT_THAT(desk.minutes(), ElementsAre(0));
  EXPECT_THAT(desk.manager.waiting(), ElementsAre("1"));
  desk.manager.take_decisions();
  desk.manager.join("1", Desk::history(1, 3), kOpen + 5 * kMinute);
  EXPECT_THAT(desk.minutes(), ElementsAre(0, 1, 2, 3, 4));
  const auto decisions = desk.manager.take_decisions();
  ASSERT_THAT(decisions, SizeIs(4));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(decisions[i].what, Decision::What::missed) << i;
  EXPECT_EQ(decisions[3].what, Decision::What::signal) << "it ended just now";
  EXPECT_EQ(desk.gap(), Gap::none);
}

TEST(RoutingGap, WithoutBackfillItGoesOnWithWhatThereIs) {
  Desk desk;
  desk.manager.join("1", {}, kOpen);
  desk.send(0);
  desk.send(3);
  desk.manager.join("1", {}, kOpen + 4 * kMinute);
  desk.send(4);
  EXPECT_THAT(desk.minutes(), ElementsAre(0, 3, 4));
  EXPECT_EQ(desk.manager.counts().gaps, 1U);
}

TEST(RoutingGap, TheFirstBarAfterAJoinIsHeldAgainstTheHistory) {
  Desk desk;
  desk.manager.join("1", Desk::history(0, 3), kOpen + 3 * kMinute);
  EXPECT_EQ(desk.send(4), Routed::gap) << "bar 3 was lost between the table and the stream";
  desk.manager.join("1", Desk::history(3, 4), kOpen + 5 * kMinute);
  EXPECT_EQ(desk.send(5), Routed::evaluated);
  EXPECT_THAT(desk.minutes(), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(RoutingGap, ASecondSessionThatJoinsAheadTakesNothingFromTheFirst) {
  Desk desk;
  desk.manager.join("1", {}, kOpen);
  desk.send(0);
  auto strategy = std::make_unique<ScriptedStrategy>();
  const auto second = strategy->seen;
  desk.manager.start_session({.session_id = "2", .strategy_id = "t", .symbol = "AAPL"}, std::move(strategy));
  desk.manager.join("2", Desk::history(0, 2),
                    kOpen + 2 * kMinute);  // bar 1 came to the table before the stream
  EXPECT_EQ(desk.send(1), Routed::evaluated);
  EXPECT_EQ(desk.send(2), Routed::evaluated);
  EXPECT_THAT(desk.minutes(), ElementsAre(0, 1, 2));
  EXPECT_THAT(*second, SizeIs(3));
}

TEST(RoutingGap, InReplayAJumpIsNone) {
  StrategyManager::Settings settings;
  settings.gaps = false;
  Desk desk(Mode::rehearsal, settings);
  desk.manager.join("1", {}, kOpen);
  desk.send(0);
  EXPECT_EQ(desk.send(100), Routed::evaluated);
  EXPECT_THAT(desk.minutes(), ElementsAre(0, 100));
}

TEST(RoutingGap, InRehearsalWhatWasMissedIsLateByTheBarThatShowedIt) {
  Desk desk(Mode::rehearsal);
  desk.manager.join("1", {}, 0);
  desk.send(0);
  desk.send(3);
  desk.send(4);
  desk.manager.take_decisions();
  desk.manager.join("1", Desk::history(1, 4), 0);
  const auto decisions = desk.manager.take_decisions();
  ASSERT_THAT(decisions, SizeIs(4));
  EXPECT_EQ(decisions[0].what, Decision::What::missed);
  EXPECT_EQ(decisions[1].what, Decision::What::missed);
  EXPECT_EQ(decisions[2].what, Decision::What::signal) << "bar 3 itself";
  EXPECT_EQ(decisions[3].what, Decision::What::signal);
}

TEST(RoutingGap, BrokenNumbersAreAGapOfBarsAndAreToldOfTrades) {
  Desk desk;
  desk.manager.join("1", {}, kOpen);
  StrategyManager& manager = desk.manager;
  EXPECT_EQ(manager.observe("AAPL", EventKind::bar, 1, 10), Sequence::first);
  EXPECT_EQ(manager.observe("AAPL", EventKind::bar, 1, 11), Sequence::next);
  EXPECT_EQ(manager.observe("AAPL", EventKind::bar, 1, 11), Sequence::repeated);
  EXPECT_EQ(manager.observe("AAPL", EventKind::bar, 1, 9), Sequence::repeated);
  EXPECT_TRUE(manager.find("1")->live);
  EXPECT_EQ(manager.observe("AAPL", EventKind::trade, 1, 1), Sequence::first);
  EXPECT_EQ(manager.observe("AAPL", EventKind::trade, 1, 5), Sequence::broken);
  EXPECT_TRUE(manager.find("1")->live);
  EXPECT_EQ(manager.observe("AAPL", EventKind::bar, 1, 13), Sequence::broken);
  EXPECT_EQ(desk.gap(), Gap::sequence);
  desk.send(0);
  EXPECT_THAT(*desk.seen, IsEmpty());
  manager.join("1", {}, kOpen + kMinute);
  EXPECT_THAT(desk.minutes(), ElementsAre(0));
  EXPECT_EQ(manager.observe("AAPL", EventKind::bar, 2, 1), Sequence::restarted);
  EXPECT_EQ(desk.gap(), Gap::sequence);
  EXPECT_EQ(manager.observe("AAPL", EventKind::bar, 2, 2), Sequence::next);
  EXPECT_EQ(manager.observe("TSLA", EventKind::bar, 2, 9), Sequence::first);
}

TEST(RoutingGap, StaleForAReasonAndOneReasonAtATime) {
  Desk desk;
  EXPECT_EQ(desk.manager.mark_all_stale(Gap::reconnect), 0U) << "it has not joined yet";
  desk.manager.join("1", {}, kOpen);
  EXPECT_EQ(desk.manager.mark_all_stale(Gap::reconnect), 1U);
  EXPECT_EQ(desk.manager.mark_stale("AAPL", Gap::silence), 0U);
  EXPECT_EQ(desk.gap(), Gap::reconnect);
  desk.manager.join("1", {}, kOpen);
  EXPECT_TRUE(desk.manager.mark_session_stale("1", Gap::coalesced));
  EXPECT_FALSE(desk.manager.mark_session_stale("2", Gap::coalesced));
  EXPECT_EQ(name_of(desk.gap()), "coalesced");
}

TEST(RoutingGap, TooManyKeptBarsLoseTheOldest) {
  StrategyManager::Settings settings;
  settings.most_kept = 3;
  Desk desk(Mode::paper, settings);
  for (int i = 0; i < 5; ++i) desk.send(i);
  EXPECT_EQ(desk.manager.counts().kept_lost, 2U);
  EXPECT_EQ(desk.manager.lanes().at(0).kept, 3U);
  desk.manager.join("1", Desk::history(0, 5), kOpen + 5 * kMinute);
  EXPECT_THAT(desk.minutes(), ElementsAre(0, 1, 2, 3, 4)) << "the table had them";
  EXPECT_EQ(desk.manager.lanes().at(0).kept, 0U);
}

TEST(RoutingGap, ATradeIsNotSeenWhileStale) {
  Desk desk;
  desk.manager.join("1", {}, kOpen);
  desk.manager.mark_all_stale(Gap::reconnect);
  desk.manager.on_trade("AAPL", {.at = kOpen, .price = 1, .size = 1}, kOpen);
  EXPECT_EQ(desk.manager.counts().trades_passed, 1U);
}

TEST(RoutingGap, ALaneTellsHowItStands) {
  Desk desk;
  desk.manager.join("1", {}, kOpen);
  desk.send(0, 5);
  const auto lanes = desk.manager.lanes();
  ASSERT_THAT(lanes, SizeIs(1));
  EXPECT_EQ(lanes[0].symbol, "AAPL");
  EXPECT_EQ(lanes[0].timeframe, "1m");
  EXPECT_EQ(lanes[0].last_bar, kOpen);
  EXPECT_EQ(lanes[0].last_seen, kOpen + kMinute + 5);
  EXPECT_EQ(lanes[0].sessions, 1U);
  EXPECT_EQ(lanes[0].waiting, 0U);
}

}  // namespace
}  // namespace am::strategy
