// One desk, in public, ops and market, whatever search_path a connection brings.

#include <cstdlib>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Where the tables are: "feed 8, forecast 11, jobs 1, market 4, ops 10, public 5, trading 13".
std::string places(Sql& sql) {
  return value_of(
      sql,
      "SELECT string_agg(place, ', ' ORDER BY place) FROM (SELECT n.nspname || ' ' || count(*) AS place FROM "
      "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname NOT LIKE "
      "'pg\\_%' AND n.nspname <> 'information_schema' GROUP BY n.nspname) AS t");
}

std::string records(Sql& sql) {
  return value_of(
      sql, "SELECT string_agg(version || ' ' || applied_by, ', ' ORDER BY version) FROM ops.migrations");
}

/// How a connection comes to another search_path.
struct Form {
  const char* name;
  /// Prepares database and role; returns the URL to connect by.
  std::function<std::string(TestDb&, const std::string& role)> set;
};

void PrintTo(const Form& form, std::ostream* out) { *out << form.name; }

std::string with_option(const std::string& url, const std::string& option) {
  return url + (url.find('?') == std::string::npos ? "?" : "&") + option;
}

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {
      {"Url",
       [](TestDb& db, const std::string& role) {
         return with_option(db.url_as(role), "options=-csearch_path%3Dapp%2Cpublic");
       }},
      {"PgOptions",
       [](TestDb& db, const std::string& role) {
         setenv("PGOPTIONS", "-csearch_path=app", 1);
         return db.url_as(role);
       }},
      {"Role",
       [](TestDb& db, const std::string& role) {
         db.open()->query("ALTER ROLE " + role + " SET search_path = app");
         return db.url_as(role);
       }},
      {"Database",
       [](TestDb& db, const std::string& role) {
         db.open()->query("ALTER DATABASE " + db.name() + " SET search_path = nowhere");
         return db.url_as(role);
       }},
      {"User",
       [](TestDb& db, const std::string& role) {
         db.open()->query("CREATE SCHEMA " + role + " AUTHORIZATION " + role);
         return db.url_as(role);
       }},
      {"Empty",
       [](TestDb& db, const std::string& role) {
         return with_option(db.url_as(role), "options=-csearch_path%3D");
       }},
  };
  return all;
}

class SearchPath : public ::testing::TestWithParam<Form> {
 protected:
  SearchPath() {
    role_ = database_.create_role({});
    const auto db = database_.open();
    db->query("ALTER DATABASE " + database_.name() + " OWNER TO " + role_);
    db->query("CREATE SCHEMA app AUTHORIZATION " + role_);
  }
  ~SearchPath() override { unsetenv("PGOPTIONS"); }

  std::unique_ptr<Db> open_as_usual() { return open_db({.url = database_.url_as(role_), .probe = {}}); }
  std::unique_ptr<Db> open_elsewhere() {
    return open_db({.url = GetParam().set(database_, role_), .probe = {}});
  }

  TestDb database_{TestDb::Content::empty};
  std::string role_;
  MigratorBed bed_;
};

TEST_P(SearchPath, TheTablesLandWhereTheirFilesSay) {
  const auto db = open_elsewhere();
  EXPECT_THAT(bed_.over(*db).up(), SizeIs(static_cast<std::size_t>(newest_version())));
  EXPECT_EQ(places(*db), "feed 8, forecast 11, jobs 1, market 4, ops 10, public 5, trading 13");
  EXPECT_THAT(bed_.over(*db).verify(), IsEmpty());
  EXPECT_THAT(bed_.over(*db).up(), IsEmpty());
  EXPECT_EQ(require_schema(*db), "UTF8");
  EXPECT_THAT(bed_.over(*db).down(newest_version()), SizeIs(static_cast<std::size_t>(newest_version())));
  EXPECT_EQ(places(*db), "ops 1, public 1");
}

TEST_P(SearchPath, AHealthyDatabaseIsLeftAsItIs) {
  bed_.over(*open_as_usual()).up();
  const std::string before = records(*database_.open());
  const auto db = open_elsewhere();
  require_schema(*db);
  EXPECT_THAT(bed_.over(*db).up(), IsEmpty());
  EXPECT_THAT(bed_.over(*db).verify(), IsEmpty());
  EXPECT_EQ(places(*db), "feed 8, forecast 11, jobs 1, market 4, ops 10, public 5, trading 13");
  EXPECT_EQ(records(*db), before);
}

TEST_P(SearchPath, DownAndUpAgainGiveTheIdenticalSchema) {
  bed_.over(*open_as_usual()).up();
  const std::string before = dump_schema(*database_.open());
  const auto db = open_elsewhere();
  bed_.over(*db).down(newest_version());
  bed_.over(*db).up();
  unsetenv("PGOPTIONS");
  const auto usual = open_db({.url = database_.url(), .probe = {}});
  usual->query("SET search_path = public");
  EXPECT_EQ(dump_schema(*usual), before);
}

TEST_P(SearchPath, AnAdoptedDatabaseIsComparedInPublic) {
  {
    const auto usual = open_as_usual();
    bed_.over(*usual).up(4);
    usual->query("DROP SCHEMA ops CASCADE");
  }
  const auto db = open_elsewhere();
  EXPECT_THAT(bed_.over(*db).up(), SizeIs(static_cast<std::size_t>(newest_version() - 4)));
  EXPECT_EQ(places(*db), "feed 8, forecast 11, jobs 1, market 4, ops 10, public 5, trading 13");
}

INSTANTIATE_TEST_SUITE_P(Forms, SearchPath, ::testing::ValuesIn(forms()),
                         [](const auto& test) { return std::string(test.param.name); });

/// A schema that the names lead to by themselves: the role is called like it.
TEST(SearchPathOfARole, NamedLikeASchemaOfOursChangesNothing) {
  TestDb database{TestDb::Content::empty};
  const std::string role = database.create_role({});
  const auto cluster = database.open();
  cluster->query("ALTER DATABASE " + database.name() + " OWNER TO " + role);
  // What "$user" is for a role named ops.
  cluster->query("ALTER ROLE " + role + " IN DATABASE " + database.name() + " SET search_path = ops, public");
  const auto db = open_db({.url = database.url_as(role), .probe = {}});
  MigratorBed bed;
  bed.over(*db).up();
  EXPECT_EQ(places(*db), "feed 8, forecast 11, jobs 1, market 4, ops 10, public 5, trading 13");
}

class HalfDesk : public ::testing::Test {
 protected:
  /// What am 0.1.0 left when it migrated under search_path = app: a desk in public with records up to 4, half a one in app.
  HalfDesk() {
    db_->transact([](Transaction& tx) {
      tx.script("CREATE SCHEMA app; SET LOCAL search_path = app");
      for (int i = 0; i < 4; ++i) tx.script(embedded_migrations()[static_cast<std::size_t>(i)].up);
      tx.script(
          "CREATE TABLE app.schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);"
          "INSERT INTO app.schema_migrations VALUES (4, false); DELETE FROM ops.migrations WHERE version > 4");
    });
  }
  TestDb database_;
  std::unique_ptr<Db> db_ = database_.open();
  MigratorBed bed_;
};

TEST_F(HalfDesk, GetsItsRecordsBackAndNothingElseIsTouched) {
  Migrator migrator = bed_.over(*db_);
  EXPECT_EQ(migrator.status().back().state, MigrationState::unrecorded);
  EXPECT_THAT(migrator.up(), IsEmpty());
  EXPECT_THAT(migrator.settled().adopted, SizeIs(static_cast<std::size_t>(newest_version() - 4)));
  EXPECT_THAT(migrator.verify(), IsEmpty());
  EXPECT_EQ(places(*db_), "app 5, feed 8, forecast 11, jobs 1, market 4, ops 10, public 5, trading 13");
  EXPECT_THAT(records(*db_), HasSubstr(std::to_string(newest_version()) + " adopted"));
}

class Misplaced : public ::testing::Test {
 protected:
  void move_away(const std::string& schema) {
    db_->query("CREATE SCHEMA IF NOT EXISTS " + schema);
    for (const char* table :
         {"schema_migrations", "batches", "picks", "checkpoints", "pick_checkpoint_metrics"})
      db_->query("ALTER TABLE public." + std::string(table) + " SET SCHEMA " + schema);
  }
  TestDb database_;
  std::unique_ptr<Db> db_ = database_.open();
  MigratorBed bed_;
};

TEST_F(Misplaced, IsRefusedAndNamesWhere) {
  move_away("app");
  const std::string before = records(*db_);
  for (const Error& error :
       {error_of([&] { bed_.over(*db_).up(); }), error_of([&] { bed_.over(*db_).down(1); }),
        error_of([&] { bed_.over(*db_).check(); })}) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_EQ(error.message(), "database schema: ops.migrations has records up to " +
                                   std::to_string(newest_version()) +
                                   ", but there is no public.schema_migrations, only in schema app");
    EXPECT_THAT(error.hint(), HasSubstr("SET SCHEMA public"));
  }
  EXPECT_THAT(bed_.over(*db_).verify(), SizeIs(1));
  EXPECT_EQ(records(*db_), before);
  EXPECT_EQ(places(*db_), "app 5, feed 8, forecast 11, jobs 1, market 4, ops 10, trading 13");
}

TEST_F(Misplaced, IsWellAgainAfterTheRemedy) {
  move_away("ops");
  EXPECT_THAT(error_of([&] { bed_.over(*db_).up(); }).message(), HasSubstr("only in schema ops"));
  for (const char* table :
       {"schema_migrations", "batches", "picks", "checkpoints", "pick_checkpoint_metrics"})
    db_->query("ALTER TABLE ops." + std::string(table) + " SET SCHEMA public");
  EXPECT_THAT(bed_.over(*db_).verify(), IsEmpty());
  EXPECT_THAT(bed_.over(*db_).up(), IsEmpty());
}

TEST_F(Misplaced, ALostVersionTableIsRefusedWithAWayToRestoreIt) {
  db_->query("DROP TABLE public.schema_migrations");
  const std::string before = records(*db_);
  const Error error = error_of([&] { bed_.over(*db_).up(); });
  EXPECT_EQ(error.kind(), ErrorKind::config);
  EXPECT_EQ(records(*db_), before);
  const std::string hint = error.hint();
  const std::size_t from = hint.find("CREATE TABLE");
  const std::size_t to = hint.find("; then run");
  ASSERT_NE(from, std::string::npos);
  db_->transact([&](Transaction& tx) { tx.script(hint.substr(from, to - from)); });
  EXPECT_THAT(bed_.over(*db_).up(), IsEmpty());
  EXPECT_THAT(bed_.over(*db_).verify(), IsEmpty());
}

TEST_F(Misplaced, WithoutRecordsItIsRefusedBeforeAnythingIsMade) {
  move_away("app");
  db_->query("DROP TABLE ops.migrations");
  const Error error = error_of([&] { bed_.over(*db_).up(); });
  EXPECT_EQ(error.kind(), ErrorKind::config);
  EXPECT_THAT(error.message(),
              HasSubstr("none recorded, but 48 objects of the migrations are there already: "));
  EXPECT_THAT(error.message(), HasSubstr("table ops.runs: there already (migration 5 makes it)"));
  EXPECT_THAT(error.hint(), HasSubstr("app has a schema_migrations"));
  EXPECT_EQ(places(*db_), "app 5, feed 8, forecast 11, jobs 1, market 4, ops 9, trading 13");
}

TEST(SchemaPublic, ThatIsMissingOrClosedIsToldWithTheStatementToRun) {
  TestDb database{TestDb::Content::empty};
  const std::string role = database.create_role({});
  const auto db = database.open();
  db->query("DROP SCHEMA public");
  MigratorBed bed;
  const Error missing = error_of([&] { bed.over(*db).up(); });
  EXPECT_EQ(missing.kind(), ErrorKind::config);
  EXPECT_EQ(missing.hint(), "as the database's owner: CREATE SCHEMA public");

  db->query("CREATE SCHEMA public");
  db->query("GRANT CREATE ON DATABASE " + database.name() + " TO " + role);
  const auto stranger = open_db({.url = database.url_as(role), .probe = {}});
  const Error closed = error_of([&] { bed.over(*stranger).up(); });
  EXPECT_EQ(closed.kind(), ErrorKind::denied);
  EXPECT_THAT(closed.hint(), HasSubstr("grant usage, create on schema public to " + role));

  bed.over(*db).up();
  for (const Error& error :
       {error_of([&] { bed.over(*stranger).up(); }), error_of([&] { require_schema(*stranger); })}) {
    EXPECT_EQ(error.kind(), ErrorKind::denied);
    EXPECT_THAT(error.hint(), HasSubstr("grant usage on schema public to " + role));
  }
  db->query("GRANT USAGE ON SCHEMA public TO " + role);
  db->query("GRANT SELECT ON public.schema_migrations TO " + role);
  const Error ops = error_of([&] { bed.over(*stranger).up(); });
  EXPECT_EQ(ops.kind(), ErrorKind::denied);
  EXPECT_THAT(ops.hint(), HasSubstr("grant usage on schema ops to " + role));
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM ops.migrations"), std::to_string(newest_version()));
}

}  // namespace
}  // namespace am::kernel
