// How long the database may take, and what is known afterwards.

#include <csignal>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/pg.hpp"
#include "support/pgbouncer.hpp"
#include "support/silent_relay.hpp"

namespace am::kernel {
namespace {

using std::chrono::milliseconds;
using test::error_of;
using test::SilentRelay;
using test::TestDb;
using test::value_of;
using ::testing::HasSubstr;
using When = SilentRelay::When;

constexpr milliseconds kShort{100};

class DbLimits : public ::testing::Test {
 protected:
  DbOptions options(const std::string& url) const {
    DbOptions all{.url = url, .application_name = "am limited", .probe = {}};
    all.statement_timeout = kShort;
    return all;
  }
  long long sleepers() {
    return std::stoll(value_of(*watching_,
                               "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND "
                               "application_name = 'am limited' AND datname = current_database()"));
  }

  TestDb home_;
  std::unique_ptr<Db> watching_ = home_.open();
};

TEST_F(DbLimits, StatementIsCancelledAndTheNextOneWorks) {
  const auto db = open_db(options(home_.url()));
  const Error error = error_of([&] { db->query("SELECT pg_sleep(60)"); });
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_TRUE(error.retryable());
  EXPECT_THAT(error.message(), HasSubstr("no answer within 100 ms"));
  EXPECT_THAT(error.hint(), HasSubstr("database.statement_timeout_ms"));
  EXPECT_EQ(sleepers(), 0) << "the server was told";
  EXPECT_EQ(value_of(*db, "SELECT 1"), "1");
}

TEST_F(DbLimits, InATransactionTheServerKeepsThemAndForgetsThemWithIt) {
  DbOptions limited = options(home_.url());
  limited.lock_timeout = milliseconds(50);
  const auto db = open_db(limited);
  {
    const auto tx = db->begin();
    EXPECT_EQ(value_of(*tx, "SHOW statement_timeout"), "100ms");
    EXPECT_EQ(value_of(*tx, "SHOW lock_timeout"), "50ms");
    EXPECT_THAT(error_of([&] { tx->query("SELECT pg_sleep(60)"); }).message(),
                HasSubstr("canceling statement due to statement timeout"));
  }
  EXPECT_EQ(value_of(*db, "SHOW statement_timeout"), "0");
  const auto holder = watching_->begin();
  holder->query("LOCK TABLE batches");
  const auto tx = db->begin();
  const Error error = error_of([&] { tx->query("SELECT FROM batches FOR UPDATE"); });
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.hint(), HasSubstr("database.lock_timeout_ms"));
}

TEST_F(DbLimits, ZeroIsNoLimit) {
  DbOptions unlimited = options(home_.url());
  unlimited.statement_timeout = unlimited.lock_timeout = milliseconds(0);
  const auto db = open_db(unlimited);
  EXPECT_EQ(value_of(*db->begin(), "SHOW statement_timeout"), "0");
  EXPECT_EQ(value_of(*db, "SELECT 1 FROM pg_sleep(0.5)"), "1");
}

TEST_F(DbLimits, ScriptHasNoneAndWhatFollowsHasThemAgain) {
  const auto db = open_db(options(home_.url()));
  const auto tx = db->begin();
  tx->script("SELECT pg_sleep(0.5); CREATE TABLE made ()");
  EXPECT_EQ(value_of(*tx, "SHOW statement_timeout"), "100ms");
  tx->commit();
  EXPECT_EQ(value_of(*watching_, "SELECT to_regclass('made')"), "made");
}

TEST_F(DbLimits, WhatTookTooLongIsNotRepeated) {
  SilentRelay relay(When::on_demand);
  const auto db = open_db(options(relay.url(home_.name())));
  int calls = 0;
  const Error error = error_of([&] {
    db->transact([&](Transaction& tx) {
      ++calls;
      tx.query("INSERT INTO ops.events (kind) VALUES ('k')");
      relay.silence();
      tx.query("SELECT 1");
    });
  });
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("no answer within 100 ms"));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(value_of(*watching_, "SELECT count(*) FROM ops.events"), "0");
}

TEST_F(DbLimits, SilentCommitIsUnknown) {
  for (const bool asked : {false, true}) {
    SilentRelay relay(When::on_demand);
    Stop stop;
    DbOptions limited = options(relay.url(home_.name()));
    if (asked) limited.statement_timeout = std::chrono::hours(1);
    limited.stop = &stop;
    limited.probe = [&](std::string_view what) {
      if (what == "COMMIT") relay.silence();
    };
    const auto db = open_db(limited);
    std::thread asks([&] {
      if (asked && relay.wait_for_a_victim()) stop.request(SIGTERM);
    });
    const Error error = error_of([&] {
      db->transact([&](Transaction& tx) { tx.query("INSERT INTO ops.events (kind) VALUES ('k')"); });
    });
    asks.join();
    EXPECT_EQ(error.kind(), asked ? ErrorKind::terminated : ErrorKind::unavailable);
    EXPECT_THAT(error.message(), HasSubstr("the outcome is unknown"));
    EXPECT_FALSE(error.retryable());
  }
}

TEST_F(DbLimits, AskedToEndItEndsButFinishesWhatIsQuick) {
  Stop stop;
  DbOptions endless = options(home_.url());
  endless.statement_timeout = std::chrono::hours(1);
  endless.stop = &stop;
  const auto db = open_db(endless);
  std::thread asks([&] {
    while (sleepers() == 0) std::this_thread::sleep_for(milliseconds(5));
    stop.request(SIGINT);
  });
  EXPECT_EQ(error_of([&] { db->query("SELECT pg_sleep(60)"); }).kind(), ErrorKind::interrupted);
  asks.join();
  EXPECT_EQ(sleepers(), 0);

  Stop patient({std::chrono::hours(1), std::chrono::hours(1)});
  endless.stop = &patient;
  const auto quick = open_db(endless);
  patient.request(SIGTERM);
  EXPECT_EQ(value_of(*quick, "SELECT 1"), "1") << "what became of the work can still be stored";
}

TEST_F(DbLimits, LongAfterThatNothingBegins) {
  Stop stop({milliseconds(0), milliseconds(0)});
  DbOptions endless = options(home_.url());
  endless.stop = &stop;
  const auto db = open_db(endless);
  stop.request(SIGTERM);
  EXPECT_EQ(error_of([&] { db->query("SELECT 1"); }).kind(), ErrorKind::terminated);
  EXPECT_EQ(error_of([&] { open_db(endless); }).kind(), ErrorKind::terminated);
}

TEST_F(DbLimits, OfSeveralHostsTheNextIsTriedAfterASilentOne) {
  SilentRelay mute(When::at_once);
  SilentRelay good(When::on_demand);
  std::string url = good.url(home_.name());
  url.insert(url.find("127.0.0.1"), "127.0.0.1:" + std::to_string(mute.port()) + ",");
  DbOptions either = options(url);
  either.connect_timeout = milliseconds(50);
  EXPECT_EQ(value_of(*open_db(either), "SELECT 1"), "1");
  EXPECT_TRUE(mute.wait_for_a_victim());
}

TEST_F(DbLimits, PoolerInStatementModeIsSaidToBe) {
  const test::PgBouncer bouncer(1, "*", "statement");
  const auto db = open_db({.url = bouncer.url(home_.name()), .probe = {}});
  for (const bool read_only : {false, true}) {
    const Error error = error_of([&] { db->begin(read_only); });
    EXPECT_EQ(error.kind(), ErrorKind::config) << error.message();
    EXPECT_THAT(error.message(), HasSubstr("the pooler is in statement mode"));
    EXPECT_THAT(error.hint(), HasSubstr("pool_mode = transaction"));
  }
}

}  // namespace
}  // namespace am::kernel
