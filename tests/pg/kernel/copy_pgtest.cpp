// Many rows by COPY: what arrives is what was given, and what goes wrong has the kind that it has for a query.

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "am/kernel/db.hpp"
#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using test::error_of;
using test::value_of;

constexpr std::array<std::string_view, 3> kThree{"id", "text", "Other \"one\""};

class CopyIn : public testing::Test {
 protected:
  CopyIn() {
    const auto tx = db_->begin();
    tx->script(R"(CREATE SCHEMA "a schema"; CREATE TABLE "a schema"."Table of ""rows"""
                  (id bigint PRIMARY KEY, text text, "Other ""one""" numeric))");
    tx->commit();
  }
  void copy(const std::vector<SqlValues>& rows, std::string_view table = kTable) {
    db_->transact([&](Transaction& tx) { tx.copy_in(table, kThree, rows); });
  }
  Error error(const std::vector<SqlValues>& rows, std::string_view table = kTable) {
    return error_of([&] { copy(rows, table); });
  }
  std::string count() { return value_of(*db_, R"(SELECT count(*) FROM "a schema"."Table of ""rows""")"); }

  static constexpr std::string_view kTable = "a schema.Table of \"rows\"";
  test::TestDb home_;
  std::unique_ptr<Db> db_ = home_.open();
};

TEST_F(CopyIn, WhatArrivesIsWhatWasGiven) {
  const std::vector<std::optional<std::string>> texts{std::nullopt,
                                                      "",
                                                      "\\N",
                                                      "\\.",
                                                      "a\tb",
                                                      "two\nlines\r\n",
                                                      "back\\slash\\t",
                                                      "Zürich 東京 🐘",
                                                      "'\"$1",
                                                      "\x01",
                                                      "\\\\.\n",
                                                      " padded ",
                                                      std::string(200'000, 'x') + "\\\n"};
  std::vector<SqlValues> rows;
  for (const auto& text : texts) rows.push_back(sql_values(rows.size(), text, "0.10"));
  copy(rows);
  const Rows stored =
      db_->query(R"(SELECT text, "Other ""one""" AS other FROM "a schema"."Table of ""rows""" ORDER BY id)");
  ASSERT_EQ(stored.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(stored[i].maybe_text("text"), texts[i]) << i;
    EXPECT_EQ(stored[i].text("other"), "0.10");
  }
}

TEST_F(CopyIn, NoRowsAreFineAndManyToo) {
  copy({});
  EXPECT_EQ(count(), "0");
  std::vector<SqlValues> rows;
  for (int i = 0; i < 50'000; ++i) rows.push_back(sql_values(i, std::string(40, 'y'), i));
  copy(rows);
  EXPECT_EQ(count(), "50000");
}

TEST_F(CopyIn, ItGoesWithItsTransaction) {
  {
    const auto tx = db_->begin();
    tx->copy_in(kTable, kThree, std::vector<SqlValues>{sql_values(1, "a", 1)});
    EXPECT_EQ(value_of(*tx, R"(SELECT text FROM "a schema"."Table of ""rows""")"), "a");
  }
  EXPECT_EQ(count(), "0");
}

TEST_F(CopyIn, ErrorsHaveTheirKinds) {
  std::vector<SqlValues> twice{sql_values(1, "a", 1), sql_values(1, "secret text", 1)};
  const Error duplicate = error(twice);
  EXPECT_EQ(duplicate.kind(), ErrorKind::data);
  EXPECT_EQ(duplicate.message().find("secret"), std::string::npos) << duplicate.message();
  for (int i = 2; i < 50'000; ++i) twice.push_back(sql_values(i, std::string(40, 'y'), i));
  EXPECT_EQ(error(twice).kind(), ErrorKind::data) << "refused while data is still sent";
  EXPECT_EQ(error({sql_values("no number", "a", 1)}).kind(), ErrorKind::data);
  EXPECT_EQ(error({sql_values(1, "a", 1)}, "nowhere.x").kind(), ErrorKind::config);
  EXPECT_EQ(error({sql_values(1, std::string("a\0b", 3), 1)}).message(),
            "database: row 1, column text, holds a NUL byte, which PostgreSQL can't store");
  EXPECT_EQ(error({sql_values(1, "a", 1), sql_values(1)}).message(),
            "database: row 2 to copy has 1 values (expected 3)");
  EXPECT_EQ(error_of([&] {
              db_->begin(true)->copy_in(kTable, kThree, std::vector<SqlValues>{sql_values(1, "a", 1)});
            }).kind(),
            ErrorKind::bug)
      << "of our own making";
  EXPECT_EQ(count(), "0");
  copy({sql_values(1, "the connection is as good as before", 1)});
  EXPECT_EQ(count(), "1");
}

TEST_F(CopyIn, AMissingGrantIsNamed) {
  const Error denied = error_of([&] {
    const auto tx = db_->begin();
    tx->query("SET LOCAL ROLE pg_read_all_data");
    tx->copy_in(kTable, kThree, std::vector<SqlValues>{sql_values(1, "a", 1)});
  });
  EXPECT_EQ(denied.kind(), ErrorKind::denied) << denied.message();
  EXPECT_NE(denied.hint().find("grant INSERT on table"), std::string::npos) << denied.hint();
}

TEST_F(CopyIn, ATransactionThatFailedIsNotCommitted) {
  const auto tx = db_->begin();
  EXPECT_EQ(
      error_of([&] { tx->copy_in(kTable, kThree, std::vector<SqlValues>{sql_values("x", "a", 1)}); }).kind(),
      ErrorKind::data);
  EXPECT_EQ(error_of([&] { tx->commit(); }).kind(), ErrorKind::bug);
}

TEST_F(CopyIn, ItEndsByTheLimitOfStatements) {
  const auto other = home_.open();
  const auto holder = other->begin();
  holder->query(R"(LOCK TABLE "a schema"."Table of ""rows""")");
  DbOptions options;
  options.url = home_.url();
  options.statement_timeout = std::chrono::milliseconds(200);
  const auto hasty = open_db(options);
  const Error late = error_of([&] {
    hasty->transact(
        [&](Transaction& tx) { tx.copy_in(kTable, kThree, std::vector<SqlValues>{sql_values(1, "a", 1)}); });
  });
  EXPECT_EQ(late.kind(), ErrorKind::unavailable) << late.message();
}

}  // namespace
}  // namespace am::kernel
