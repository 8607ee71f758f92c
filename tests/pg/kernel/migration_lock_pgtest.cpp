// The lock of migrations: one at a time, golang-migrate's clients included, whatever form of URL they were given.

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/migration_lock.hpp"
#include "support/error_of.hpp"
#include "support/pg.hpp"
#include "support/pgbouncer.hpp"

namespace am::kernel {
namespace {

using namespace std::chrono_literals;
using test::error_of;
using test::MigratorBed;
using test::PgBouncer;
using test::TestDb;
using test::value_of;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class MigrationLockTest : public ::testing::Test {
 protected:
  std::unique_ptr<Db> other(const std::string& application) {
    return open_db({.url = database_.url(), .application_name = application, .probe = {}});
  }
  /// Another tool holds the lock of this id for its session.
  void expect_excluded(long long id, const std::string& url) {
    const auto holder = other("migrate");
    const std::string pid =
        value_of(*holder, "SELECT pg_backend_pid()::text FROM pg_advisory_lock($1)", sql_values(id));
    const auto db = open_db({.url = url, .probe = {}});
    MigratorBed bed;
    const Error error = error_of([&] { bed.over(*db, embedded_migrations(), 0ms).up(); });
    EXPECT_EQ(error.kind(), ErrorKind::busy) << id;
    EXPECT_THAT(error.message(), HasSubstr("(server process " + pid + ", migrate, user am)"));
    EXPECT_THAT(error.hint(), HasSubstr("pg_terminate_backend(" + pid + ")"));
    EXPECT_EQ(value_of(*holder, "SELECT to_regnamespace('ops')"), "") << "nothing was made";
    const auto seen = migration_holder(*db);
    ASSERT_TRUE(seen);
    EXPECT_EQ(std::to_string(seen->server_pid), pid);
    EXPECT_EQ(seen->who, "server process " + pid + ", migrate, user am");
  }

  /// What its clients lock for this database, by the URL that they were given.
  std::vector<long long> tool_ids() const {
    std::vector<long long> ids;
    for (const std::string& name : {"/" + database_.name(), database_.name(), std::string("/")})
      ids.push_back(golang_migrate_lock_id({"public", "schema_migrations", name}));
    return ids;
  }

  TestDb database_{TestDb::Content::empty};
  MigratorBed bed_;
};

TEST_F(MigrationLockTest, EachFormOfGolangMigrateExcludesOurs) {
  for (const long long id : tool_ids()) expect_excluded(id, database_.url());
  const auto db = database_.open();
  EXPECT_FALSE(migration_holder(*db)) << "it is free again";
  EXPECT_THAT(bed_.over(*db).up(), SizeIs(embedded_migrations().size()));
}

TEST_F(MigrationLockTest, OursExcludesEachFormUntilItsTransactionEnds) {
  const auto db = database_.open();
  const auto tool = other("migrate");
  const auto free_to_it = [&] {
    std::string all;
    for (const long long id : tool_ids())
      all += value_of(*tool, "SELECT pg_try_advisory_lock($1)", sql_values(id));
    tool->query("SELECT pg_advisory_unlock_all()");
    return all;
  };
  const Stop stop;
  {
    const auto transaction = lock_migrations(*db, stop, 0ms);
    EXPECT_EQ(free_to_it(), "fff");
  }
  EXPECT_EQ(free_to_it(), "ttt");
}

TEST_F(MigrationLockTest, ALockThatIsHalfTakenIsGivenBack) {
  const auto db = database_.open();
  const auto tool = other("migrate");
  const std::vector<long long> ids = tool_ids();
  tool->query("SELECT pg_advisory_lock($1)", sql_values(ids.back()));
  const Stop stop;
  EXPECT_EQ(error_of([&] { lock_migrations(*db, stop, 0ms); }).kind(), ErrorKind::busy);
  EXPECT_EQ(value_of(*tool, "SELECT pg_try_advisory_lock($1)", sql_values(ids.front())), "t");
}

// As in a later round of its wait: the session knows all that it says by heart, remembers that there was no such schema,
// and its transaction began before the commit that made it.
TEST_F(MigrationLockTest, WhoHasItSeesWhatTheOneBeforeCommitted) {
  const auto maker = database_.open();
  bool waits = false;
  bool began = false;
  const auto db = open_db({.url = database_.url(), .probe = [&](std::string_view what) {
                             if (began) maker->query("CREATE SCHEMA IF NOT EXISTS made_meanwhile");
                             began = waits && what == "BEGIN";
                           }});
  const Stop stop;
  const std::string look = "SELECT to_regnamespace('made_meanwhile') IS NOT NULL";
  lock_migrations(*db, stop, 0ms);
  ASSERT_EQ(value_of(*db, look), "f");
  waits = true;
  const auto transaction = lock_migrations(*db, stop, 0ms);
  EXPECT_EQ(value_of(*maker, look), "t") << "it was made";
  EXPECT_EQ(value_of(*transaction, look), "t");
}

TEST_F(MigrationLockTest, WorksThroughATransactionModePooler) {
  const PgBouncer bouncer(1);
  const std::string url = bouncer.url(database_.name());
  for (const long long id : tool_ids()) expect_excluded(id, url);
  const auto db = open_db({.url = url, .probe = {}});
  EXPECT_THAT(bed_.over(*db).up(), SizeIs(embedded_migrations().size()));
}

TEST_F(MigrationLockTest, IsWaitedFor) {
  const auto tool = other("migrate");
  tool->query("SELECT pg_advisory_lock($1)", sql_values(tool_ids().front()));
  const auto db = database_.open();
  std::thread other([&] { EXPECT_THAT(bed_.over(*db).up(), SizeIs(embedded_migrations().size())); });
  const auto watcher = database_.open();
  EXPECT_EQ(value_of(*watcher, "SELECT to_regnamespace('ops')"), "");
  tool->query("SELECT pg_advisory_unlock_all()");
  other.join();
}

}  // namespace
}  // namespace am::kernel
