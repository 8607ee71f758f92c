// What begins or ends a transaction in a script, and what only looks like it.

#include "kernel/sql_script.hpp"

#include <string>

#include <gtest/gtest.h>

namespace am::kernel {
namespace {

/// "3 COMMIT"; "" when there is none.
std::string found(std::string_view script) {
  const auto statement = find_transaction_control(script);
  return statement ? std::to_string(statement->line) + " " + statement->word : "";
}

TEST(TransactionControl, IsFoundWithItsLine) {
  EXPECT_EQ(found("BEGIN;\nCREATE TABLE a (n int);\nCOMMIT;"), "1 BEGIN");
  EXPECT_EQ(found("CREATE TABLE a (n int);\n\n  commit"), "3 COMMIT");
  EXPECT_EQ(found("/* a\n b */ Start /* c */ Transaction ISOLATION LEVEL SERIALIZABLE;"), "2 START");
  for (const char* statement :
       {"BEGIN WORK", "END", "ABORT", "ROLLBACK", "ROLLBACK WORK", "ROLLBACK AND CHAIN",
        "COMMIT PREPARED 'x'", "ROLLBACK PREPARED 'x'", "PREPARE TRANSACTION 'x'", "COMMIT AND CHAIN"}) {
    EXPECT_NE(found("SELECT 1; " + std::string(statement) + ";"), "") << statement;
  }
  EXPECT_EQ(found("SELECT $1; END"), "1 END");
  EXPECT_EQ(found("SELECT 'it''s'; COMMIT"), "1 COMMIT");
  EXPECT_EQ(found(R"(SELECT 'back\'; COMMIT)"), "1 COMMIT") << "a backslash is one only in E''";
  EXPECT_EQ(found("SELECT $a$ $b$ $a$; COMMIT -- $b$"), "1 COMMIT");
  EXPECT_EQ(found("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; COMMIT"), "1 COMMIT");
}

TEST(TransactionControl, IsNotFoundWhereThereIsNone) {
  for (
      const char* script : {
          "",
          "SELECT 1;",
          "-- COMMIT;\nSELECT 1",
          "/* BEGIN; /* nested */ COMMIT; */ SELECT 1",
          "SELECT '; COMMIT;'",
          R"(SELECT E'it\'s; COMMIT;')",
          R"(SELECT 1 AS "; COMMIT; ""x")",
          "DO $$ BEGIN PERFORM 1; END; $$",
          "DO $body$ BEGIN PERFORM $$; COMMIT; $$; END $body$;",
          "SAVEPOINT a; ROLLBACK TO a; ROLLBACK WORK TO SAVEPOINT a; RELEASE a",
          "CREATE RULE r AS ON INSERT TO a DO ALSO (SELECT 1; COMMIT; SELECT 2)",
          "CREATE OR REPLACE FUNCTION f(n int) RETURNS int BEGIN ATOMIC\n SELECT CASE WHEN n > 1 THEN 1 END;\n SELECT 2;\nEND;",
          "SELECT CASE WHEN true THEN 1 END;",
          "CREATE TABLE commits (begin_at int, end_at int); INSERT INTO commits VALUES (1, 2)",
          "PREPARE plan AS SELECT 1",
          "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
          "SELECT 'unfinished; COMMIT",
          "SELECT $$unfinished; COMMIT",
          "/* unfinished; COMMIT",
      }) {
    EXPECT_EQ(found(script), "") << script;
  }
}

}  // namespace
}  // namespace am::kernel
