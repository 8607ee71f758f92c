// Everything works through a transaction-mode pooler, where two clients share one server session.

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/pg.hpp"
#include "support/pgbouncer.hpp"

namespace am::kernel {
namespace {

using test::error_of;
using test::MigratorBed;
using test::PgBouncer;
using test::TestDb;
using test::value_of;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Pooled : public ::testing::Test {
 protected:
  std::unique_ptr<Db> open(const TestDb& database) const {
    return open_db({.url = bouncer_.url(database.name()), .application_name = "am pooled", .probe = {}});
  }
  PgBouncer bouncer_{1};
};

TEST_F(Pooled, StatementsAndTransactionsWork) {
  const TestDb database;
  const auto db = open(database);
  require_schema(*db);
  EXPECT_EQ(value_of(*db, "SELECT $1::text", sql_values("é")), "é");
  db->transact(
      [](Transaction& tx) { tx.query("INSERT INTO ops.events (kind) VALUES ($1)", sql_values("k")); });
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM ops.events"), "1");
  const auto tx = db->begin(true);
  EXPECT_EQ(error_of([&] { tx->query("DELETE FROM ops.events"); }).kind(), ErrorKind::bug);
}

TEST_F(Pooled, NothingLeaksToTheNextClient) {
  const TestDb database;
  const auto first = open(database);
  const auto second = open(database);
  {
    const auto tx = first->begin(true);
    tx->query("SET LOCAL statement_timeout = '5s'");
    tx->commit();
  }
  EXPECT_EQ(value_of(*first, "SELECT pg_backend_pid()"), value_of(*second, "SELECT pg_backend_pid()"));
  EXPECT_EQ(value_of(*second, "SHOW statement_timeout"), "0");
  EXPECT_EQ(value_of(*second, "SHOW transaction_read_only"), "off");
  EXPECT_EQ(value_of(*second, "SELECT count(*) FROM pg_prepared_statements"), "0");
}

TEST_F(Pooled, ConcurrentClientsShareOneServerSession) {
  const TestDb database;
  open(database)->query("CREATE TABLE counter AS SELECT 0 AS n");
  const auto work = [&] {
    const auto db = open(database);
    for (int i = 0; i < 50; ++i) {
      db->transact([](Transaction& tx) {
        const long long n = tx.query("SELECT n FROM counter FOR UPDATE").only().integer("n");
        tx.query("UPDATE counter SET n = $1", sql_values(n + 1));
      });
      db->query("SELECT $1::int", sql_values(i));
    }
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(value_of(*open(database), "SELECT n FROM counter"), "100");
}

TEST_F(Pooled, TwoMigrationsAtOnceBothEndWell) {
  const TestDb database{TestDb::Content::empty};
  std::atomic<int> applied{0};
  const auto migrate = [&] {
    const auto db = open(database);
    MigratorBed bed;
    applied += static_cast<int>(bed.over(*db).up().size());
  };
  std::thread other(migrate);
  migrate();
  other.join();
  EXPECT_EQ(applied, static_cast<int>(embedded_migrations().size()));
  const auto db = open(database);
  MigratorBed bed;
  EXPECT_THAT(bed.over(*db).verify(), IsEmpty());
  EXPECT_THAT(bed.over(*db).down(2), SizeIs(2));
}

TEST_F(Pooled, AServerSessionThatDiedIsReplaced) {
  const TestDb database;
  const auto db = open(database);
  const std::string pid = value_of(*db, "SELECT pg_backend_pid()");
  database.open()->query("SELECT pg_terminate_backend($1::int, 5000)", sql_values(pid));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  int calls = 0;
  db->transact([&](Transaction& tx) {
    ++calls;
    tx.query("SELECT 1");
  });
  EXPECT_LE(calls, 2);
}

TEST(PooledConnect, UnknownDatabaseIsConfig) {
  const PgBouncer bouncer(1, "known");
  const Error error = error_of([&] { open_db({.url = bouncer.url("no_such_database"), .probe = {}}); });
  EXPECT_EQ(error.kind(), ErrorKind::config) << error.message();
}

TEST_F(Pooled, StartUpOptionsAreRefusedAsConfiguration) {
  const TestDb database;
  const Error error = error_of(
      [&] { open_db({.url = bouncer_.url(database.name()) + "&options=-cwork_mem%3D1MB", .probe = {}}); });
  EXPECT_EQ(error.kind(), ErrorKind::config) << error.message();
}

}  // namespace
}  // namespace am::kernel
