// A directory of migrations: what is taken, and every mistake by its name.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using test::error_of;
using test::MigratorBed;
using test::TestDb;
using test::value_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class MigrationFiles : public ::testing::Test {
 protected:
  MigrationFiles() {
    char path[] = "/tmp/am-files.XXXXXX";
    directory_ = mkdtemp(path);
  }
  ~MigrationFiles() override { std::filesystem::remove_all(directory_); }
  void write(const std::string& name, const std::string& text = "SELECT 1;\n") {
    std::ofstream(directory_ + "/" + name) << text;
  }
  Error load_error() {
    return error_of([&] { load_migrations(directory_); });
  }
  std::string directory_;
};

TEST_F(MigrationFiles, TheEmbeddedOnesAreTheFolder) {
  const auto folder = load_migrations(std::string(AM_SOURCE_DIR) + "/migrations");
  ASSERT_EQ(folder.size(), embedded_migrations().size());
  for (std::size_t i = 0; i < folder.size(); ++i) {
    EXPECT_EQ(folder[i].version, embedded_migrations()[i].version);
    EXPECT_EQ(folder[i].name, embedded_migrations()[i].name);
    EXPECT_EQ(folder[i].up, embedded_migrations()[i].up);
    EXPECT_EQ(folder[i].down, embedded_migrations()[i].down);
  }
}

TEST_F(MigrationFiles, AFolderOfOnesOwnIsApplied) {
  write("000001_people.up.sql", "CREATE TABLE people (n int);");
  write("000001_people.down.sql", "DROP TABLE people;");
  write("README.md", "ignored");
  const TestDb database{TestDb::Content::empty};
  const auto db = database.open();
  MigratorBed bed;
  EXPECT_THAT(bed.over(*db, load_migrations(directory_)).up(), ElementsAre(1));
  EXPECT_EQ(value_of(*db, "SELECT version || ':' || dirty FROM schema_migrations"), "1:false");
}

TEST_F(MigrationFiles, EveryMistakeIsNamed) {
  EXPECT_EQ(error_of([&] { load_migrations(directory_ + "/missing"); }).kind(), ErrorKind::no_input);
  EXPECT_EQ(load_error().kind(), ErrorKind::no_input);
  write("0001_one.up.sql");
  EXPECT_THAT(load_error().message(), HasSubstr("migration 1 one has no down file"));
  write("0001_one.down.sql");
  write("0003_three.up.sql");
  write("0003_three.down.sql");
  EXPECT_THAT(load_error().message(), HasSubstr("migration 2 is missing (next is 3 three)"));
  write("0002_two.up.sql");
  write("0002_two.down.sql");
  EXPECT_THAT(load_migrations(directory_), SizeIs(3));
  write("2_zwei.up.sql");
  EXPECT_THAT(load_error().message(), HasSubstr("a second migration with number 2"));
  std::filesystem::remove(directory_ + "/2_zwei.up.sql");
  write("four.up.sql");
  EXPECT_THAT(load_error().message(), HasSubstr("four.up.sql: bad name"));
  EXPECT_EQ(load_error().kind(), ErrorKind::config);
}

TEST_F(MigrationFiles, OnesThatCommitByThemselvesAreRefused) {
  write("0001_one.up.sql", "-- COMMIT;\nCREATE TABLE a (t text DEFAULT 'COMMIT;');\nCOMMIT;\n");
  write("0001_one.down.sql");
  EXPECT_EQ(load_error().kind(), ErrorKind::config);
  EXPECT_EQ(load_error().message(),
            directory_ +
                "/0001_one.up.sql:3: COMMIT in a migration (expected none: each is one "
                "transaction, together with its record)");
  write("0001_one.up.sql");
  write("0001_one.down.sql", "BEGIN;\nDROP TABLE a;\nEND;\n");
  EXPECT_THAT(load_error().message(), HasSubstr("/0001_one.down.sql:1: BEGIN in a migration"));
  write("0001_one.down.sql", "DO $$ BEGIN PERFORM 1; END $$;");
  EXPECT_THAT(load_migrations(directory_), SizeIs(1));
}

}  // namespace
}  // namespace am::kernel
