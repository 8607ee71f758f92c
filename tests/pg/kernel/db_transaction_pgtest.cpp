// Transactions of kernel/db: commit, rollback, what is repeated, and connections that are lost half-way.

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using test::error_of;
using test::TestDb;
using test::value_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string backend_pid(Sql& sql) { return value_of(sql, "SELECT pg_backend_pid()"); }

/// Ends the other session and waits until it is gone.
void terminate(Sql& sql, const std::string& pid) {
  sql.query("SELECT pg_terminate_backend($1::int, 5000)", sql_values(pid));
}

TEST(DbTransaction, CommitStoresAndDestructionRollsBack) {
  const TestDb bed;
  const auto db = bed.open();
  db->query("CREATE TABLE t (n int)");
  {
    const auto tx = db->begin();
    tx->query("INSERT INTO t VALUES (1)");
    tx->commit();
  }
  {
    const auto tx = db->begin();
    tx->query("INSERT INTO t VALUES (2)");
  }
  EXPECT_EQ(value_of(*db, "SELECT string_agg(n::text, ',') FROM t"), "1");
}

TEST(DbTransaction, MisuseIsABug) {
  const TestDb bed;
  const auto db = bed.open();
  const auto tx = db->begin();
  EXPECT_EQ(error_of([&] { db->begin(); }).kind(), ErrorKind::bug);
  EXPECT_EQ(error_of([&] { db->query("SELECT 1"); }).kind(), ErrorKind::bug);
  tx->commit();
  EXPECT_EQ(error_of([&] { tx->query("SELECT 1"); }).kind(), ErrorKind::bug);
  EXPECT_EQ(error_of([&] { tx->commit(); }).kind(), ErrorKind::bug);
}

TEST(DbTransaction, CommitAfterAFailedStatementIsRefused) {
  const TestDb bed;
  const auto db = bed.open();
  db->query("CREATE TABLE t (n int)");
  {
    const auto tx = db->begin();
    tx->query("INSERT INTO t VALUES (1)");
    EXPECT_EQ(error_of([&] { tx->query("SELECT 1 / 0"); }).kind(), ErrorKind::data);
    EXPECT_EQ(error_of([&] { tx->commit(); }).kind(), ErrorKind::bug);
  }
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM t"), "0");
}

TEST(DbTransaction, ReadOnlySeesOneSnapshotAndRefusesWrites) {
  const TestDb bed;
  const auto db = bed.open();
  db->query("CREATE TABLE t (n int)");
  const auto reader = bed.open();
  const auto tx = reader->begin(true);
  EXPECT_EQ(value_of(*tx, "SELECT count(*) FROM t"), "0");
  db->query("INSERT INTO t VALUES (1)");
  EXPECT_EQ(value_of(*tx, "SELECT count(*) FROM t"), "0");
  EXPECT_EQ(error_of([&] { tx->query("INSERT INTO t VALUES (2)"); }).kind(), ErrorKind::bug);
}

TEST(DbTransaction, ProbeSeesEveryPoint) {
  const TestDb bed;
  std::vector<std::string> seen;
  const auto db = bed.open([&](std::string_view what) { seen.emplace_back(what); });
  db->transact([](Transaction& tx) { tx.query("SELECT 1"); });
  db->query("SELECT 2");
  EXPECT_THAT(seen, ElementsAre("BEGIN", "SELECT 1", "COMMIT", "COMMITTED", "SELECT 2"));
}

TEST(DbTransaction, AProbeThatThrowsBeforeCommitRollsBackAfterItDoesNot) {
  const TestDb bed;
  std::string fail_at = "COMMIT";
  const auto db = bed.open([&](std::string_view what) {
    if (what == fail_at) throw Error(ErrorKind::unavailable, "crash");
  });
  db->query("CREATE TABLE t (n int)");
  const auto insert = [](Transaction& tx) { tx.query("INSERT INTO t VALUES (1)"); };
  error_of([&] { db->transact(insert); });
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM t"), "0");
  fail_at = "COMMITTED";
  error_of([&] { db->transact(insert); });
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM t"), "1");
}

TEST(DbTransaction, ServerNoticesDoNotReachStderr) {
  const TestDb bed;
  const auto db = bed.open();
  ::testing::internal::CaptureStderr();
  db->query("DROP TABLE IF EXISTS no_such_table");
  const auto tx = db->begin();
  tx->script("DO $$ BEGIN RAISE WARNING 'loud'; END $$");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

/// Adds 1 to a counter at serializable level, after meeting the other thread.
struct Counter {
  Db& db;
  std::function<void()> meet;
  int calls = 0;

  void run() {
    db.transact([&](Transaction& tx) {
      tx.query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
      const long long n = tx.query("SELECT n FROM counter").only().integer("n");
      if (calls++ == 0) meet();
      tx.query("UPDATE counter SET n = $1", sql_values(n + 1));
    });
  }
};

TEST(DbTransact, RepeatsAfterASerializationFailure) {
  const TestDb bed;
  const auto first = bed.open();
  const auto second = bed.open();
  first->query("CREATE TABLE counter (n int)");
  first->query("INSERT INTO counter VALUES (0)");
  std::atomic<int> arrived{0};
  const auto meet = [&] {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  };
  Counter a{*first, meet};
  Counter b{*second, meet};
  std::thread other([&] { b.run(); });
  a.run();
  other.join();
  EXPECT_EQ(a.calls + b.calls, 3);
  EXPECT_EQ(value_of(*first, "SELECT n FROM counter"), "2");
}

TEST(DbTransact, GivesUpAfterThreeAttempts) {
  const TestDb bed;
  const auto db = bed.open();
  int calls = 0;
  const Error error = error_of([&] {
    db->transact([&](Transaction& tx) {
      ++calls;
      tx.script("DO $$ BEGIN RAISE 'collision' USING ERRCODE = 'serialization_failure'; END $$");
    });
  });
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_TRUE(error.retryable());
}

TEST(DbTransact, DoesNotRepeatWhatWouldFailAgain) {
  const TestDb bed;
  const auto db = bed.open();
  int calls = 0;
  error_of([&] {
    db->transact([&](Transaction& tx) {
      ++calls;
      tx.query("SELECT 1 / 0");
    });
  });
  EXPECT_EQ(calls, 1);
}

TEST(DbTransact, RepeatsAfterTheConnectionWasLost) {
  const TestDb bed;
  const auto killer = bed.open();
  const auto db = bed.open();
  db->query("CREATE TABLE t (n int)");
  int calls = 0;
  db->transact([&](Transaction& tx) {
    tx.query("INSERT INTO t VALUES (1)");
    if (++calls == 1) terminate(*killer, backend_pid(tx));
    tx.query("INSERT INTO t VALUES (2)");
  });
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(value_of(*db, "SELECT string_agg(n::text, ',' ORDER BY n) FROM t"), "1,2");
}

TEST(DbConnectionLost, IdleConnectionIsReplacedSilently) {
  const TestDb bed;
  const auto killer = bed.open();
  const auto db = bed.open();
  ::testing::internal::CaptureStderr();
  terminate(*killer, backend_pid(*db));
  EXPECT_EQ(value_of(*db, "SELECT 1"), "1");
  terminate(*killer, backend_pid(*db));
  const auto tx = db->begin();
  EXPECT_EQ(value_of(*tx, "SELECT 2"), "2");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(DbConnectionLost, InATransactionEveryLaterStatementFails) {
  const TestDb bed;
  const auto killer = bed.open();
  const auto db = bed.open();
  db->query("CREATE TABLE t (n int)");
  {
    const auto tx = db->begin();
    tx->query("INSERT INTO t VALUES (1)");
    terminate(*killer, backend_pid(*tx));
    const Error error = error_of([&] { tx->query("INSERT INTO t VALUES (2)"); });
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.message(), HasSubstr("connection lost"));
    EXPECT_TRUE(error.retryable());
    // Never on a fresh connection, outside the transaction.
    EXPECT_EQ(error_of([&] { tx->query("INSERT INTO t VALUES (3)"); }).kind(), ErrorKind::unavailable);
  }
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM t"), "0");
}

TEST(DbConnectionLost, DuringCommitTheOutcomeIsUnknownAndNotRepeated) {
  const TestDb bed;
  const auto killer = bed.open();
  std::string pid;
  const auto db = bed.open([&](std::string_view what) {
    if (what == "COMMIT") terminate(*killer, pid);
  });
  int calls = 0;
  const Error error = error_of([&] {
    db->transact([&](Transaction& tx) {
      ++calls;
      pid = backend_pid(tx);
    });
  });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("outcome is unknown"));
  EXPECT_FALSE(error.retryable());
  EXPECT_EQ(value_of(*db, "SELECT 1"), "1");
}

}  // namespace
}  // namespace am::kernel
