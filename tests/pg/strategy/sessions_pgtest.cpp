// Sessions as rows: how they begin and end, and what a person calls them.

#include <gmock/gmock.h>

#include "support/error_of.hpp"
#include "support/strategy_rows.hpp"

namespace am::strategy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Instant kSessionsNow =
    std::chrono::sys_days{std::chrono::year{2026} / 1 / 26} + std::chrono::hours(15);

class Sessions : public testing::Test {
 protected:
  std::string value(std::string_view query) { return test::value_of(*db_, query); }
  AddedStrategy add(const NewStrategy& strategy) {
    AddedStrategy added;
    db_->transact([&](kernel::Transaction& tx) { added = add_strategy(tx, strategy); });
    return added;
  }
  static NewStrategy sma(const std::string& params = R"({"period": 15})") {
    return {.spec = {.name = "sma", .code = "sma_cross", .params = params}, .symbol = "aapl"};
  }
  StartedSession start(const NewSession& request) {
    StartedSession started;
    db_->transact([&](kernel::Transaction& tx) { started = start_session(tx, request); });
    return started;
  }
  bool end(const std::string& id, SessionStatus as = SessionStatus::stopped, const std::string& reason = {}) {
    bool ended = false;
    db_->transact([&](kernel::Transaction& tx) { ended = end_session(tx, id, as, reason, kSessionsNow); });
    return ended;
  }
  void remove(const std::string& name) {
    db_->transact([&](kernel::Transaction& tx) { remove_strategy(tx, kDefaultUser, name); });
  }
  Error error_of_start(const NewSession& request) {
    return test::error_of([&] { start(request); });
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
};

TEST_F(Sessions, AUserBeginsWithItsDepositOnce) {
  for (int i = 0; i < 2; ++i)
    db_->transact([](kernel::Transaction& tx) { ensure_user(tx, "a@example.com"); });
  EXPECT_EQ(load_user(*db_, "a@example.com").cash, Decimal::of("100000.00"));
  EXPECT_EQ(value("SELECT string_agg(concat_ws(' ', kind, amount, balance), ', ') FROM trading.cash_entries"),
            "deposit 100000.00 100000.00");
  for (const char* bad : {"", "a", "@b", "a@", "a b@c"})
    EXPECT_EQ(
        test::error_of([&] { db_->transact([&](kernel::Transaction& tx) { ensure_user(tx, bad); }); }).kind(),
        ErrorKind::usage)
        << bad;
  EXPECT_EQ(test::error_of([&] { load_user(*db_, "b@example.com"); }).kind(), ErrorKind::no_input);
}

TEST_F(Sessions, TheSameStrategyTwiceIsOne) {
  EXPECT_EQ(add(sma()).what, AddedStrategy::What::added);
  EXPECT_EQ(add(sma(R"({ "period":15 })")).what, AddedStrategy::What::same);
  const StrategyRow row = load_strategy(*db_, kDefaultUser, "sma");
  EXPECT_EQ(row.symbol, "AAPL");
  EXPECT_EQ(row.spec.params, R"({"period": 15})");
  EXPECT_EQ(value("SELECT count(*) FROM trading.strategies"), "1");
}

TEST_F(Sessions, AnotherTextUnderTheNameLeavesNoTraceIfNobodyTradedIt) {
  const std::string first = add(sma()).id;
  const AddedStrategy second = add(sma(R"({"period": 20})"));
  EXPECT_EQ(second.what, AddedStrategy::What::replaced);
  EXPECT_EQ(second.running, 0);
  EXPECT_EQ(value("SELECT count(*) FROM trading.strategies"), "1");
  EXPECT_EQ(test::error_of([&] { load_strategy_by_id(*db_, first); }).kind(), ErrorKind::no_input);
}

TEST_F(Sessions, WhatASessionTradesWithStaysAsItWas) {
  const std::string first = add(sma()).id;
  const Session session = start({.strategy = "sma", .now = kSessionsNow}).session;
  const AddedStrategy second = add(sma(R"({"period": 20})"));
  EXPECT_EQ(second.what, AddedStrategy::What::replaced);
  EXPECT_EQ(second.running, 1);
  EXPECT_EQ(find_session(*db_, session.id)->strategy_id, first);
  EXPECT_TRUE(load_strategy_by_id(*db_, first).retired_at.has_value());
  EXPECT_EQ(load_strategy(*db_, kDefaultUser, "sma").id, second.id);
  // The next session has the new one, beside the one that still runs.
  const StartedSession next = start({.strategy = "sma", .now = kSessionsNow});
  EXPECT_TRUE(next.is_new);
  EXPECT_EQ(next.session.strategy_id, second.id);
}

TEST_F(Sessions, MoneySharesItsCashWithNothing) {
  add(sma());
  start({.strategy = "sma", .mode = Mode::rehearsal, .now = kSessionsNow});
  const Error refused = error_of_start({.strategy = "sma", .mode = Mode::live, .now = kSessionsNow});
  EXPECT_EQ(refused.kind(), ErrorKind::usage);
  EXPECT_THAT(refused.message(), HasSubstr("has sessions of mode rehearsal"));
  NewStrategy own = sma();
  own.user = "live@example.com";
  add(own);
  EXPECT_TRUE(start({.user = own.user, .strategy = "sma", .mode = Mode::live, .now = kSessionsNow}).is_new);
  EXPECT_EQ(
      error_of_start({.user = own.user, .strategy = "sma", .mode = Mode::paper, .now = kSessionsNow}).kind(),
      ErrorKind::usage);
}

TEST_F(Sessions, AStrategyWhoseSessionRunsIsNotRemoved) {
  add(sma());
  const Session session = start({.strategy = "sma", .now = kSessionsNow}).session;
  const Error refused = test::error_of([&] { remove("sma"); });
  EXPECT_EQ(refused.kind(), ErrorKind::busy);
  EXPECT_THAT(refused.message(), HasSubstr("1 of its sessions runs"));
  end(session.id);
  remove("sma");
  EXPECT_THAT(list_strategies(*db_), IsEmpty());
  EXPECT_EQ(find_session(*db_, session.id)->strategy, "sma");
  EXPECT_EQ(test::error_of([&] { remove("sma"); }).kind(), ErrorKind::no_input);
}

TEST_F(Sessions, WhatCanBeNoStrategyIsRefused) {
  const auto refused = [&](NewStrategy strategy) { return test::error_of([&] { add(strategy); }).kind(); };
  NewStrategy bad = sma();
  for (const char* name : {"", "-a", "a b", "0198c0de-0000-7000-8000-000000000001"}) {
    bad.spec.name = name;
    EXPECT_EQ(refused(bad), ErrorKind::usage) << name;
  }
  bad = sma("[1]");
  EXPECT_EQ(refused(bad), ErrorKind::usage);
  bad = sma("{");
  EXPECT_EQ(refused(bad), ErrorKind::usage);
  bad = sma();
  bad.spec.code = std::string(kMostCode + 1, 'x');
  EXPECT_EQ(refused(bad), ErrorKind::usage);
  bad.spec.code = " \n";
  EXPECT_EQ(refused(bad), ErrorKind::usage);
  bad.spec.code = "\xff";
  EXPECT_EQ(refused(bad), ErrorKind::usage);
  bad = sma();
  bad.spec.language = "lua";
  EXPECT_EQ(refused(bad), ErrorKind::usage);
  bad = sma();
  bad.symbol = "A B";
  EXPECT_EQ(refused(bad), ErrorKind::usage);
  EXPECT_EQ(value("SELECT count(*) FROM trading.users"), "0");
}

TEST_F(Sessions, SymbolsAreSharesOrPairs) {
  EXPECT_EQ(asset_of_symbol("btc/usd"), AssetType::crypto);
  EXPECT_EQ(asset_of_symbol("BRK.B"), AssetType::stock);
  EXPECT_EQ(tradable_symbol("brk-b", AssetType::stock), "BRK.B");
  EXPECT_EQ(tradable_symbol("btc/usd", AssetType::crypto), "BTC/USD");
  for (const char* bad : {"", "AAPL*", "A/B/C", "*", "a[b", "?"})
    EXPECT_EQ(test::error_of([&] { tradable_symbol(bad, AssetType::stock); }).kind(), ErrorKind::usage)
        << bad;
  for (const char* bad : {"BTCUSD", "/USD", "BTC/", "B C/USD", "BTC/USD/X"})
    EXPECT_EQ(test::error_of([&] { tradable_symbol(bad, AssetType::crypto); }).kind(), ErrorKind::usage)
        << bad;
}

TEST_F(Sessions, AStartIsRepeatedWithoutASecondSession) {
  add(sma());
  const StartedSession first = start({.strategy = "sma", .now = kSessionsNow});
  EXPECT_TRUE(first.is_new);
  EXPECT_EQ(first.session.symbol, "AAPL");
  EXPECT_EQ(first.session.mode, Mode::paper);
  EXPECT_EQ(first.session.started_at, kSessionsNow);
  const StartedSession again = start({.strategy = "sma", .symbol = "aapl", .now = kSessionsNow});
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.session.id, first.session.id);
  EXPECT_TRUE(start({.strategy = "sma", .mode = Mode::rehearsal, .now = kSessionsNow}).is_new);
  EXPECT_TRUE(start({.strategy = "sma", .symbol = "btc/usd", .now = kSessionsNow}).is_new);
  EXPECT_TRUE(start({.strategy = "sma", .timeframe = "5m", .now = kSessionsNow}).is_new);
  EXPECT_EQ(value("SELECT count(*) FROM ops.events WHERE kind = 'session_started'"), "4");
  EXPECT_THAT(running_symbols(*db_, AssetType::stock), ElementsAre("AAPL"));
  EXPECT_THAT(running_symbols(*db_, AssetType::crypto), ElementsAre("BTC/USD"));
}

TEST_F(Sessions, WhatCanBeNoSessionIsRefused) {
  add(sma());
  EXPECT_EQ(error_of_start({.strategy = "smb", .now = kSessionsNow}).hint(), "did you mean sma?");
  EXPECT_EQ(error_of_start({.strategy = "sma", .timeframe = "1x", .now = kSessionsNow}).kind(),
            ErrorKind::usage);
  EXPECT_EQ(error_of_start({.strategy = "sma", .asset = AssetType::crypto, .now = kSessionsNow}).kind(),
            ErrorKind::usage);
}

TEST_F(Sessions, ASessionEndsOnceAndSaysWhatItCameTo) {
  const Session session = test::make_session(*db_);
  EXPECT_TRUE(end(session.id, SessionStatus::stopped, "lunch\n"));
  EXPECT_FALSE(end(session.id, SessionStatus::failed, "again"));
  const Session ended = *find_session(*db_, session.id);
  EXPECT_EQ(ended.status, SessionStatus::stopped);
  EXPECT_EQ(ended.reason, "lunch");
  EXPECT_EQ(ended.ended_at, kSessionsNow);
  EXPECT_EQ(ended.final_pnl, Decimal::of("0"));
  EXPECT_EQ(value("SELECT string_agg(kind || ' ' || (subject = 'session " + session.id +
                  "'), ', ' ORDER BY id) FROM ops.events"),
            "session_started true, session_stopped true");
  EXPECT_EQ(test::error_of([&] { end("0198c0de-0000-7000-8000-000000000001"); }).kind(), ErrorKind::no_input);
  EXPECT_EQ(test::error_of([&] { end("sma"); }).kind(), ErrorKind::no_input);
}

TEST_F(Sessions, WhatASessionMayDoIsSetOnce) {
  const Session session = test::make_session(*db_);
  const auto set = [&](Trading trading) {
    bool changed = false;
    db_->transact(
        [&](kernel::Transaction& tx) { changed = set_trading(tx, session.id, trading, "by hand"); });
    return changed;
  };
  EXPECT_TRUE(set(Trading::halted));
  EXPECT_FALSE(set(Trading::halted));
  EXPECT_EQ(find_session(*db_, session.id)->trading, Trading::halted);
  EXPECT_EQ(find_session(*db_, session.id)->reason, "by hand");
  EXPECT_EQ(
      value(
          "SELECT data ->> 'was' || ' ' || (data ->> 'now') FROM ops.events WHERE kind = 'session_trading'"),
      "ACTIVE HALTED");
}

TEST_F(Sessions, APersonNamesASessionByItsIdOrItsStrategy) {
  const Session first = test::make_session(*db_);
  EXPECT_EQ(load_session(*db_, "sma").id, first.id);
  EXPECT_EQ(load_session(*db_, "{" + first.id + "}").id, first.id);
  const Session second = test::make_session(*db_, {.symbol = "MSFT"});
  EXPECT_EQ(test::error_of([&] { load_session(*db_, "sma"); }).kind(), ErrorKind::usage);
  end(first.id);
  EXPECT_EQ(load_session(*db_, "sma").id, second.id);
  end(second.id);
  EXPECT_EQ(load_session(*db_, "sma").status, SessionStatus::stopped);
  EXPECT_EQ(test::error_of([&] { load_session(*db_, "nobody"); }).kind(), ErrorKind::no_input);
}

TEST_F(Sessions, AreListedAsAskedFor) {
  test::make_session(*db_);
  test::make_session(*db_, {.symbol = "BTC/USD", .mode = Mode::rehearsal});
  end(test::make_session(*db_, {.strategy = "other", .user = "b@example.com"}).id);
  EXPECT_THAT(list_sessions(*db_), SizeIs(3));
  EXPECT_THAT(list_sessions(*db_, {.asset = AssetType::crypto}), SizeIs(1));
  EXPECT_THAT(list_sessions(*db_, {.mode = Mode::paper}), SizeIs(2));
  EXPECT_THAT(list_sessions(*db_, {.status = SessionStatus::running}), SizeIs(2));
  EXPECT_THAT(list_sessions(*db_, {.strategy = "other"}), SizeIs(1));
  EXPECT_THAT(list_sessions(*db_, {.user = "b@example.com"}), SizeIs(1));
  EXPECT_THAT(list_sessions(*db_, {.symbol = "BTC/USD"}), SizeIs(1));
  EXPECT_THAT(list_sessions(*db_, {.limit = 2}), SizeIs(2));
}

TEST_F(Sessions, AreEmptiedWithWhatIsAppendOnly) {
  test::make_session(*db_);
  EXPECT_NE(test::dump_strategy(*db_), "");
  EXPECT_EQ(test::error_of([&] { db_->query("DELETE FROM trading.cash_entries"); }).kind(), ErrorKind::bug);
  test::empty_strategy(*db_);
  EXPECT_EQ(test::dump_strategy(*db_), "");
}

}  // namespace
}  // namespace am::strategy
