// Values, error kinds and transactions of kernel/db, against a real server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using test::error_of;
using test::TestDb;
using test::value_of;

std::string backend_pid(Sql& sql) { return value_of(sql, "SELECT pg_backend_pid()"); }

/// Ends the other session and waits until it is gone.
void terminate(Sql& sql, const std::string& pid) {
  sql.query("SELECT pg_terminate_backend($1::int, 5000)", sql_values(pid));
}

TEST(DbValues, RoundTripAsText) {
  const TestDb bed;
  const auto db = bed.open();
  const std::string text = "l'été, \"x\\y\" \x01 {,} \xF0\x9F\x93\x88";
  const Instant moment{std::chrono::microseconds{1769436000123456}};
  const Rows rows = db->query(
      "SELECT $1::text AS text, $2::bigint AS big, $3::boolean AS yes, to_char($4::date, 'YYYY-MM-DD') AS day, $5::numeric AS price, "
      "(extract(epoch from $6::timestamptz) * 1000000)::bigint AS at, $7::text AS nothing, '' AS empty",
      sql_values(text, -9223372036854775807LL - 1, true, Date::of("2026-01-26"), Decimal::of("1234567890123456789012345678.901230"), moment,
                 std::nullopt));
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

TEST(DbValues, ArraysKeepQuotesCommasBackslashesAndNulls) {
  const TestDb bed;
  const auto db = bed.open();
  const std::vector<SqlValue> elements = {"plain", "a,b", "q\"uote", "back\\slash", "{}", "", "NULL", std::nullopt};
  const Rows rows = db->query("SELECT e FROM unnest($1::text[]) WITH ORDINALITY AS u(e, n) ORDER BY n", {sql_array(elements)});
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
  for (const Error& error : {error_of([&] { rows[0].integer("a"); }), error_of([&] { rows[0].date("a"); }),
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
  EXPECT_EQ(error_of([&] { db->query("SELECT $1::text", {std::string("a\0b", 3)}); }).kind(), ErrorKind::data);
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
  db->query("INSERT INTO batches VALUES ('00000000-0000-7000-8000-000000000001', now(), '2026-01-26', 'SPY', 1, 'active')");
  const std::vector<RefusalCase> cases = {
      {"SELECT * FROM no_such_table", ErrorKind::config, "\"no_such_table\" does not exist"},
      {"SELECT no_such_column FROM batches", ErrorKind::config, "no_such_column"},
      {"CREATE TABLE no_such_schema.t ()", ErrorKind::config, "no_such_schema"},
      {"CREATE TABLE batches ()", ErrorKind::config, "already exists"},
      {"UPDATE batches SET status = 'sold'", ErrorKind::data, "batches_status_check"},
      {"INSERT INTO batches VALUES ('00000000-0000-7000-8000-000000000002', now(), '2026-01-26', 'SPY', 1, 'active')", ErrorKind::data,
       "batches_run_date_unique"},
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
  EXPECT_THAT(error_of([&] { db->query("SELECT * FROM market.daily_closes"); }).hint(), HasSubstr("grant usage (to migrate also create) on schema market"));
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

TEST(DbTransaction, CommitStoresAndDestructionRollsBack) {
  const TestDb bed;
  const auto db = bed.open();
  db->query("CREATE TABLE t (n int)");
  {
    const auto tx = db->begin();
    tx->query("INSERT INTO t VALUES (1)");
    tx->commit();
  }
  {
    const auto tx = db->begin();
    tx->query("INSERT INTO t VALUES (2)");
  }
  EXPECT_EQ(value_of(*db, "SELECT string_agg(n::text, ',') FROM t"), "1");
}

TEST(DbTransaction, MisuseIsABug) {
  const TestDb bed;
  const auto db = bed.open();
  const auto tx = db->begin();
  EXPECT_EQ(error_of([&] { db->begin(); }).kind(), ErrorKind::bug);
  EXPECT_EQ(error_of([&] { db->query("SELECT 1"); }).kind(), ErrorKind::bug);
  tx->commit();
  EXPECT_EQ(error_of([&] { tx->query("SELECT 1"); }).kind(), ErrorKind::bug);
  EXPECT_EQ(error_of([&] { tx->commit(); }).kind(), ErrorKind::bug);
}

TEST(DbTransaction, CommitAfterAFailedStatementIsRefused) {
  const TestDb bed;
  const auto db = bed.open();
  db->query("CREATE TABLE t (n int)");
  {
    const auto tx = db->begin();
    tx->query("INSERT INTO t VALUES (1)");
    EXPECT_EQ(error_of([&] { tx->query("SELECT 1 / 0"); }).kind(), ErrorKind::data);
    EXPECT_EQ(error_of([&] { tx->commit(); }).kind(), ErrorKind::bug);
  }
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM t"), "0");
}

TEST(DbTransaction, ReadOnlySeesOneSnapshotAndRefusesWrites) {
  const TestDb bed;
  const auto db = bed.open();
  db->query("CREATE TABLE t (n int)");
  const auto reader = bed.open();
  const auto tx = reader->begin(true);
  EXPECT_EQ(value_of(*tx, "SELECT count(*) FROM t"), "0");
  db->query("INSERT INTO t VALUES (1)");
  EXPECT_EQ(value_of(*tx, "SELECT count(*) FROM t"), "0");
  EXPECT_EQ(error_of([&] { tx->query("INSERT INTO t VALUES (2)"); }).kind(), ErrorKind::bug);
}

TEST(DbTransaction, ProbeSeesEveryPoint) {
  const TestDb bed;
  std::vector<std::string> seen;
  const auto db = bed.open([&](std::string_view what) { seen.emplace_back(what); });
  db->transact([](Transaction& tx) { tx.query("SELECT 1"); });
  db->query("SELECT 2");
  EXPECT_THAT(seen, ElementsAre("BEGIN", "SELECT 1", "COMMIT", "COMMITTED", "SELECT 2"));
}

TEST(DbTransaction, AProbeThatThrowsBeforeCommitRollsBackAfterItDoesNot) {
  const TestDb bed;
  std::string fail_at = "COMMIT";
  const auto db = bed.open([&](std::string_view what) {
    if (what == fail_at) throw Error(ErrorKind::unavailable, "crash");
  });
  db->query("CREATE TABLE t (n int)");
  const auto insert = [](Transaction& tx) { tx.query("INSERT INTO t VALUES (1)"); };
  error_of([&] { db->transact(insert); });
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM t"), "0");
  fail_at = "COMMITTED";
  error_of([&] { db->transact(insert); });
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM t"), "1");
}

TEST(DbTransaction, ServerNoticesDoNotReachStderr) {
  const TestDb bed;
  const auto db = bed.open();
  ::testing::internal::CaptureStderr();
  db->query("DROP TABLE IF EXISTS no_such_table");
  const auto tx = db->begin();
  tx->script("DO $$ BEGIN RAISE WARNING 'loud'; END $$");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

/// Adds 1 to a counter at serializable level, after meeting the other thread.
struct Counter {
  Db& db;
  std::function<void()> meet;
  int calls = 0;

  void run() {
    db.transact([&](Transaction& tx) {
      tx.query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
      const long long n = tx.query("SELECT n FROM counter").only().integer("n");
      if (calls++ == 0) meet();
      tx.query("UPDATE counter SET n = $1", sql_values(n + 1));
    });
  }
};

TEST(DbTransact, RepeatsAfterASerializationFailure) {
  const TestDb bed;
  const auto first = bed.open();
  const auto second = bed.open();
  first->query("CREATE TABLE counter (n int)");
  first->query("INSERT INTO counter VALUES (0)");
  std::atomic<int> arrived{0};
  const auto meet = [&] {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  };
  Counter a{*first, meet};
  Counter b{*second, meet};
  std::thread other([&] { b.run(); });
  a.run();
  other.join();
  EXPECT_EQ(a.calls + b.calls, 3);
  EXPECT_EQ(value_of(*first, "SELECT n FROM counter"), "2");
}

TEST(DbTransact, GivesUpAfterThreeAttempts) {
  const TestDb bed;
  const auto db = bed.open();
  int calls = 0;
  const Error error = error_of([&] {
    db->transact([&](Transaction& tx) {
      ++calls;
      tx.script("DO $$ BEGIN RAISE 'collision' USING ERRCODE = 'serialization_failure'; END $$");
    });
  });
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_TRUE(error.retryable());
}

TEST(DbTransact, DoesNotRepeatWhatWouldFailAgain) {
  const TestDb bed;
  const auto db = bed.open();
  int calls = 0;
  error_of([&] {
    db->transact([&](Transaction& tx) {
      ++calls;
      tx.query("SELECT 1 / 0");
    });
  });
  EXPECT_EQ(calls, 1);
}

TEST(DbTransact, RepeatsAfterTheConnectionWasLost) {
  const TestDb bed;
  const auto killer = bed.open();
  const auto db = bed.open();
  db->query("CREATE TABLE t (n int)");
  int calls = 0;
  db->transact([&](Transaction& tx) {
    tx.query("INSERT INTO t VALUES (1)");
    if (++calls == 1) terminate(*killer, backend_pid(tx));
    tx.query("INSERT INTO t VALUES (2)");
  });
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(value_of(*db, "SELECT string_agg(n::text, ',' ORDER BY n) FROM t"), "1,2");
}

TEST(DbConnectionLost, IdleConnectionIsReplacedSilently) {
  const TestDb bed;
  const auto killer = bed.open();
  const auto db = bed.open();
  ::testing::internal::CaptureStderr();
  terminate(*killer, backend_pid(*db));
  EXPECT_EQ(value_of(*db, "SELECT 1"), "1");
  terminate(*killer, backend_pid(*db));
  const auto tx = db->begin();
  EXPECT_EQ(value_of(*tx, "SELECT 2"), "2");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(DbConnectionLost, InATransactionEveryLaterStatementFails) {
  const TestDb bed;
  const auto killer = bed.open();
  const auto db = bed.open();
  db->query("CREATE TABLE t (n int)");
  {
    const auto tx = db->begin();
    tx->query("INSERT INTO t VALUES (1)");
    terminate(*killer, backend_pid(*tx));
    const Error error = error_of([&] { tx->query("INSERT INTO t VALUES (2)"); });
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.message(), HasSubstr("connection lost"));
    EXPECT_TRUE(error.retryable());
    // Never on a fresh connection, outside the transaction.
    EXPECT_EQ(error_of([&] { tx->query("INSERT INTO t VALUES (3)"); }).kind(), ErrorKind::unavailable);
  }
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM t"), "0");
}

TEST(DbConnectionLost, DuringCommitTheOutcomeIsUnknownAndNotRepeated) {
  const TestDb bed;
  const auto killer = bed.open();
  std::string pid;
  const auto db = bed.open([&](std::string_view what) {
    if (what == "COMMIT") terminate(*killer, pid);
  });
  int calls = 0;
  const Error error = error_of([&] {
    db->transact([&](Transaction& tx) {
      ++calls;
      pid = backend_pid(tx);
    });
  });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("outcome is unknown"));
  EXPECT_FALSE(error.retryable());
  EXPECT_EQ(value_of(*db, "SELECT 1"), "1");
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
