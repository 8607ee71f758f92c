// Values and error kinds of kernel/db, against a real server.

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/db_errors.hpp"
#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using test::error_of;
using test::TestDb;
using test::value_of;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(DbValues, RoundTripAsText) {
  const TestDb bed;
  const auto db = bed.open();
  const std::string text = "l'été, \"x\\y\" \x01 {,} \xF0\x9F\x93\x88";
  const Instant moment{std::chrono::microseconds{1769436000123456}};
  const Rows rows = db->query(
      "SELECT $1::text AS text, $2::bigint AS big, $3::boolean AS yes, to_char($4::date, 'YYYY-MM-DD') AS "
      "day, $5::numeric AS price, "
      "(extract(epoch from $6::timestamptz) * 1000000)::bigint AS at, $7::text AS nothing, '' AS empty",
      sql_values(text, -9223372036854775807LL - 1, true, Date::of("2026-01-26"),
                 Decimal::of("1234567890123456789012345678.901230"), moment, std::nullopt));
  const Row row = rows.only();
  EXPECT_EQ(row.text("text"), text);
  EXPECT_EQ(row.integer("big"), -9223372036854775807LL - 1);
  EXPECT_TRUE(row.boolean("yes"));
  EXPECT_EQ(row.date("day"), Date(2026, 1, 26));
  EXPECT_EQ(row.text("price"), "1234567890123456789012345678.901230");
  EXPECT_EQ(row.decimal("price"), Decimal::of("1234567890123456789012345678.90123"));
  EXPECT_EQ(row.micros("at"), moment);
  EXPECT_TRUE(row.is_null("nothing"));
  EXPECT_EQ(row.maybe_text("nothing"), std::nullopt);
  EXPECT_EQ(row.maybe_decimal("nothing"), std::nullopt);
  EXPECT_EQ(row.maybe_micros("nothing"), std::nullopt);
  EXPECT_EQ(row.text("empty"), "");
}

TEST(DbValues, EveryDecimalComesBackFromNumericAsItWent) {
  const TestDb bed;
  const auto db = bed.open();
  const std::string nines(34, '9');
  SqlValues texts;
  for (int exponent = -6000; exponent <= 6000;
       exponent += std::abs(exponent) >= 5990 || std::abs(exponent) <= 40 ? 1 : 230) {
    for (const std::string& coefficient : {std::string("1"), "-" + nines, std::string("0"), nines})
      texts.push_back(Decimal::of(coefficient + "e" + std::to_string(exponent)).to_string());
  }
  const Rows rows =
      db->query("SELECT v::text AS v FROM unnest($1::numeric[]) WITH ORDINALITY AS u (v, n) ORDER BY n",
                {sql_array(texts)});
  ASSERT_EQ(rows.size(), texts.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].text("v"), *texts[i]);
    ASSERT_EQ(rows[i].decimal("v"), Decimal::of(*texts[i]));
  }
}

TEST(DbValues, ArraysKeepQuotesCommasBackslashesAndNulls) {
  const TestDb bed;
  const auto db = bed.open();
  const std::vector<SqlValue> elements = {"plain", "a,b", "q\"uote", "back\\slash",
                                          "{}",    "",    "NULL",    std::nullopt};
  const Rows rows = db->query("SELECT e FROM unnest($1::text[]) WITH ORDINALITY AS u(e, n) ORDER BY n",
                              {sql_array(elements)});
  ASSERT_EQ(rows.size(), elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) EXPECT_EQ(rows[i].at("e"), elements[i]) << i;
  EXPECT_EQ(value_of(*db, "SELECT cardinality($1::text[])", {sql_array({})}), "0");
}

TEST(DbValues, AffectedRowsAreCounted) {
  const TestDb bed;
  const auto db = bed.open();
  db->query("CREATE TABLE t (n int)");
  EXPECT_EQ(db->query("INSERT INTO t SELECT generate_series(1, 7)").affected, 7U);
  EXPECT_EQ(db->query("DELETE FROM t WHERE n > $1", sql_values(5)).affected, 2U);
}

TEST(DbValues, AccessorsNameTheColumn) {
  const TestDb bed;
  const auto db = bed.open();
  const Rows rows = db->query("SELECT 'x' AS a, NULL AS b, 'NaN'::numeric AS c");
  EXPECT_EQ(error_of([&] { rows[0].text("z"); }).kind(), ErrorKind::bug);
  EXPECT_EQ(error_of([&] { rows[0].text("b"); }).kind(), ErrorKind::bug);
  for (const Error& error :
       {error_of([&] { rows[0].integer("a"); }), error_of([&] { rows[0].date("a"); }),
        error_of([&] { rows[0].boolean("a"); }), error_of([&] { rows[0].decimal("a"); })}) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_THAT(error.message(), HasSubstr("column a"));
  }
  EXPECT_EQ(error_of([&] { rows[0].decimal("c"); }).kind(), ErrorKind::data);
  EXPECT_EQ(error_of([&] { db->query("SELECT 1 WHERE false").only(); }).kind(), ErrorKind::bug);
}

TEST(DbValues, NulIsRefusedBeforeTheServerSeesIt) {
  const TestDb bed;
  const auto db = bed.open();
  EXPECT_EQ(error_of([&] { db->query("SELECT $1::text", {std::string("a\0b", 3)}); }).kind(),
            ErrorKind::data);
  EXPECT_EQ(error_of([&] { db->query(std::string_view("SELECT 1\0", 9)); }).kind(), ErrorKind::bug);
  EXPECT_EQ(value_of(*db, "SELECT 1"), "1");
}

struct RefusalCase {
  const char* sql;
  ErrorKind kind;
  const char* says;
};

TEST(DbErrors, KindFollowsTheSqlstate) {
  const TestDb bed;
  const auto db = bed.open();
  db->query(
      "INSERT INTO batches VALUES ('00000000-0000-7000-8000-000000000001', now(), '2026-01-26', 'SPY', 1, "
      "'active')");
  const std::vector<RefusalCase> cases = {
      {"SELECT * FROM no_such_table", ErrorKind::config, "\"no_such_table\" does not exist"},
      {"SELECT no_such_column FROM batches", ErrorKind::config, "no_such_column"},
      {"CREATE TABLE no_such_schema.t ()", ErrorKind::config, "no_such_schema"},
      {"CREATE TABLE batches ()", ErrorKind::config, "already exists"},
      {"UPDATE batches SET status = 'sold'", ErrorKind::data, "batches_status_check"},
      {"INSERT INTO batches VALUES ('00000000-0000-7000-8000-000000000002', now(), '2026-01-26', 'SPY', 1, "
       "'active')",
       ErrorKind::data, "batches_run_date_unique"},
      {"SELECT 1 / 0", ErrorKind::data, "division by zero"},
      {"SELECT FROM", ErrorKind::bug, "syntax error"},
      {"SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(1)", ErrorKind::bug, "multiple commands"},
  };
  for (const RefusalCase& c : cases) {
    const Error error = error_of([&] { db->query(c.sql); });
    EXPECT_EQ(error.kind(), c.kind) << c.sql << ": " << error.message();
    EXPECT_THAT(error.message(), HasSubstr(c.says));
    EXPECT_THAT(error.message(), Not(HasSubstr("\n")));
    EXPECT_FALSE(error.retryable()) << c.sql;
  }
  EXPECT_EQ(error_of([&] { db->query("SELECT * FROM no_such_table"); }).hint(), "run: am migrate");
}

TEST(DbErrors, MessagesHoldNoValues) {
  const TestDb bed;
  const auto db = bed.open();
  const Error invalid = error_of([&] { db->query("SELECT $1::date", sql_values("canary-5417")); });
  EXPECT_EQ(invalid.message(), "database: invalid input syntax for type date");
  db->query("CREATE TABLE t (a text CHECK (a <> 'canary-5417'))");
  const Error refused = error_of([&] { db->query("INSERT INTO t VALUES ($1)", sql_values("canary-5417")); });
  EXPECT_THAT(refused.message(), Not(HasSubstr("canary")));
  EXPECT_THAT(refused.message(), HasSubstr("t_a_check"));
}

TEST(DbErrors, MissingPrivilegeNamesTheGrant) {
  TestDb bed;
  const std::string role = bed.create_role({"USAGE ON SCHEMA ops", "SELECT ON batches"});
  const auto db = open_db({.url = bed.url_as(role), .probe = {}});
  db->query("SELECT * FROM batches");
  const Error error = error_of([&] { db->query("INSERT INTO batches SELECT * FROM batches"); });
  EXPECT_EQ(error.kind(), ErrorKind::denied);
  EXPECT_EQ(error.message(), "database: permission denied for table batches");
  EXPECT_EQ(error.hint(), "as the owner: grant INSERT, SELECT on table batches to " + role);
  EXPECT_EQ(error_of([&] { db->query("UPDATE public.batches SET status = 'active'"); }).hint(),
            "as the owner: grant UPDATE on table public.batches to " + role);
  EXPECT_EQ(error_of([&] { db->query("SELECT * FROM market.daily_closes"); }).hint(),
            "as the owner: grant usage on schema market to " + role);
  EXPECT_EQ(error_of([&] { db->query("CREATE TABLE ops.mine (n int)"); }).hint(),
            "as the owner: grant usage, create on schema ops to " + role);
  EXPECT_EQ(refused({"42501", "permission denied for table runs", "SELECT 1 FROM ops.runs", "am-\"r", false})
                .hint(),
            R"(as the owner: grant SELECT on table ops.runs to "am-""r")");
}

TEST(DbErrors, ReadOnlyRoleIsDenied) {
  TestDb bed;
  const std::string role = bed.create_role({"ALL ON batches"});
  bed.open()->query("ALTER ROLE " + role + " SET default_transaction_read_only = on");
  const auto db = open_db({.url = bed.url_as(role), .probe = {}});
  const Error error = error_of([&] { db->query("DELETE FROM batches"); });
  EXPECT_EQ(error.kind(), ErrorKind::denied);
  EXPECT_THAT(error.hint(), HasSubstr("only reads"));
}

TEST(DbErrors, TimeoutsAreUnavailable) {
  const TestDb bed;
  const auto db = bed.open();
  const auto other = bed.open();
  {
    const auto tx = db->begin();
    tx->query("SET LOCAL statement_timeout = '10ms'");
    const Error error = error_of([&] { tx->query("SELECT pg_sleep(5)"); });
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_TRUE(error.retryable());
  }
  const auto holder = other->begin();
  holder->query("LOCK TABLE batches");
  const auto tx = db->begin();
  tx->query("SET LOCAL lock_timeout = '10ms'");
  EXPECT_EQ(error_of([&] { tx->query("SELECT * FROM batches"); }).kind(), ErrorKind::unavailable);
}

TEST(Db, DescribesItselfWithoutSecrets) {
  const TestDb bed;
  const auto db = open_db({.url = bed.url() + "&password=canary-5417", .probe = {}});
  EXPECT_THAT(db->describe(), HasSubstr("PostgreSQL 1"));
  EXPECT_THAT(db->describe(), HasSubstr("database " + bed.name()));
  EXPECT_THAT(db->describe(), Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace am::kernel
