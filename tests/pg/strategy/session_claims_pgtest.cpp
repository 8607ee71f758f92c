// Claims of sessions: one engine each, an epoch each, and nothing written by who lost it.

#include <thread>

#include <gmock/gmock.h>

#include "am/kernel/ledger.hpp"
#include "support/error_of.hpp"
#include "support/strategy_rows.hpp"

namespace am::strategy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Instant kNow = std::chrono::sys_days{std::chrono::year{2026} / 1 / 26} + std::chrono::hours(15);

class SessionClaims : public testing::Test {
 protected:
  std::string value(std::string_view query) { return test::value_of(*db_, query); }
  std::vector<ClaimedSession> claim(std::size_t most = 10, AssetType asset = AssetType::stock) {
    return claim_sessions(*db_, {.asset = asset, .most = most});
  }
  /// The lease of every session is over, as after a pause that was too long.
  void expire() {
    db_->query("UPDATE trading.sessions SET lease_until = clock_timestamp() - interval '1 second'");
  }
  void in_tx(const std::function<void(kernel::Transaction&)>& work) { db_->transact(work); }
  Error fence_error(const SessionToken& token) {
    return test::error_of([&] { fence(*db_, token); });
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  Session session_ = test::make_session(*db_, {.params = R"({"period": 15})"});
};

TEST_F(SessionClaims, AClaimHasAllThatAnEngineNeeds) {
  const auto claimed = claim();
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].session.id, session_.id);
  EXPECT_EQ(claimed[0].session.epoch, 1);
  EXPECT_TRUE(claimed[0].session.lease_live);
  EXPECT_EQ(claimed[0].spec.code, "sma_cross");
  EXPECT_EQ(claimed[0].spec.params, R"({"period": 15})");
  EXPECT_EQ(claimed[0].state, "");
  EXPECT_EQ(claimed[0].position, Position{});
  EXPECT_THAT(lease_subjects(claimed), ElementsAre("session " + session_.id));
  EXPECT_TRUE(kernel::Holder::from_json(find_session(*db_, session_.id)->holder).has_value());
  fence(*db_, claimed[0].token());
}

TEST_F(SessionClaims, WhatIsHeldIsNobodyElses) {
  claim();
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_F(SessionClaims, OnlyRunningSessionsOfTheTypeAreClaimed) {
  test::make_session(*db_, {.symbol = "BTC/USD"});
  in_tx([&](kernel::Transaction& tx) { end_session(tx, session_.id, SessionStatus::stopped, "", kNow); });
  EXPECT_THAT(claim(), IsEmpty());
  const auto claimed = claim(10, AssetType::crypto);
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].session.symbol, "BTC/USD");
}

TEST_F(SessionClaims, TheOldestFirstAndAsManyAsAreWanted) {
  const Session second = test::make_session(*db_, {.symbol = "MSFT", .now = kNow});
  const Session third = test::make_session(*db_, {.symbol = "IBM", .now = kNow - std::chrono::hours(2)});
  EXPECT_THAT(claim(0), IsEmpty());
  EXPECT_EQ(claim(1).at(0).session.id, third.id);
  EXPECT_EQ(claim_sessions(*db_, {.most = 5, .except = {session_.id}}).at(0).session.id, second.id);
  EXPECT_EQ(claim(5).at(0).session.id, session_.id);
}

TEST_F(SessionClaims, ALeaseThatIsOverIsTakenAndItsOldEpochWritesNothing) {
  const SessionToken old = claim().at(0).token();
  expire();
  EXPECT_EQ(fence_error(old).kind(), ErrorKind::busy);  // also before somebody else has it
  const SessionToken fresh = claim().at(0).token();
  EXPECT_EQ(fresh.epoch, 2);
  EXPECT_EQ(fence_error(old).kind(), ErrorKind::busy);
  fence(*db_, fresh);
  EXPECT_THAT(store_states(*db_, std::vector<SessionState>{{.token = old, .state = "old"}}),
              ElementsAre(session_.id));
  store_state(*db_, {.token = fresh, .state = "fresh"});
  release_sessions(*db_, std::vector{old});
  fence(*db_, fresh);
  EXPECT_EQ(value("SELECT state FROM trading.sessions"), "fresh");
}

TEST_F(SessionClaims, OneWhoseProcessIsGoneIsTakenBeforeItsLeaseIsOver) {
  claim();
  kernel::Holder gone = kernel::Holder::self();
  gone.start_ticks = "1";
  db_->query("UPDATE trading.sessions SET holder = $1::jsonb", kernel::sql_values(gone.to_json()));
  EXPECT_EQ(claim().at(0).session.epoch, 2);
  gone.host = "elsewhere";
  gone.boot_id = "of another machine";
  db_->query("UPDATE trading.sessions SET holder = $1::jsonb", kernel::sql_values(gone.to_json()));
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_F(SessionClaims, WhatAnotherClaimIsTakingIsPassedOver) {
  const Session second = test::make_session(*db_, {.symbol = "MSFT", .now = kNow});
  const auto other = home_.open();
  const auto tx = other->begin();
  lock_session(*tx, session_.id);
  EXPECT_EQ(claim(1).at(0).session.id, second.id);
}

TEST_F(SessionClaims, OfManyEnginesEachSessionHasOne) {
  constexpr int kSessions = 40, kEngines = 4;
  for (int i = 1; i < kSessions; ++i) test::make_session(*db_, {.symbol = "S" + std::to_string(i)});
  std::vector<std::vector<ClaimedSession>> got(kEngines);
  std::vector<std::thread> engines;
  for (int e = 0; e < kEngines; ++e)
    engines.emplace_back([&, e] {
      const auto db = home_.open();
      for (;;) {
        auto more = claim_sessions(*db, {.most = 3});
        if (more.empty()) return;
        for (auto& each : more) got[static_cast<std::size_t>(e)].push_back(std::move(each));
      }
    });
  for (std::thread& engine : engines) engine.join();
  // Whatever one passed over because another had it locked was taken by that one.
  std::set<std::string> ids;
  std::size_t all = 0;
  for (const auto& each : got) {
    all += each.size();
    for (const ClaimedSession& one : each) {
      ids.insert(one.session.id);
      EXPECT_EQ(one.session.epoch, 1);
    }
  }
  EXPECT_EQ(all, std::size_t{kSessions});
  EXPECT_EQ(ids.size(), std::size_t{kSessions});
}

TEST_F(SessionClaims, ASnapshotIsStoredWithWhatWasSeen) {
  const SessionToken token = claim().at(0).token();
  store_state(*db_, {.token = token, .state = "v1 \u00e4", .last_event_at = kNow, .stale_since = kNow});
  Session stored = *find_session(*db_, session_.id);
  EXPECT_EQ(stored.last_event_at, kNow);
  EXPECT_EQ(stored.stale_since, kNow);
  store_state(*db_, {.token = token, .state = "v2"});
  stored = *find_session(*db_, session_.id);
  EXPECT_EQ(stored.last_event_at, kNow);
  EXPECT_EQ(stored.stale_since, std::nullopt);
  release_sessions(*db_, std::vector{token});
  EXPECT_EQ(claim().at(0).state, "v2");
}

TEST_F(SessionClaims, OfManySnapshotsThoseOfLostSessionsAreNamed) {
  const Session second = test::make_session(*db_, {.symbol = "MSFT", .now = kNow});
  const auto claimed = claim();
  in_tx([&](kernel::Transaction& tx) { end_session(tx, session_.id, SessionStatus::stopped, "", kNow); });
  std::vector<SessionState> states;
  for (const ClaimedSession& each : claimed) states.push_back({.token = each.token(), .state = "new"});
  EXPECT_THAT(store_states(*db_, states), ElementsAre(session_.id));
  EXPECT_EQ(value("SELECT string_agg(coalesce(state, '-'), ' ' ORDER BY started_at) FROM trading.sessions"),
            "- new");
  EXPECT_THAT(store_states(*db_, {}), IsEmpty());
}

TEST_F(SessionClaims, WhatIsLetGoIsClaimedAtOnce) {
  release_sessions(*db_, std::vector{claim().at(0).token()});
  EXPECT_FALSE(find_session(*db_, session_.id)->lease_live);
  EXPECT_EQ(claim().at(0).session.epoch, 2);
}

TEST_F(SessionClaims, LeasesAreRenewedAndLossesNoticed) {
  const Session second = test::make_session(*db_, {.symbol = "MSFT", .now = kNow});
  const Session third = test::make_session(*db_, {.symbol = "IBM", .now = kNow + std::chrono::hours(1)});
  const auto claimed = claim();
  const auto renew = session_renewer(claimed, std::chrono::hours(1));
  const std::vector<std::size_t> all = {0, 1, 2};
  using kernel::Renewal;
  EXPECT_THAT(renew(*db_, all), ElementsAre(Renewal::renewed, Renewal::renewed, Renewal::renewed));
  EXPECT_EQ(
      value(
          "SELECT count(*) FROM trading.sessions WHERE lease_until > clock_timestamp() + interval '50 min'"),
      "3");
  in_tx([&](kernel::Transaction& tx) { end_session(tx, second.id, SessionStatus::stopped, "", kNow); });
  const auto other = home_.open();
  const auto tx = other->begin();
  lock_session(*tx, third.id);
  EXPECT_THAT(renew(*db_, all), ElementsAre(Renewal::renewed, Renewal::lost, Renewal::unknown));
  EXPECT_THAT(renew(*db_, std::vector<std::size_t>{1}), ElementsAre(Renewal::lost));
}

TEST_F(SessionClaims, AFenceHoldsAnEndOffUntilItsTransactionIsOver) {
  const SessionToken token = claim().at(0).token();
  const auto other = home_.open();
  const auto tx = other->begin();
  fence(*tx, token);
  EXPECT_EQ(test::error_of([&] {
              const auto ending = db_->begin();
              ending->query("SET LOCAL lock_timeout = '50ms'");
              end_session(*ending, session_.id, SessionStatus::stopped, "", kNow);
            }).kind(),
            ErrorKind::unavailable);
  tx->commit();
  in_tx([&](kernel::Transaction& ending) {
    end_session(ending, session_.id, SessionStatus::stopped, "", kNow);
  });
  EXPECT_EQ(fence_error(token).kind(), ErrorKind::busy);
}

TEST_F(SessionClaims, AnEngineGivesUpOnlyWhatItHolds) {
  const SessionToken old = claim().at(0).token();
  expire();
  const SessionToken fresh = claim().at(0).token();
  EXPECT_EQ(test::error_of([&] {
              in_tx([&](kernel::Transaction& tx) { fail_session(tx, old, "its worker died", kNow); });
            }).kind(),
            ErrorKind::busy);
  in_tx([&](kernel::Transaction& tx) { fail_session(tx, fresh, "its worker died", kNow); });
  EXPECT_EQ(find_session(*db_, session_.id)->status, SessionStatus::failed);
  EXPECT_EQ(find_session(*db_, session_.id)->reason, "its worker died");
  EXPECT_EQ(value("SELECT count(*) FROM ops.events WHERE kind = 'session_failed'"), "1");
}

}  // namespace
}  // namespace am::strategy
