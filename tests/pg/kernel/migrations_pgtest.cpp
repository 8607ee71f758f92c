// Migrator: up, down, status, verify, the lock, and every refusal with its remedy.

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "am/base/hash.hpp"
#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using test::dump_schema;
using test::error_of;
using test::MigratorBed;
using test::newest_version;
using test::TestDb;
using test::value_of;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

/// What golang-migrate would read.
std::string go_state(Sql& sql) {
  return value_of(sql, "SELECT string_agg(version || ':' || dirty, ',') FROM schema_migrations");
}

std::vector<Migration> with_next(std::string up, std::string down = "SELECT 1;") {
  std::vector<Migration> more = embedded_migrations();
  more.push_back({newest_version() + 1, "next", std::move(up), std::move(down)});
  return more;
}

class MigratorTest : public ::testing::Test {
 protected:
  Migrator migrator(std::vector<Migration> migrations = embedded_migrations()) {
    return bed_.over(*db_, std::move(migrations));
  }
  Error up_error(std::vector<Migration> migrations = embedded_migrations()) {
    return error_of([&] { migrator(std::move(migrations)).up(); });
  }

  TestDb database_{TestDb::Content::empty};
  std::unique_ptr<Db> db_ = database_.open();
  MigratorBed bed_;
};

TEST_F(MigratorTest, UpAppliesAllAndIsIdempotent) {
  std::vector<int> all;
  for (int v = 1; v <= newest_version(); ++v) all.push_back(v);
  EXPECT_EQ(migrator().up(), all);
  EXPECT_EQ(go_state(*db_), std::to_string(newest_version()) + ":false");
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM ops.migrations"), std::to_string(newest_version()));
  EXPECT_EQ(value_of(*db_, "SELECT sha256_up FROM ops.migrations WHERE version = 1"),
            sha256_hex(embedded_migrations()[0].up));
  EXPECT_EQ(value_of(*db_, "SELECT DISTINCT applied_by FROM ops.migrations").substr(0, 3), "am ");
  EXPECT_THAT(migrator().up(), IsEmpty());
  EXPECT_THAT(migrator().verify(), IsEmpty());
  EXPECT_THAT(bed_.out.str(), HasSubstr("\"migration\":\"batches\""));
}

TEST_F(MigratorTest, UpDownUpGivesTheIdenticalSchema) {
  migrator().up();
  const std::string first = dump_schema(*db_);
  EXPECT_THAT(migrator().down(newest_version()), SizeIs(static_cast<std::size_t>(newest_version())));
  EXPECT_EQ(dump_schema(*db_), "extension plpgsql");
  EXPECT_EQ(go_state(*db_), "");
  EXPECT_THAT(migrator().up(), SizeIs(static_cast<std::size_t>(newest_version())));
  EXPECT_EQ(dump_schema(*db_), first);
}

TEST_F(MigratorTest, EveryStepDownAndUpAgainGivesTheIdenticalSchema) {
  for (int v = 1; v <= newest_version(); ++v) {
    ASSERT_THAT(migrator().up(v), ElementsAre(v));
    const std::string before = dump_schema(*db_);
    ASSERT_THAT(migrator().down(1), ElementsAre(v));
    ASSERT_THAT(migrator().up(v), ElementsAre(v));
    EXPECT_EQ(dump_schema(*db_), before) << v;
    EXPECT_EQ(go_state(*db_), std::to_string(v) + ":false");
  }
}

TEST_F(MigratorTest, StatusTellsEachMigration) {
  migrator().up(6);
  const auto status = migrator().status();
  ASSERT_THAT(status, SizeIs(static_cast<std::size_t>(newest_version())));
  EXPECT_EQ(status[5].state, MigrationState::applied);
  EXPECT_TRUE(status[5].applied_at.has_value());
  EXPECT_EQ(status[6].state, MigrationState::pending);
  EXPECT_EQ(status[6].applied_at, std::nullopt);
}

TEST_F(MigratorTest, StatusOfAnEmptyDatabaseIsAllPendingAndWritesNothing) {
  for (const MigrationStatus& status : migrator().status()) EXPECT_EQ(status.state, MigrationState::pending);
  EXPECT_EQ(dump_schema(*db_), "extension plpgsql");
  EXPECT_EQ(value_of(*db_, "SELECT to_regclass('schema_migrations')"), "");
}

TEST_F(MigratorTest, TargetsAndStepsOutOfRangeAreUsage) {
  migrator().up(3);
  EXPECT_EQ(error_of([&] { migrator().up(newest_version() + 1); }).kind(), ErrorKind::usage);
  EXPECT_EQ(error_of([&] { migrator().up(-1); }).kind(), ErrorKind::usage);
  EXPECT_THAT(error_of([&] { migrator().up(2); }).hint(), Not(HasSubstr("down")));
  EXPECT_EQ(error_of([&] { migrator().down(0); }).kind(), ErrorKind::usage);
  EXPECT_EQ(error_of([&] { migrator().down(4); }).kind(), ErrorKind::usage);
  EXPECT_EQ(go_state(*db_), "3:false");
}

TEST_F(MigratorTest, AFailingMigrationLeavesTheOneBefore) {
  migrator().up();
  const std::string before = dump_schema(*db_);
  const Error error = up_error(with_next("CREATE TABLE half (n int); SELECT no_such_function();"));
  EXPECT_THAT(error.message(), HasSubstr("migration " + std::to_string(newest_version() + 1) +
                                         " next: database: function no_such_function()"));
  EXPECT_EQ(go_state(*db_), std::to_string(newest_version()) + ":false");
  EXPECT_EQ(dump_schema(*db_), before);
}

TEST_F(MigratorTest, DirtyIsRefusedWithTheRemedy) {
  migrator().up();
  db_->query("UPDATE schema_migrations SET dirty = true");
  for (const Error& error :
       {up_error(), error_of([&] { migrator().down(1); }), error_of([&] { require_schema(*db_); })}) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_THAT(error.message(), HasSubstr("is dirty"));
    EXPECT_THAT(error.hint(), HasSubstr("migrate force"));
  }
  EXPECT_THAT(migrator().verify(), ElementsAre(HasSubstr("is dirty")));
}

TEST_F(MigratorTest, AnEditedFileIsRefusedWithTheRemedy) {
  migrator().up();
  std::vector<Migration> edited = with_next("SELECT 1;");
  edited[2].up += "-- a comment";
  const Error error = up_error(edited);
  EXPECT_EQ(error.kind(), ErrorKind::config);
  EXPECT_THAT(error.message(),
              HasSubstr("migration 3 checkpoints: the up file was edited after it was applied"));
  EXPECT_THAT(error.hint(), HasSubstr("restore the file as am "));
  EXPECT_EQ(migrator(edited).status()[2].state, MigrationState::edited);
  EXPECT_THAT(migrator(edited).verify(), ElementsAre(HasSubstr("migration 3")));

  std::vector<Migration> down_edited = embedded_migrations();
  down_edited[2].down += " ";
  EXPECT_THAT(up_error(down_edited).message(), HasSubstr("the down file was edited"));
}

TEST_F(MigratorTest, ANewerDatabaseIsRefusedAndNamesItsMaker) {
  migrator(with_next("CREATE TABLE next_table (n int);", "DROP TABLE next_table;")).up();
  db_->query("UPDATE ops.migrations SET applied_by = 'am 9.9.9' WHERE version = $1",
             sql_values(newest_version() + 1));
  const Error error = up_error();
  EXPECT_EQ(error.kind(), ErrorKind::config);
  EXPECT_THAT(error.message(), HasSubstr("made by am 9.9.9"));
  EXPECT_EQ(error_of([&] { migrator().down(1); }).kind(), ErrorKind::config);
  EXPECT_THAT(error_of([&] { require_schema(*db_); }).message(), HasSubstr("made by a newer am"));
  const auto status = migrator().status();
  EXPECT_EQ(status.back().state, MigrationState::unknown);
  EXPECT_EQ(status.back().version, newest_version() + 1);
}

TEST_F(MigratorTest, SomebodyElsesTablesAreNotTouched) {
  db_->query("CREATE TABLE batches (n int)");
  const Error error = up_error();
  EXPECT_EQ(error.kind(), ErrorKind::config);
  EXPECT_EQ(
      error.message(),
      "database schema: none recorded, but 1 object of the migrations is there already: table batches: there "
      "already (migration 1 makes it)");
  EXPECT_EQ(value_of(*db_, "SELECT to_regclass('schema_migrations')"), "");
}

TEST_F(MigratorTest, VerifyNamesEveryChangedObject) {
  migrator().up();
  db_->query("ALTER TABLE picks ALTER COLUMN ticker DROP NOT NULL");
  db_->query("ALTER TABLE ops.runs ALTER COLUMN attempt TYPE bigint");
  db_->query("ALTER TABLE ops.effects DROP CONSTRAINT effects_run_id_fkey");
  db_->query("DROP INDEX ops.events_batch_id_idx");
  db_->query("DROP TABLE market.daily_closes");
  db_->query("CREATE TABLE ops.somebody_elses (n int NOT NULL)");
  EXPECT_THAT(migrator().verify(),
              ::testing::UnorderedElementsAre("column picks.ticker: nullable (expected not null)",
                                              "column ops.runs.attempt: bigint (expected integer)",
                                              "constraint effects_run_id_fkey on ops.effects: missing",
                                              "index events_batch_id_idx on ops.events: missing",
                                              "table market.daily_closes: missing"));
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'am_shadow%'"), "0");
}

TEST_F(MigratorTest, WithoutPrivilegesItIsDenied) {
  const std::string role = database_.create_role({});
  db_ = open_db({.url = database_.url_as(role), .probe = {}});
  const Error error = up_error();
  EXPECT_EQ(error.kind(), ErrorKind::denied);
  EXPECT_THAT(error.hint(), HasSubstr("grant create on database"));
}

TEST_F(MigratorTest, ManyAtOnceAllEndWell) {
  std::vector<std::thread> threads;
  std::atomic<int> applied{0};
  std::atomic<int> failed{0};
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&] {
      try {
        const auto db = database_.open();
        MigratorBed bed;
        applied += static_cast<int>(bed.over(*db).up().size());
      } catch (const Error& error) {
        ++failed;
        ADD_FAILURE() << error.message();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(applied, newest_version());
  EXPECT_EQ(failed, 0);
  EXPECT_THAT(migrator().verify(), IsEmpty());
}

TEST_F(MigratorTest, NothingPendingNeedsNoLock) {
  migrator().up();
  const auto other = database_.open();
  const auto tx = other->begin();
  tx->query("LOCK TABLE schema_migrations IN SHARE MODE");
  tx->query("SELECT pg_advisory_xact_lock(n) FROM generate_series(1, 3) AS n");
  EXPECT_THAT(migrator().up(), IsEmpty());
}

TEST_F(MigratorTest, AKilledConnectionLosesOneMigrationAtMost) {
  const auto killer = database_.open();
  std::string pid;
  int commits = 0;
  const auto db = database_.open([&](std::string_view what) {
    if (what == "COMMIT" && ++commits == 3)
      killer->query("SELECT pg_terminate_backend($1::int, 5000)", sql_values(pid));
  });
  pid = value_of(*db, "SELECT pg_backend_pid()");
  const Error error = error_of([&] { bed_.over(*db).up(); });
  EXPECT_THAT(
      error.message(),
      HasSubstr("migration 3 checkpoints: database: connection lost during commit, the outcome is unknown"));
  EXPECT_EQ(go_state(*db_), "2:false");
  EXPECT_THAT(migrator().up(), SizeIs(static_cast<std::size_t>(newest_version() - 2)));
}

TEST(RequireSchema, AcceptsTheMigratedOne) {
  const TestDb database;
  EXPECT_EQ(require_schema(*database.open()), "UTF8");
}

TEST(RequireSchema, TellsNoneBehindAndForbiddenApart) {
  TestDb database{TestDb::Content::empty};
  const auto db = database.open();
  const std::string expected = " (expected " + std::to_string(newest_version()) + ")";
  const Error none = error_of([&] { require_schema(*db); });
  EXPECT_EQ(none.kind(), ErrorKind::config);
  EXPECT_EQ(none.message(), "database schema: none" + expected);
  EXPECT_EQ(none.hint(), "run: am migrate");

  MigratorBed bed;
  bed.over(*db).up(6);
  EXPECT_EQ(error_of([&] { require_schema(*db); }).message(), "database schema: at version 6" + expected);

  const auto stranger = open_db({.url = database.url_as(database.create_role({})), .probe = {}});
  const Error forbidden = error_of([&] { require_schema(*stranger); });
  EXPECT_EQ(forbidden.kind(), ErrorKind::denied);
  EXPECT_THAT(forbidden.hint(), HasSubstr("grant SELECT on table public.schema_migrations"));

  bed.over(*db).down(6);
  EXPECT_EQ(error_of([&] { require_schema(*db); }).message(), "database schema: none" + expected);
}

TEST(RequireSchema, IsOneQuery) {
  const TestDb database;
  int statements = 0;
  const auto db = database.open([&](std::string_view) { ++statements; });
  require_schema(*db);
  EXPECT_EQ(statements, 1);
}

}  // namespace
}  // namespace am::kernel
