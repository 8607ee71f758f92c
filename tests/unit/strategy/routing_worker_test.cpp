// Sessions whose strategy is a worker: what they are offered, and what their answers become.

#include <gmock/gmock.h>

#include "am/strategy/routing.hpp"
#include "support/strategy_bars.hpp"

namespace am::strategy {
namespace {

using test::bar_at;
using test::kMinute;
using test::kOpen;
using test::ScriptedWorker;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct Rig {
  explicit Rig(const StrategyManager::Settings& settings = {},
               const std::optional<SessionSnapshot>& from = std::nullopt, int warm_up = 0)
      : manager(settings) {
    auto made = std::make_unique<ScriptedWorker>();
    made->on_bar = [](const Bar& bar) { return std::vector<Intent>{{.price = bar.close, .quantity = 1}}; };
    worker = made.get();
    manager.start_session({.session_id = "1", .strategy_id = "t", .symbol = "AAPL", .warm_up = warm_up},
                          std::move(made), from);
  }
  Routed send(int minute) {
    const Bar bar = bar_at(minute, 100 + minute);
    return manager.on_bar("AAPL", "1m", bar, bar.start + kMinute);
  }
  std::vector<Decision> answers(Micros now) {
    std::vector<Evaluated> all;
    worker->pump(all);
    manager.evaluated("1", all, now);
    return manager.take_decisions();
  }

  StrategyManager manager;
  ScriptedWorker* worker;
};

TEST(RoutingWorker, AnswersBecomeTheSameSignals) {
  Rig rig;
  rig.manager.join("1", {}, kOpen);
  rig.send(0);
  EXPECT_FALSE(rig.manager.has_decisions()) << "its answer comes later";
  const auto decisions = rig.answers(kOpen + kMinute);
  ASSERT_THAT(decisions, SizeIs(1));
  EXPECT_EQ(decisions[0].what, Decision::What::signal);
  EXPECT_EQ(decisions[0].signal.generated_at, kOpen + kMinute);
  EXPECT_EQ(decisions[0].signal.signal_id,
            signal_ids({.session_id = "1", .strategy_id = "t", .timeframe = "1m", .event = kOpen}).signal_id);
  EXPECT_THAT(rig.worker->kinds, ElementsAre(EventKind::start, EventKind::bar));
}

TEST(RoutingWorker, AnAnswerThatComesTooLateIsMissed) {
  Rig rig;
  rig.manager.join("1", {}, kOpen);
  rig.send(0);
  const auto decisions = rig.answers(kOpen + kMinute + 30'000'001);
  ASSERT_THAT(decisions, SizeIs(1));
  EXPECT_EQ(decisions[0].what, Decision::What::missed);
}

TEST(RoutingWorker, HistoryIsOfferedMuted) {
  Rig rig({}, std::nullopt, 3);
  rig.manager.join("1", std::vector<Bar>{bar_at(0, 100), bar_at(1, 100)}, kOpen + 2 * kMinute);
  EXPECT_TRUE(rig.worker->events.at(1).muted);
  rig.answers(kOpen + 2 * kMinute);
  EXPECT_EQ(rig.manager.counts().muted, 2U);
  rig.send(2);
  EXPECT_FALSE(rig.worker->events.at(0).muted);
  EXPECT_THAT(rig.answers(kOpen + 3 * kMinute), SizeIs(1));
  EXPECT_EQ(rig.manager.counts().signals, 1U);
}

TEST(RoutingWorker, WhatHasNoRoomWaitsInOrder) {
  Rig rig;
  rig.worker->room = 2;
  rig.manager.join("1", {}, kOpen);
  for (int i = 0; i < 4; ++i) rig.send(i);
  EXPECT_THAT(rig.worker->events, SizeIs(2));
  std::vector<Micros> events;
  for (int i = 0; i < 3; ++i)
    for (const Decision& decision : rig.answers(kOpen + 4 * kMinute)) events.push_back(decision.event);
  EXPECT_THAT(events, ElementsAre(kOpen, kOpen + kMinute, kOpen + 2 * kMinute, kOpen + 3 * kMinute));
}

TEST(RoutingWorker, OneThatIsTooFarBehindIsStaleUntilItHasCaughtUp) {
  StrategyManager::Settings settings;
  settings.most_kept = 3;
  Rig rig(settings);
  rig.worker->room = 1;
  rig.manager.join("1", {}, kOpen);
  for (int i = 0; i < 5; ++i) rig.send(i);
  EXPECT_EQ(rig.manager.find("1")->gap, Gap::behind);
  EXPECT_THAT(rig.manager.waiting(), IsEmpty()) << "it has enough to do";
  rig.worker->room = 100;
  int signals = 0;
  for (int i = 0; i < 4; ++i) signals += static_cast<int>(rig.answers(kOpen + 5 * kMinute).size());
  EXPECT_THAT(rig.manager.waiting(), ElementsAre("1"));
  rig.manager.join("1", {}, kOpen + 5 * kMinute);
  signals += static_cast<int>(rig.answers(kOpen + 5 * kMinute).size());
  EXPECT_EQ(signals, 5) << "each bar once";
}

TEST(RoutingWorker, ItsSnapshotIsAsOfTheLastAnswer) {
  Rig rig;
  rig.manager.join("1", {}, kOpen);
  rig.send(0);
  rig.answers(kOpen + kMinute);
  rig.send(1);
  const SessionSnapshot snapshot = rig.manager.snapshot("1");
  EXPECT_EQ(snapshot.last_bar, kOpen);
  EXPECT_EQ(snapshot.seen, 1U);
  EXPECT_EQ(snapshot.strategy, "1");
  Rig again({}, snapshot);
  again.manager.join("1", std::vector<Bar>{bar_at(0, 100), bar_at(1, 101)}, kOpen + 2 * kMinute);
  const auto decisions = again.answers(kOpen + 2 * kMinute);
  ASSERT_THAT(decisions, SizeIs(1));
  EXPECT_EQ(decisions[0].event, kOpen + kMinute);
  EXPECT_EQ(decisions[0].what, Decision::What::signal);
}

TEST(RoutingWorker, WhatItPrintsAndHowItFailsIsTold) {
  Rig rig;
  rig.manager.join("1", {}, kOpen);
  const Evaluated answer{
      .kind = EventKind::bar, .at = kOpen, .output = {"hello"}, .error = "line 3: NameError"};
  rig.manager.evaluated("1", std::span(&answer, 1), kOpen + kMinute);
  const auto words = rig.manager.take_words();
  ASSERT_THAT(words, SizeIs(2));
  EXPECT_EQ(words[0].text, "hello");
  EXPECT_FALSE(words[0].is_error);
  EXPECT_EQ(words[1].text, "line 3: NameError");
  EXPECT_TRUE(words[1].is_error);
  EXPECT_EQ(rig.manager.snapshot("1").last_bar, kOpen) << "the event counts as seen";
}

TEST(RoutingWorker, WhatItAsksForAtItsStartIsRejected) {
  Rig rig;
  const Evaluated answer{.kind = EventKind::start, .muted = true, .intents = {{.price = 1, .quantity = 1}}};
  rig.manager.evaluated("1", std::span(&answer, 1), kOpen);
  const auto decisions = rig.manager.take_decisions();
  ASSERT_THAT(decisions, SizeIs(1));
  EXPECT_EQ(decisions[0].what, Decision::What::rejected);
}

TEST(RoutingWorker, TradesOfOneMomentAreNumberedOnByTheirAnswers) {
  Rig rig;
  rig.manager.join("1", {}, kOpen);
  for (int i = 0; i < 2; ++i) rig.manager.on_trade("AAPL", {.at = kOpen, .price = 5, .size = 1}, kOpen);
  const auto decisions = rig.answers(kOpen);
  ASSERT_THAT(decisions, SizeIs(2));
  EXPECT_EQ(decisions[0].ordinal, 0U);
  EXPECT_EQ(decisions[1].ordinal, 1U);
}

TEST(RoutingWorker, RetiredItIsOfferedItsStopAndNothingElse) {
  Rig rig;
  rig.manager.join("1", {}, kOpen);
  rig.send(0);
  rig.manager.retire("1");
  rig.send(1);
  rig.manager.join("1", {}, kOpen + 2 * kMinute);
  EXPECT_THAT(rig.answers(kOpen + kMinute), SizeIs(1));
  EXPECT_THAT(rig.worker->kinds, ElementsAre(EventKind::start, EventKind::bar, EventKind::stop));
  EXPECT_THAT(rig.manager.waiting(), IsEmpty());
  EXPECT_TRUE(rig.manager.stop_session("1"));
  EXPECT_EQ(rig.manager.worker("1"), nullptr);
}

TEST(RoutingWorker, IsToldWhatIsHeld) {
  Rig rig;
  rig.manager.position("1", {.quantity = 3, .cost = 9});
  EXPECT_EQ(rig.worker->held, (Position{.quantity = 3, .cost = 9}));
}

}  // namespace
}  // namespace am::strategy
