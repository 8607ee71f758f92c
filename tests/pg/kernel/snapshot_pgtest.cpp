// Snapshots for servers: one round trip, read-only, with a deadline, over lost connections and poolers.

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "am/kernel/snapshot.hpp"
#include "support/error_of.hpp"
#include "support/loopback_server.hpp"
#include "support/pg.hpp"
#include "support/pgbouncer.hpp"

namespace am::kernel {
namespace {

using test::error_of;
using test::TestDb;
using testing::HasSubstr;

std::unique_ptr<SnapshotReader> open(const std::string& url,
                                     std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
  return open_snapshots(
      {.db = {.url = url, .application_name = "am snapshot", .probe = {}}, .timeout = timeout});
}

const Statement kPid{"SELECT pg_backend_pid() AS pid", {}};

TEST(Snapshot, ReadsSeveralStatementsAtOnce) {
  const TestDb home;
  const auto reader = open(home.url());
  for (int i = 0; i < 3; ++i) {
    const std::vector<Rows> rows =
        reader->read({{"SELECT $1::text AS a, $2::text AS b", sql_values("é", std::nullopt)},
                      {"SELECT n FROM generate_series(1, $1::int) n", sql_values(3)},
                      {"SELECT 1 AS none WHERE false", {}},
                      {"SELECT $1::text AS a, $2::text AS b", sql_values("x", "y")}});
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].only().text("a"), "é");
    EXPECT_TRUE(rows[0].only().is_null("b"));
    EXPECT_EQ(rows[1].size(), 3U);
    EXPECT_TRUE(rows[2].empty());
    EXPECT_EQ(rows[3].only().text("b"), "y");
  }
}

TEST(Snapshot, IsOneSnapshotAndReadsOnly) {
  const TestDb home;
  const auto reader = open(home.url());
  const std::vector<Rows> rows = reader->read({{"SHOW transaction_read_only", {}},
                                               {"SHOW transaction_isolation", {}},
                                               {"SHOW statement_timeout", {}}});
  EXPECT_EQ(rows[0].only().text("transaction_read_only"), "on");
  EXPECT_EQ(rows[1].only().text("transaction_isolation"), "repeatable read");
  EXPECT_EQ(rows[2].only().text("statement_timeout"), "5s");
  const Error refused = error_of([&] { reader->read({{"DELETE FROM picks", {}}}); });
  EXPECT_THAT(refused.message(), HasSubstr("read-only transaction"));
  EXPECT_EQ(reader->read({kPid}).size(), 1U) << "goes on after an error";
}

TEST(Snapshot, ErrorsAreTranslated) {
  const TestDb home;
  const auto reader = open(home.url());
  EXPECT_EQ(error_of([&] { reader->read({kPid, {"SELECT * FROM nowhere", {}}, kPid}); }).kind(),
            ErrorKind::config);
  EXPECT_EQ(error_of([&] { reader->read({{"SELECT $1::int", sql_values("x")}}); }).kind(), ErrorKind::data);
  EXPECT_EQ(error_of([&] { reader->read({{"SELECT $1::text", sql_values(std::string("a\0b", 3))}}); }).kind(),
            ErrorKind::data);
  EXPECT_EQ(reader->read({kPid}).size(), 1U);
  EXPECT_EQ(error_of([] { open("nonsense"); }).kind(), ErrorKind::config);
  const auto nobody =
      open("postgresql://am@127.0.0.1:" + std::to_string(test::LoopbackServer::closed_port()) + "/am");
  EXPECT_EQ(error_of([&] { nobody->read({kPid}); }).kind(), ErrorKind::unavailable);
}

TEST(Snapshot, ASlowStatementEndsInTime) {
  const TestDb home;
  const auto reader = open(home.url(), std::chrono::milliseconds(300));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(error_of([&] { reader->read({{"SELECT pg_sleep(20)", {}}}); }).kind(), ErrorKind::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));
  EXPECT_EQ(reader->read({kPid}).size(), 1U);
}

TEST(Snapshot, AConnectionLostWhileIdleIsReplaced) {
  const TestDb home;
  const auto reader = open(home.url());
  const auto db = home.open();
  for (int i = 0; i < 3; ++i) {
    const std::string pid = reader->read({kPid})[0].only().text("pid");
    db->query("SELECT pg_terminate_backend($1::int, 5000)", sql_values(pid));
    EXPECT_NE(reader->read({kPid})[0].only().text("pid"), pid);
  }
}

TEST(Snapshot, ATableThatChangedUnderAPreparedStatement) {
  const TestDb home;
  const auto db = home.open();
  db->query("CREATE TABLE changing AS SELECT 1 AS a");
  const auto reader = open(home.url());
  const Statement all{"SELECT * FROM changing", {}};
  EXPECT_EQ(reader->read({all})[0].columns.size(), 1U);
  db->query("ALTER TABLE changing ADD COLUMN b text DEFAULT 'x'");
  EXPECT_EQ(reader->read({all})[0].columns.size(), 2U);
}

TEST(Snapshot, WorksThroughATransactionPooler) {
  const TestDb home;
  const test::PgBouncer bouncer(2, home.name());
  std::atomic<int> read{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&] {
      const auto reader = open(bouncer.url(home.name()));
      for (int i = 0; i < 30; ++i) {
        const auto rows =
            reader->read({{"SELECT $1::int AS n", sql_values(i)}, {"SELECT count(*) AS n FROM batches", {}}});
        if (rows[0].only().integer("n") == i && rows[1].only().integer("n") == 0) ++read;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(read, 120);
}

TEST(SnapshotPool, TakesWorkUpToItsBound) {
  const TestDb home;
  std::atomic<bool> go{false};
  std::atomic<int> begun{0}, done{0};
  {
    SnapshotPool pool({.db = {.url = home.url(), .probe = {}}}, 1, 2);
    const auto wait = [&](SnapshotReader& reader) {
      ++begun;
      while (!go) std::this_thread::yield();
      done += reader.read({kPid}).empty() ? 0 : 1;
    };
    ASSERT_TRUE(pool.submit(wait));
    while (begun == 0) std::this_thread::yield();
    EXPECT_TRUE(pool.submit(wait));
    EXPECT_TRUE(pool.submit(wait));
    EXPECT_FALSE(pool.submit(wait));
    go = true;
    while (done < 3) std::this_thread::yield();
  }
  EXPECT_EQ(done, 3);
}

TEST(SnapshotPool, ReadsThatWaitShareATransaction) {
  const TestDb home;
  SnapshotPool pool({.db = {.url = home.url(), .probe = {}}}, 1, 100);
  std::atomic<bool> go{false};
  ASSERT_TRUE(pool.submit([&](SnapshotReader&) {
    while (!go) std::this_thread::yield();
  }));
  std::mutex mutex;
  std::vector<std::string> snapshots;
  std::atomic<int> taken{0};
  const auto ask = [&](int n, const std::string& sql) {
    EXPECT_TRUE(pool.read(
        {{"SELECT pg_current_snapshot()::text || now()::text AS at, $1::int AS n", sql_values(n)}, {sql, {}}},
        [&, n](const Result<std::vector<Rows>, Error>& results) {
          const std::lock_guard lock(mutex);
          if (results) {
            EXPECT_EQ((*results)[0].only().integer("n"), n);
            EXPECT_EQ((*results)[1].only().integer("m"), 7);
            snapshots.push_back((*results)[0].only().text("at"));
          } else {
            EXPECT_EQ(n, 99);
            EXPECT_EQ(results.error().kind(), ErrorKind::config);
          }
          ++taken;
        }));
  };
  for (int n = 0; n < 8; ++n) ask(n, "SELECT 7 AS m");
  go = true;
  while (taken < 8) std::this_thread::yield();
  EXPECT_EQ(snapshots.size(), 8U);
  EXPECT_THAT(snapshots, testing::Each(snapshots.front())) << "one transaction";

  go = false;
  taken = 0;
  ASSERT_TRUE(pool.submit([&](SnapshotReader&) {
    while (!go) std::this_thread::yield();
  }));
  for (int n = 0; n < 5; ++n) ask(n == 2 ? 99 : n, n == 2 ? "SELECT m FROM nowhere" : "SELECT 7 AS m");
  go = true;
  while (taken < 5) std::this_thread::yield();
  EXPECT_EQ(snapshots.size(), 12U) << "one that fails takes nobody with it";
}

}  // namespace
}  // namespace am::kernel
