// A database that can't hold every character of a text: refused before anything is asked or made.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "am/kernel/clock.hpp"
#include "am/kernel/doctor.hpp"
#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using test::error_of;
using test::MigratorBed;
using test::TestDb;
using test::value_of;
using ::testing::HasSubstr;

class OtherEncoding : public ::testing::TestWithParam<const char*> {
 protected:
  OtherEncoding() : database_(TestDb::Content::empty, GetParam()) {}
  Check schema_check() {
    for (const Check& check : check_database({.url = database_.url(), .probe = {}}, SystemClock(), {}))
      if (check.name == "database schema") return check;
    return {};
  }
  void expect_refused(const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_THAT(error.message(),
                HasSubstr("database encoding: " + std::string(GetParam()) + " (expected UTF8"));
    EXPECT_THAT(error.hint(), HasSubstr("createdb -E UTF8 -T template0 NAME"));
  }

  TestDb database_;
  std::unique_ptr<Db> db_ = database_.open();
  MigratorBed bed_;
};

TEST_P(OtherEncoding, IsRefusedBeforeAnythingIsMade) {
  expect_refused(error_of([&] { bed_.over(*db_).up(); }));
  expect_refused(error_of([&] { bed_.over(*db_).check(); }));
  EXPECT_EQ(value_of(*db_, "SELECT to_regnamespace('ops')"), "");
  EXPECT_EQ(schema_check().state, Check::State::failed);
  EXPECT_THAT(schema_check().detail, HasSubstr("database encoding: "));
}

TEST_P(OtherEncoding, OfAMigratedDatabaseIsToldInTheSameReadAsTheVersion) {
  db_->query("CREATE TABLE public.schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)");
  db_->query("INSERT INTO public.schema_migrations VALUES ($1, false)",
             sql_values(embedded_migrations().size()));
  const std::string encoding = require_schema(*db_);
  EXPECT_EQ(encoding, GetParam());
  expect_refused(error_of([&] { require_utf8(encoding); }));
  EXPECT_THAT(schema_check().detail, HasSubstr("database encoding: "));
}

INSTANTIATE_TEST_SUITE_P(Encodings, OtherEncoding, ::testing::Values("LATIN1", "SQL_ASCII"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace am::kernel
