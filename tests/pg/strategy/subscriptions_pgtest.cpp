// What Redis is told of sessions, by a real one.

#include <gmock/gmock.h>

#include "am/strategy/stream.hpp"
#include "am/strategy/subscriptions.hpp"
#include "support/strategy/redis.hpp"
#include "support/strategy_rows.hpp"

namespace am::strategy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Instant kNoon = std::chrono::sys_days{std::chrono::year{2026} / 1 / 26} + std::chrono::hours(17);

class Subscriptions : public testing::Test {
 protected:
  std::vector<std::string> members(AssetType type = AssetType::stock) {
    return redis_.members(subscription_set(type));
  }
  Session ended(const Session& session) {
    db_->transact(
        [&](kernel::Transaction& tx) { end_session(tx, session.id, SessionStatus::stopped, "", kNoon); });
    return *find_session(*db_, session.id);
  }
  void announce(const Session& session) { announce_session(*db_, redis_, session); }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  test::RedisServer server_;
  Redis redis_{parse_redis_url(server_.url())};
};

TEST_F(Subscriptions, TheLastSessionOfASymbolTakesItOffTheSet) {
  const Session first = test::make_session(*db_);
  const Session second = test::make_session(*db_, {.strategy = "other"});
  const Session pair = test::make_session(*db_, {.symbol = "BTC/USD"});
  for (const Session& session : {first, second, pair}) announce(session);
  EXPECT_THAT(members(), ElementsAre("AAPL"));
  EXPECT_THAT(members(AssetType::crypto), ElementsAre("BTC/USD"));
  announce(ended(first));
  EXPECT_THAT(members(), ElementsAre("AAPL"));
  announce(ended(second));
  EXPECT_THAT(members(), IsEmpty());
  EXPECT_THAT(members(AssetType::crypto), ElementsAre("BTC/USD"));
}

TEST_F(Subscriptions, AnEventSaysWhatHappened) {
  MarketStream stream({.url = server_.url()});
  const auto next = [&]() -> std::optional<ControlEvent> {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    MessageParser parser;
    while (std::chrono::steady_clock::now() < end) {
      stream.wait(end);
      while (const auto frame = stream.next()) {
        if (frame->kind == Frame::Kind::control) return *parser.control(frame->payload);
        if (frame->kind == Frame::Kind::connected) announce(test::make_session(*db_));
      }
    }
    return std::nullopt;
  };
  const auto begun = next();
  const Session session = load_session(*db_, "sma");
  ControlEvent expected{.action = ControlEvent::Action::subscribe,
                        .symbol = "AAPL",
                        .type = AssetType::stock,
                        .strategy_id = session.strategy_id,
                        .session_id = session.id};
  EXPECT_EQ(begun, expected);
  announce(ended(session));
  expected.action = ControlEvent::Action::unsubscribe;
  EXPECT_EQ(next(), expected);
}

TEST_F(Subscriptions, WhatRedisLostIsPutBackAndWhatOthersWantStays) {
  test::make_session(*db_);
  test::make_session(*db_, {.symbol = "MSFT"});
  redis_.add(subscription_set(AssetType::stock), "MSFT");
  redis_.add(subscription_set(AssetType::stock), "ZZZ");
  EXPECT_EQ(restore_subscriptions(*db_, redis_, AssetType::stock), 1U);
  EXPECT_THAT(members(), ElementsAre("AAPL", "MSFT", "ZZZ"));
  EXPECT_EQ(restore_subscriptions(*db_, redis_, AssetType::stock), 0U);
}

}  // namespace
}  // namespace am::strategy
