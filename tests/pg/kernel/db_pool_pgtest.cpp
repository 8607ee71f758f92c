#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "am/base/error.hpp"
#include "am/kernel/db_pool.hpp"
#include "support/error_of.hpp"
#include "support/loopback_server.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using test::TestDb;

constexpr const char* kPoolPid = "SELECT pg_backend_pid() AS pid";

/// Runs one piece of work to its end.
void run_in(DbPool& pool, const DbPool::Work& work) {
  std::atomic<bool> done{false};
  ASSERT_TRUE(pool.submit([&](Db& db) {
    work(db);
    done = true;
  }));
  while (!done) std::this_thread::yield();
}

TEST(DbPool, EachThreadWritesThroughItsOwnConnection) {
  const TestDb home;
  home.open()->query("CREATE TABLE public.things (n int PRIMARY KEY, pid int NOT NULL)");
  {
    DbPool pool({.url = home.url(), .probe = {}}, 3, 100);
    std::atomic<int> done{0};
    for (int n = 0; n < 60; ++n) {
      ASSERT_TRUE(pool.submit([n, &done](Db& db) {
        db.transact([n](Transaction& transaction) {
          transaction.query("INSERT INTO public.things VALUES ($1::int, pg_backend_pid())", sql_values(n));
        });
        ++done;
      }));
    }
    while (done < 60) std::this_thread::yield();
  }
  const Rows rows =
      home.open()->query("SELECT count(*) AS n, count(DISTINCT pid) AS pids FROM public.things");
  EXPECT_EQ(rows.only().integer("n"), 60);
  EXPECT_LE(rows.only().integer("pids"), 3);
}

TEST(DbPool, TakesWorkUpToItsBoundAndDropsWhatWaitsAtItsEnd) {
  const TestDb home;
  std::atomic<bool> go{false};
  std::atomic<int> begun{0};
  std::atomic<int> done{0};
  std::atomic<bool> ended{false};
  std::thread ending;
  {
    auto pool = std::make_unique<DbPool>(DbOptions{.url = home.url(), .probe = {}}, 1, 2);
    const auto wait = [&](Db& db) {
      ++begun;
      while (!go) std::this_thread::yield();
      done += db.query(kPoolPid).empty() ? 0 : 1;
    };
    ASSERT_TRUE(pool->submit(wait));
    while (begun == 0) std::this_thread::yield();
    EXPECT_TRUE(pool->submit(wait));
    EXPECT_TRUE(pool->submit(wait));
    EXPECT_FALSE(pool->submit(wait));
    EXPECT_EQ(pool->waiting(), 2U);
    ending = std::thread([&, owned = std::move(pool)]() mutable {
      owned.reset();
      ended = true;
    });
  }
  EXPECT_FALSE(ended) << "it waits for what runs";
  // Long enough for the end to have begun in any case: what runs is let go only when nothing else would be taken.
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  go = true;
  ending.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(begun, 1);
}

TEST(DbPool, ALostConnectionIsReplaced) {
  const TestDb home;
  DbPool pool({.url = home.url(), .probe = {}}, 1, 10);
  long long first = 0;
  run_in(pool, [&](Db& db) { first = db.query(kPoolPid).only().integer("pid"); });
  ASSERT_GT(first, 0);
  home.open()->query("SELECT pg_terminate_backend($1::int, 5000)", sql_values(first));
  long long second = 0;
  run_in(pool, [&](Db& db) {
    db.transact([&](Transaction& sql) { second = sql.query(kPoolPid).only().integer("pid"); });
  });
  EXPECT_GT(second, 0);
  EXPECT_NE(second, first);
}

TEST(DbPool, EachWorkIsToldThatTheDatabaseIsAway) {
  DbPool pool(
      {.url = "postgresql://am@127.0.0.1:" + std::to_string(test::LoopbackServer::closed_port()) + "/am",
       .probe = {}},
      1, 10);
  for (int i = 0; i < 2; ++i) {
    run_in(pool, [](Db& db) {
      EXPECT_EQ(test::error_of([&] { db.query(kPoolPid); }).kind(), ErrorKind::unavailable);
      EXPECT_EQ(test::error_of([&] { db.transact([](Transaction&) {}); }).kind(), ErrorKind::unavailable);
    });
  }
}

TEST(DbPool, WhatIsNoUrlIsSaidAtOnce) {
  EXPECT_EQ(test::error_of([] { DbPool({.url = "", .probe = {}}, 1, 1); }).kind(), ErrorKind::config);
}

}  // namespace
}  // namespace am::kernel
