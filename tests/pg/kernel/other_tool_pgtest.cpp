// Either tool works: what golang-migrate applied or reverted is taken over when the tables prove it, and nothing is
// changed when they do not.

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
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<int> versions(int first, int last) {
  std::vector<int> out;
  for (int v = first; v <= last; ++v) out.push_back(v);
  return out;
}

/// A hint may name no step that takes tables away.
void expect_keeps_data(const Error& error) {
  EXPECT_THAT(error.hint(), Not(IsEmpty()));
  for (const char* word : {"drop", "DROP", "down", "go back", "truncate", "delete", "DELETE", "force 0"})
    EXPECT_THAT(error.hint(), Not(HasSubstr(word)));
}

class OtherTool : public ::testing::Test {
 protected:
  /// As golang-migrate does it: its table, a file, its version.
  void tool_up(int from, int to) {
    db_->query(
        "CREATE TABLE IF NOT EXISTS public.schema_migrations (version bigint not null primary key, dirty boolean not "
        "null)");
    for (const int v : versions(from, to)) {
      db_->transact(
          [&](Transaction& tx) { tx.script(embedded_migrations()[static_cast<std::size_t>(v - 1)].up); });
      set_version(v);
    }
  }
  void tool_down(int from, int to) {
    for (int v = from; v > to; --v) {
      db_->transact(
          [&](Transaction& tx) { tx.script(embedded_migrations()[static_cast<std::size_t>(v - 1)].down); });
      set_version(v - 1);
    }
  }
  /// Also migrate force.
  void set_version(int version, bool dirty = false) {
    db_->transact([&](Transaction& tx) {
      tx.query("TRUNCATE public.schema_migrations");
      if (version > 0)
        tx.query("INSERT INTO public.schema_migrations VALUES ($1, $2)", sql_values(version, dirty));
    });
  }
  Migrator migrator() { return bed_.over(*db_); }
  std::string records() {
    return value_of(
        *db_,
        "SELECT coalesce(string_agg(version || ' ' || split_part(applied_by, ' ', 1), ',' ORDER BY "
        "version), '') FROM ops.migrations");
  }
  /// Refused by everything that changes something, with the same words, and verify finds the same lines.
  Error expect_refused() {
    const std::string schema = dump_schema(*db_);
    const bool has_records = value_of(*db_, "SELECT to_regclass('ops.migrations')") != "";
    const std::string before = has_records ? records() : "";
    const Error error = error_of([&] { migrator().up(); });
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_EQ(error_of([&] { migrator().check(); }).message(), error.message());
    for (const std::string& line : migrator().verify()) EXPECT_THAT(error.message(), HasSubstr(line));
    EXPECT_THAT(migrator().verify(), Not(IsEmpty()));
    EXPECT_EQ(dump_schema(*db_), schema);
    if (has_records) {
      EXPECT_EQ(records(), before);
    }
    expect_keeps_data(error);
    return error;
  }

  TestDb database_{TestDb::Content::empty};
  std::unique_ptr<Db> db_ = database_.open();
  MigratorBed bed_;
};

class OtherToolAtVersion : public OtherTool, public ::testing::WithParamInterface<int> {};

TEST_P(OtherToolAtVersion, WhatItAppliedIsAdopted) {
  tool_up(1, GetParam());
  EXPECT_THAT(migrator().verify(), IsEmpty());
  Migrator one = migrator();
  EXPECT_EQ(one.up(), versions(GetParam() + 1, newest_version()));
  EXPECT_EQ(one.settled().adopted, versions(1, GetParam()));
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM ops.migrations WHERE applied_by = 'adopted'"),
            std::to_string(GetParam()));
  EXPECT_THAT(migrator().verify(), IsEmpty());
  EXPECT_THAT(migrator().up(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Versions, OtherToolAtVersion, ::testing::Range(1, newest_version() + 1));

TEST_F(OtherTool, GoesOnAfterOursAndOursAfterIt) {
  migrator().up(6);
  tool_up(7, 9);
  EXPECT_EQ(migrator().status()[7].state, MigrationState::unrecorded);
  Migrator one = migrator();
  EXPECT_EQ(one.up(), versions(10, newest_version()));
  EXPECT_EQ(one.settled().adopted, versions(7, 9));
  EXPECT_THAT(records(), HasSubstr("6 am,7 adopted,8 adopted,9 adopted,10 am"));
  require_schema(*db_);
}

TEST_F(OtherTool, ItsNewestVersionNeedsOnlyItsRecords) {
  tool_up(1, newest_version());
  require_schema(*db_);
  EXPECT_EQ(migrator().status().back().state, MigrationState::unrecorded);
  Migrator one = migrator();
  EXPECT_THAT(one.up(), IsEmpty());
  EXPECT_THAT(one.settled().adopted, SizeIs(static_cast<std::size_t>(newest_version())));
  EXPECT_EQ(migrator().status().back().applied_by, "adopted");
}

TEST_F(OtherTool, AHoleInTheRecordsIsFilled) {
  migrator().up();
  db_->query("DELETE FROM ops.migrations WHERE version IN (2, 7)");
  Migrator one = migrator();
  EXPECT_THAT(one.up(), IsEmpty());
  EXPECT_THAT(one.settled().adopted, ElementsAre(2, 7));
}

TEST_F(OtherTool, OneDifferenceAndNothingIsAdopted) {
  migrator().up(6);
  tool_up(7, newest_version());
  db_->query("ALTER TABLE ops.events ALTER COLUMN kind DROP NOT NULL");
  const Error error = expect_refused();
  EXPECT_EQ(error.message(), "database schema: not adopted, 1 difference from migrations 1 to " +
                                 std::to_string(newest_version()) +
                                 ": column ops.events.kind: nullable (expected not null)");
}

TEST_F(OtherTool, AVersionForcedTooHighIsRefusedAndNamesTheRightOne) {
  migrator().up(6);
  set_version(9);
  const Error error = expect_refused();
  EXPECT_THAT(error.message(), AllOf(HasSubstr("not adopted"), HasSubstr("table ops.events: missing")));
  EXPECT_THAT(error.hint(),
              HasSubstr("the tables are those of version 6: set public.schema_migrations to it"));
  set_version(6);
  EXPECT_EQ(migrator().up(), versions(7, newest_version()));
}

TEST_F(OtherTool, AVersionForcedTooLowIsRefusedAndNamesTheRightOne) {
  migrator().up();
  for (const int version : {0, 3, newest_version() - 1}) {
    set_version(version);
    const Error error = expect_refused();
    EXPECT_THAT(error.message(), HasSubstr("there already (migration " +
                                           (version == newest_version() - 1 ? std::to_string(newest_version())
                                                                            : std::string())));
    EXPECT_THAT(error.hint(),
                HasSubstr("the tables are those of version " + std::to_string(newest_version()) + ":"));
  }
}

TEST_F(OtherTool, WhatItRevertedIsForgottenAndAppliedAgain) {
  migrator().up();
  const std::string before = dump_schema(*db_);
  for (const int version : {newest_version() - 1, 5, 0}) {
    tool_down(newest_version(), version);
    EXPECT_EQ(migrator().status().back().state, MigrationState::pending);
    EXPECT_THAT(migrator().verify(), IsEmpty());
    Migrator one = migrator();
    EXPECT_EQ(one.up(), versions(version + 1, newest_version()));
    EXPECT_EQ(one.settled().forgotten, versions(version + 1, newest_version()));
    EXPECT_EQ(dump_schema(*db_), before);
    EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM ops.migrations"), std::to_string(newest_version()));
  }
}

TEST_F(OtherTool, WhatItRevertedByHalfIsRefused) {
  migrator().up();
  set_version(8);
  db_->query("DROP TABLE market.daily_closes");
  db_->query("DROP TABLE ops.batch_origin");
  const Error error = expect_refused();
  EXPECT_THAT(error.message(),
              AllOf(HasSubstr("at version 8 by schema_migrations, at " + std::to_string(newest_version()) +
                              " by ops.migrations, "),
                    HasSubstr("differences from migrations 1 to 8"),
                    HasSubstr("table ops.rate_limits: there already (migration 9 makes it)")));
}

TEST_F(OtherTool, TablesThatAreAllGoneAreToBeLookedFor) {
  tool_up(1, 4);
  for (const char* table : {"pick_checkpoint_metrics", "checkpoints", "picks", "batches"})
    db_->query("DROP TABLE public." + std::string(table));
  EXPECT_THAT(expect_refused().hint(), HasSubstr("restore a backup"));
}

TEST_F(OtherTool, DirtyIsRefusedAndAWrongForceToo) {
  migrator().up(6);
  set_version(7, true);
  const Error dirty = error_of([&] { migrator().up(); });
  EXPECT_THAT(dirty.message(), HasSubstr("version 7 is dirty"));
  expect_keeps_data(dirty);
  set_version(7);
  EXPECT_THAT(expect_refused().hint(), HasSubstr("migrate force 6)"));
  set_version(6);
  EXPECT_EQ(migrator().up(), versions(7, newest_version()));
}

TEST_F(OtherTool, DownTakesOverFirst) {
  tool_up(1, newest_version());
  Migrator one = migrator();
  EXPECT_THAT(one.down(1), ElementsAre(newest_version()));
  EXPECT_THAT(one.settled().adopted, SizeIs(static_cast<std::size_t>(newest_version())));
  EXPECT_EQ(value_of(*db_, "SELECT max(version) FROM ops.migrations"), std::to_string(newest_version() - 1));
}

TEST_F(OtherTool, RecordsOfANewerProgramAreKept) {
  migrator().up();
  db_->query(
      "INSERT INTO ops.migrations (version, name, sha256_up, sha256_down, applied_by) VALUES ($1, 'next', '', "
      "'', 'am 9.9.9')",
      sql_values(newest_version() + 1));
  const Error error = error_of([&] { migrator().up(); });
  EXPECT_EQ(error.kind(), ErrorKind::config);
  EXPECT_THAT(error.message(), HasSubstr("made by am 9.9.9"));
  EXPECT_EQ(value_of(*db_, "SELECT max(version) FROM ops.migrations"), std::to_string(newest_version() + 1));
}

/// Files of one's own make more than tables.
TEST_F(OtherTool, ViewsFunctionsSequencesTypesAndTriggersAreComparedToo) {
  const std::vector<Migration> own = {
      {1, "birds",
       "CREATE SCHEMA zoo; CREATE TYPE public.size AS ENUM ('small', 'large');"
       "CREATE TABLE birds (id serial PRIMARY KEY, size size); CREATE SEQUENCE zoo.numbers;"
       "CREATE VIEW zoo.large_birds AS SELECT id FROM public.birds WHERE size = 'large';"
       "CREATE FUNCTION zoo.count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('zoo.numbers'); "
       "RETURN NEW; END $$;"
       "CREATE TRIGGER counted BEFORE INSERT ON \"public\".birds FOR EACH ROW EXECUTE FUNCTION zoo.count();"
       "GRANT USAGE ON SCHEMA zoo TO PUBLIC;",
       "DROP TABLE birds CASCADE; DROP SCHEMA zoo CASCADE; DROP TYPE size;"}};
  db_->transact([&](Transaction& tx) { tx.script(own[0].up); });
  db_->query("CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)");
  db_->query("INSERT INTO schema_migrations VALUES (1, false)");
  EXPECT_THAT(bed_.over(*db_, own).verify(), IsEmpty());
  db_->query("DROP TRIGGER counted ON birds");
  db_->query("DROP SEQUENCE zoo.numbers");
  db_->query("CREATE OR REPLACE VIEW zoo.large_birds AS SELECT id FROM public.birds");
  db_->query(
      "CREATE OR REPLACE FUNCTION zoo.count() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'");
  db_->query("ALTER TYPE size ADD VALUE 'huge'");
  EXPECT_THAT(bed_.over(*db_, own).verify(),
              ::testing::UnorderedElementsAre(
                  "trigger counted on birds: missing", "sequence zoo.numbers: missing",
                  "view zoo.large_birds: another definition", "function zoo.count(): another definition",
                  "type size: small, large, huge (expected small, large)"));
  EXPECT_THAT(error_of([&] { bed_.over(*db_, own).up(); }).message(),
              HasSubstr("not adopted, 5 differences"));
}

}  // namespace
}  // namespace am::kernel
