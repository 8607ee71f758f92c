// The engine as a whole: what comes through Redis becomes signals at the gateway, once, whatever happens in between.

#include <csignal>

#include "engine_bed.hpp"

namespace am::strategy {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class EngineRuns : public EngineBed {};

TEST_F(EngineRuns, BarsBecomeSignalsThatAreCarriedToTheGateway) {
  const Session session = make(Mode::rehearsal);
  EngineOptions wanted = options();
  wanted.idle = milliseconds(300);
  const auto engine = start(wanted);
  ASSERT_TRUE(becomes([&] { return is_held(session); }));
  const auto bars = test::walk(60);
  feed(bars);
  const EngineResult result = engine->result.get();
  EXPECT_EQ(result.end, EngineResult::End::idle);
  const auto ids = expected(session, bars);
  ASSERT_THAT(ids, Not(IsEmpty()));
  EXPECT_THAT(gateway_.ids(), ElementsAreArray(ids));
  EXPECT_THAT(stored(session), ElementsAreArray(ids));
  EXPECT_EQ(result.taken, ids.size());
  EXPECT_EQ(result.bars, bars.size());
  EXPECT_EQ(result.queued.count, ids.size());
  EXPECT_EQ(gateway_.authorization(), "Bearer secret");
  const auto body = gateway_.bodies()[0];
  EXPECT_EQ(body["sessionId"], session.id);
  EXPECT_EQ(body["sessionEpoch"], 1);
  EXPECT_EQ(body["symbol"], "BTC/USD");
  EXPECT_FALSE(is_held(session)) << "let go at the end";
  EXPECT_TRUE(has_seen(session, bars.back()));
  EXPECT_THAT(log_text(), HasSubstr(R"("mode":"rehearsal")"));
}

TEST_F(EngineRuns, ARestartGoesOnAsIfNothingHadBeen) {
  const Session session = make(Mode::paper);
  const auto bars = test::walk(60);
  store_bars(*db_, {"BTC/USD", "1m"}, std::span(bars).first(5));
  clock_ = bars[5].start;
  auto engine = start();
  ASSERT_TRUE(becomes([&] { return log_text().find("the session is live") != std::string::npos; }));
  feed({bars.begin() + 5, bars.begin() + 30});
  const auto ids = expected(session, bars);
  const auto before = expected(session, {bars.begin(), bars.begin() + 30});
  ASSERT_TRUE(becomes([&] { return stored(session).size() == before.size(); }));
  EXPECT_EQ(engine->end().end, EngineResult::End::stopped);
  EXPECT_FALSE(is_held(session));
  feed({bars.begin() + 30, bars.begin() + 40});  // nobody listens: ingest has them
  engine = start();
  ASSERT_TRUE(becomes([&] { return is_held(session); }));
  feed({bars.begin() + 40, bars.end()});
  ASSERT_TRUE(becomes([&] { return stored(session).size() == ids.size(); }));
  EXPECT_THAT(stored(session), ElementsAreArray(ids));
  EXPECT_EQ(engine->end().sessions, 1U);
}

TEST_F(EngineRuns, RedisIsKilledAndWhatWasMissedIsMadeGood) {
  const Session session = make(Mode::paper);
  const auto bars = test::walk(60);
  store_bars(*db_, {"BTC/USD", "1m"}, std::span(bars).first(5));
  clock_ = bars[5].start;
  const auto engine = start();
  ASSERT_TRUE(becomes([&] { return log_text().find("the session is live") != std::string::npos; }));
  feed({bars.begin() + 5, bars.begin() + 20});
  ASSERT_TRUE(becomes(
      [&] { return stored(session).size() == expected(session, {bars.begin(), bars.begin() + 20}).size(); }));
  redis_.kill();
  ASSERT_TRUE(becomes([&] {
    return value("SELECT (stale_since IS NOT NULL)::text FROM trading.sessions") == "true";
  })) << log_text();
  store_bars(*db_, {"BTC/USD", "1m"}, std::span(bars).subspan(20, 10));
  clock_ = bars[30].start;
  redis_.start();
  writer_ = std::make_unique<Redis>(parse_redis_url(redis_.url()));
  ASSERT_TRUE(becomes([&] { return log_text().find("goes on after a gap") != std::string::npos; }))
      << log_text();
  feed({bars.begin() + 30, bars.end()});
  const auto ids = expected(session, bars);
  ASSERT_TRUE(becomes([&] { return stored(session).size() == ids.size(); }));
  EXPECT_THAT(stored(session), ElementsAreArray(ids));
  const EngineResult result = engine->end();
  EXPECT_EQ(result.connects, 2U);
  EXPECT_EQ(value("SELECT (stale_since IS NULL)::text FROM trading.sessions"), "true");
  EXPECT_NE(value("SELECT count(*) FROM ops.events WHERE kind = 'gap' AND subject = 'stream'"), "0");
}

TEST_F(EngineRuns, ASymbolThatFallsSilentIsToldOfAndSendsNothingUntilABarComes) {
  const Session session = make(Mode::paper);
  const auto bars = test::walk(30);
  store_bars(*db_, {"BTC/USD", "1m"}, std::span(bars).first(5));
  clock_ = bars[5].start;
  const auto engine = start();
  ASSERT_TRUE(becomes([&] { return log_text().find("the session is live") != std::string::npos; }));
  feed({bars.begin() + 5, bars.begin() + 10});
  ASSERT_TRUE(becomes(
      [&] { return stored(session).size() == expected(session, {bars.begin(), bars.begin() + 10}).size(); }));
  clock_ += 4 * test::kMinute;
  ASSERT_TRUE(becomes([&] { return !engine->alerts().empty(); }));
  EXPECT_EQ(engine->alerts()[0], "silent-BTC/USD-2026-01-26");
  ASSERT_TRUE(becomes(
      [&] { return value("SELECT (stale_since IS NOT NULL)::text FROM trading.sessions") == "true"; }));
  feed({bars.begin() + 10, bars.end()});
  ASSERT_TRUE(becomes([&] { return stored(session).size() == expected(session, bars).size(); }));
  EXPECT_THAT(stored(session), ElementsAreArray(expected(session, bars)));
  EXPECT_EQ(engine->end().silences, 1U);
}

TEST_F(EngineRuns, WhatIsNoMessageIsCountedAndNothingElseComesOfIt) {
  const Session session = make(Mode::rehearsal);
  const auto engine = start();
  ASSERT_TRUE(becomes([&] { return is_held(session); }));
  const auto bars = test::walk(20);
  feed({bars.begin(), bars.begin() + 10}, "BTC/USD", false);
  publish("market_data:BTC/USD", "{");
  publish("market_data:BTC/USD", std::string(1 << 20, 'x'));
  publish("market_data:BTC/USD", R"({"symbol":"ETH/USD"})");
  publish("market_trades:BTC/USD", "[]");
  publish("system:subscription_updates", "no");
  publish(bars[9], "BTC/USD", false);  // again
  Bar revised = bars[9];
  revised.close += 0.5;
  publish(revised, "BTC/USD", false);
  publish(bars[3], "BTC/USD", false);  // older
  feed({bars.begin() + 10, bars.end()}, "BTC/USD", false);
  ASSERT_TRUE(becomes([&] { return stored(session).size() == expected(session, bars).size(); }));
  ASSERT_TRUE(becomes([&] { return gateway_.ids().size() == expected(session, bars).size(); }));
  const EngineResult result = engine->end();
  EXPECT_THAT(stored(session), ElementsAreArray(expected(session, bars)));
  EXPECT_EQ(result.bad_messages, 5U);
  EXPECT_EQ(result.repeated, 1U);
  EXPECT_EQ(result.revised, 1U);
  EXPECT_EQ(result.older, 1U);
}

TEST_F(EngineRuns, ABarFromTheFutureIsDropped) {
  const Session session = make(Mode::paper);
  const auto bars = test::walk(12);
  store_bars(*db_, {"BTC/USD", "1m"}, std::span(bars).first(5));
  clock_ = bars[5].start;
  const auto engine = start();
  ASSERT_TRUE(becomes([&] { return log_text().find("the session is live") != std::string::npos; }));
  publish(test::bar_at(500, 100), "BTC/USD", false);
  feed({bars.begin() + 5, bars.end()}, "BTC/USD", false);
  ASSERT_TRUE(becomes([&] { return stored(session).size() == expected(session, bars).size(); }));
  EXPECT_EQ(engine->end().far_future, 1U);
}

TEST_F(EngineRuns, ControlEventsAreHintsAndTheRowsHold) {
  const auto engine = start();
  ASSERT_TRUE(becomes([&] { return log_text().find("redis: connected") != std::string::npos; }));
  const Session session = make(Mode::rehearsal);
  const auto event = [&](const char* action, const std::string& id) {
    publish("system:subscription_updates",
            nlohmann::json{{"action", action}, {"symbol", "BTC/USD"}, {"type", "crypto"}, {"sessionId", id}}
                .dump());
  };
  event("subscribe", session.id);
  event("subscribe", session.id);
  ASSERT_TRUE(becomes([&] { return is_held(session); }));
  event("subscribe", "0198f000-0000-7000-8000-00000000dead");
  event("unsubscribe", session.id);
  event("unsubscribe", "no uuid");
  ASSERT_TRUE(becomes([&] { return log_text().find("unsubscribe_of_running\":1") != std::string::npos; }))
      << log_text();
  EXPECT_TRUE(is_held(session)) << "its row is RUNNING";
  db_->transact([&](kernel::Transaction& tx) {
    end_session(tx, session.id, SessionStatus::stopped, "", instant_of(clock_));
  });
  event("unsubscribe", session.id);
  ASSERT_TRUE(becomes([&] { return log_text().find("STOPPED") != std::string::npos; }));
  const EngineResult result = engine->end();
  EXPECT_EQ(result.sessions, 1U);
  EXPECT_EQ(result.hints_without_session, 1U);
  EXPECT_EQ(result.hints_still_running, 1U);
}

TEST_F(EngineRuns, ASignalIsRepeatedUnderItsIdUntilItIsAnswered) {
  gateway_.answer = [](std::size_t n) -> kernel::HttpResponse {
    if (n == 0) throw Error(ErrorKind::unavailable, "gateway.test: no answer in time");
    if (n == 1) return {.status = 503, .body = R"({"error":{"code":"broker_away","message":"x"}})"};
    if (n == 3) return {.status = 400, .body = R"({"error":{"code":"insufficient_funds","message":"no"}})"};
    return {.status = 201, .body = "{}"};
  };
  const Session session = make(Mode::rehearsal);
  const auto engine = start();
  ASSERT_TRUE(becomes([&] { return is_held(session); }));
  const auto bars = test::walk(60);
  feed(bars);
  const auto ids = expected(session, bars);
  ASSERT_TRUE(becomes([&] { return gateway_.ids().size() == ids.size() + 2; }));
  EXPECT_EQ(gateway_.ids()[0], ids[0]);
  EXPECT_EQ(gateway_.ids()[1], ids[0]);
  EXPECT_EQ(gateway_.ids()[2], ids[0]);
  ASSERT_TRUE(
      becomes([&] { return value("SELECT count(*) FROM trading.signals WHERE status = 'refused'") == "1"; }));
  EXPECT_EQ(value("SELECT reason FROM trading.signals WHERE status = 'refused'"), "insufficient_funds: no");
  EXPECT_EQ(engine->end().refused, 1U);
}

TEST_F(EngineRuns, ASignalThatNobodyTakesExpiresAlsoAfterARestart) {
  gateway_.answer = [](std::size_t) -> kernel::HttpResponse { return {.status = 503, .body = "{}"}; };
  const Session session = make(Mode::paper);
  const auto bars = test::walk(60);
  store_bars(*db_, {"BTC/USD", "1m"}, std::span(bars).first(5));
  clock_ = bars[5].start;
  auto engine = start();
  ASSERT_TRUE(becomes([&] { return log_text().find("the session is live") != std::string::npos; }));
  std::size_t next = 5;
  for (; stored(session).empty() && next < bars.size(); ++next) {
    feed({bars.begin() + static_cast<std::ptrdiff_t>(next),
          bars.begin() + static_cast<std::ptrdiff_t>(next) + 1});
    becomes([&] {
      return !stored(session).empty() ||
             expected(session, {bars.begin(), bars.begin() + static_cast<std::ptrdiff_t>(next) + 1}).empty();
    });
  }
  ASSERT_TRUE(becomes([&] { return !gateway_.ids().empty(); }));
  engine->end();
  EXPECT_EQ(value("SELECT string_agg(status, ',') FROM trading.signals"), "pending");
  clock_ += test::kMinute;
  engine = start();
  ASSERT_TRUE(
      becomes([&] { return value("SELECT string_agg(status, ',') FROM trading.signals") == "expired"; }));
  EXPECT_EQ(engine->end().expired, 1U);
}

TEST_F(EngineRuns, WhoLosesItsLeaseSendsNothingMore) {
  const Session session = make(Mode::rehearsal);
  EngineOptions wanted = options();
  wanted.reconcile_every = milliseconds(60'000);
  const auto engine = start(wanted);
  ASSERT_TRUE(becomes([&] { return is_held(session); }));
  const auto bars = test::walk(60);
  feed({bars.begin(), bars.begin() + 30});
  const auto before = expected(session, {bars.begin(), bars.begin() + 30}).size();
  ASSERT_TRUE(becomes([&] { return gateway_.ids().size() == before; }));
  db_->query("UPDATE trading.sessions SET lease_until = clock_timestamp() - interval '1 second'");
  ASSERT_THAT(claim_sessions(*db_, {.asset = AssetType::crypto}), SizeIs(1));
  feed({bars.begin() + 30, bars.end()});
  ASSERT_TRUE(becomes([&] { return log_text().find("a session is let go") != std::string::npos; }));
  EXPECT_EQ(engine->end().lost, 1U);
  EXPECT_THAT(gateway_.ids(), SizeIs(before));
  EXPECT_THAT(stored(session), SizeIs(before));
}

TEST_F(EngineRuns, AtMidnightTheNextDaysEngineTakesOver) {
  const Session session = make(Mode::paper);
  const auto bars = test::walk(60);
  const Micros midnight = micros_of(options().window.to);
  const Micros shift = midnight - bars[20].start;
  std::vector<Bar> night = bars;
  for (Bar& bar : night) bar.start += shift;
  store_bars(*db_, {"BTC/USD", "1m"}, std::span(night).first(5));
  clock_ = night[5].start;
  const auto old = start();
  ASSERT_TRUE(becomes([&] { return log_text().find("the session is live") != std::string::npos; }));
  feed({night.begin() + 5, night.begin() + 25});
  ASSERT_TRUE(becomes([&] {
    return stored(session).size() == expected(session, {night.begin(), night.begin() + 25}).size();
  }));
  EXPECT_TRUE(is_held(session)) << "it trades on until somebody comes";
  EngineOptions next = options();
  next.slot.day = Date(2026, 1, 27);
  next.window = *window_of(AssetType::crypto, next.slot.day);
  kernel::Stop stop;
  kernel::Ledger ledger(*db_, log_, stop, {});
  const kernel::Claim claim = ledger.claim(kRunJob, next.slot.to_string(), "{}");
  ASSERT_TRUE(claim.run);
  const auto heir = start(next);
  EXPECT_EQ(old->result.get().end, EngineResult::End::day_over);
  ASSERT_TRUE(
      becomes([&] { return value("SELECT epoch::text FROM trading.sessions") == "2" && is_held(session); }));
  feed({night.begin() + 25, night.end()});
  const auto ids = expected(session, night);
  ASSERT_TRUE(becomes([&] { return stored(session).size() == ids.size(); }));
  EXPECT_THAT(stored(session), ElementsAreArray(ids));
  heir->end();
}

TEST_F(EngineRuns, AStrategyThatCannotBeMadeFailsItsSession) {
  const Session session = make(Mode::paper);
  db_->query("UPDATE trading.strategies SET params = '{\"perio\": 5}'");
  const auto engine = start();
  ASSERT_TRUE(becomes([&] { return value("SELECT status FROM trading.sessions") == "FAILED"; }));
  EXPECT_THAT(value("SELECT reason FROM trading.sessions"), HasSubstr("perio"));
  ASSERT_TRUE(becomes([&] { return !engine->alerts().empty(); }));
  EXPECT_EQ(engine->alerts()[0], "failed-" + session.id);
  EXPECT_EQ(engine->end().failed, 1U);
}

TEST_F(EngineRuns, SeveralEnginesShareTheSessions) {
  std::vector<Session> all;
  for (int i = 0; i < 6; ++i) all.push_back(make(Mode::rehearsal));
  kernel::Stop stop;
  kernel::Ledger ledger(*db_, log_, stop, {});
  EngineOptions first = options();
  EngineOptions second = options();
  second.slot.number = 2;
  const kernel::Claim one = ledger.claim(kRunJob, first.slot.to_string(), "{}");
  const auto engine = start(first);
  ASSERT_TRUE(becomes(
      [&] { return value("SELECT count(*) FROM trading.sessions WHERE holder IS NOT NULL") == "6"; }));
  const kernel::Claim two = ledger.claim(kRunJob, second.slot.to_string(), "{}");
  const auto other = start(second);
  const auto claims = [&] {
    const std::string log = log_text();
    int count = 0;
    for (std::size_t at = log.find("a session is claimed"); at != std::string::npos;
         at = log.find("a session is claimed", at + 1))
      ++count;
    return count;
  };
  ASSERT_TRUE(becomes([&] { return claims() == 9; }));
  EXPECT_EQ(value("SELECT count(*) FROM trading.sessions WHERE epoch = 2 AND holder IS NOT NULL"), "3");
  EXPECT_EQ(other->end().sessions, 3U);
  EXPECT_GE(engine->end().sessions, 6U);
}

TEST_F(EngineRuns, AnEngineThatLosesItsRunLetsItsSessionsGo) {
  const Session session = make(Mode::rehearsal);
  const auto engine = start();
  ASSERT_TRUE(becomes([&] { return is_held(session); }));
  engine->run_lost = true;
  EXPECT_THROW(engine->result.get(), Error);
  EXPECT_FALSE(is_held(session));
}

}  // namespace
}  // namespace am::strategy
