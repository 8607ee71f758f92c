// The schema that the migrations make: tables, columns, keys and checks by name, what they refuse, and that
// the key reads use their indexes. The names are promised to readers outside (docs, the earlier service).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using test::error_of;
using test::TestDb;
using test::value_of;
using ::testing::HasSubstr;

std::string id(char kind, int n) {
  const std::string digits = std::to_string(n);
  return std::string("00000000-0000-7000-8000-") + kind + std::string(11 - digits.size(), '0') + digits;
}

class Schema : public ::testing::Test {
 protected:
  std::string columns(const std::string& table) {
    return value_of(*db_,
                    "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod) || CASE WHEN "
                    "attnotnull THEN '' ELSE ' null' END || "
                    "coalesce(' = ' || pg_get_expr(adbin, adrelid), ''), ', ' ORDER BY attnum) "
                    "FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE "
                    "attrelid = $1::regclass AND attnum > 0",
                    sql_values(table));
  }
  std::string constraints(const std::string& table) {
    return value_of(*db_,
                    "SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid, true), E'\\n' ORDER BY "
                    "conname) FROM pg_constraint "
                    "WHERE conrelid = $1::regclass AND contype IN ('p', 'u', 'f', 'c')",
                    sql_values(table));
  }
  std::string plain_indexes(const std::string& table) {
    return value_of(*db_,
                    "SELECT string_agg(pg_get_indexdef(indexrelid, 0, true), E'\\n' ORDER BY "
                    "indexrelid::regclass::text) FROM pg_index i "
                    "WHERE indrelid = $1::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid "
                    "= indexrelid AND contype IN ('p', 'u'))",
                    sql_values(table));
  }
  std::string plan(std::string_view sql) {
    std::string text;
    const Rows rows = db_->query("EXPLAIN (COSTS OFF) " + std::string(sql));
    for (std::size_t i = 0; i < rows.size(); ++i) text += rows.values[i][0].value_or("") + "\n";
    return text;
  }
  void expect_refused(const std::string& sql, const std::string& constraint) {
    const Error error = error_of([&] { db_->query(sql); });
    EXPECT_EQ(error.kind(), ErrorKind::data) << sql;
    EXPECT_THAT(error.message(), HasSubstr(constraint)) << sql;
  }
  void insert_batch() {
    db_->query("INSERT INTO batches (id, run_date, benchmark_initial_price, status) VALUES ('" + id('b', 1) +
               "', '2026-01-26', 689.23, 'active')");
    db_->query("INSERT INTO picks VALUES ('" + id('a', 1) + "', '" + id('b', 1) +
               "', 'NVDA', 'BUY', 'strong', 187.1)");
    db_->query("INSERT INTO checkpoints VALUES ('" + id('c', 1) + "', '" + id('b', 1) +
               "', '2026-01-26', 'computed', 1, 1)");
    db_->query("INSERT INTO pick_checkpoint_metrics VALUES ('" + id('d', 1) + "', '" + id('c', 1) + "', '" +
               id('a', 1) + "', 1, 1, 1)");
  }
  /// Ten years of weekly batches.
  void insert_many() {
    db_->query(
        "INSERT INTO batches (id, run_date, benchmark_initial_price, status) "
        "SELECT md5('b' || n)::uuid, date '2016-01-04' + 7 * n, 100, 'completed' FROM generate_series(0, "
        "519) n");
    db_->query(
        "INSERT INTO picks SELECT md5('p' || id || t)::uuid, id, t, 'BUY', 'r', 1 FROM batches, "
        "unnest(ARRAY['A','B','C']) t");
    db_->query(
        "INSERT INTO checkpoints SELECT md5('c' || id || n)::uuid, id, run_date + n, 'computed', 1, 1 FROM "
        "batches, generate_series(-3, 13) n");
    db_->query(
        "INSERT INTO pick_checkpoint_metrics SELECT md5('m' || c.id || p.id)::uuid, c.id, p.id, 1, 1, 1 "
        "FROM checkpoints c JOIN picks p USING (batch_id)");
    db_->query("ANALYZE");
  }

  TestDb database_;
  std::unique_ptr<Db> db_ = database_.open();
};

TEST_F(Schema, PublicHoldsTheFourTablesOnly) {
  EXPECT_EQ(
      value_of(
          *db_,
          "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"),
      "batches checkpoints pick_checkpoint_metrics picks schema_migrations");
  EXPECT_EQ(value_of(*db_, "SELECT string_agg(extname, ' ') FROM pg_extension"), "plpgsql");
}

TEST_F(Schema, Batches) {
  EXPECT_EQ(columns("batches"),
            "id uuid, created_at timestamp with time zone = now(), run_date date, benchmark_symbol text = "
            "'SPY'::text, "
            "benchmark_initial_price numeric, status text");
  EXPECT_EQ(
      constraints("batches"),
      "batches_pkey PRIMARY KEY (id)\nbatches_run_date_unique UNIQUE (run_date)\n"
      "batches_status_check CHECK (status = ANY (ARRAY['active'::text, 'completed'::text, 'failed'::text]))");
  EXPECT_EQ(plain_indexes("batches"), "");
}

TEST_F(Schema, Picks) {
  EXPECT_EQ(columns("picks"),
            "id uuid, batch_id uuid, ticker text, action text, reasoning text, initial_price numeric");
  EXPECT_EQ(constraints("picks"),
            "picks_action_check CHECK (action = ANY (ARRAY['BUY'::text, 'SELL'::text]))\n"
            "picks_batch_fk FOREIGN KEY (batch_id) REFERENCES batches(id)\npicks_batch_ticker_unique UNIQUE "
            "(batch_id, ticker)\n"
            "picks_pkey PRIMARY KEY (id)");
  EXPECT_EQ(plain_indexes("picks"), "CREATE INDEX picks_batch_id_idx ON picks USING btree (batch_id)");
}

TEST_F(Schema, Checkpoints) {
  EXPECT_EQ(columns("checkpoints"),
            "id uuid, batch_id uuid, checkpoint_date date, status text, benchmark_price numeric null, "
            "benchmark_return_pct numeric null");
  EXPECT_EQ(constraints("checkpoints"),
            "checkpoints_batch_date_unique UNIQUE (batch_id, checkpoint_date)\n"
            "checkpoints_batch_fk FOREIGN KEY (batch_id) REFERENCES batches(id)\ncheckpoints_pkey PRIMARY "
            "KEY (id)\n"
            "checkpoints_status_check CHECK (status = ANY (ARRAY['computed'::text, 'skipped'::text]))");
  EXPECT_EQ(plain_indexes("checkpoints"),
            "CREATE INDEX checkpoints_batch_id_idx ON checkpoints USING btree (batch_id)");
}

TEST_F(Schema, PickCheckpointMetrics) {
  EXPECT_EQ(columns("pick_checkpoint_metrics"),
            "id uuid, checkpoint_id uuid, pick_id uuid, current_price numeric, absolute_return_pct numeric, "
            "vs_benchmark_pct numeric");
  EXPECT_EQ(constraints("pick_checkpoint_metrics"),
            "pick_checkpoint_metrics_checkpoint_fk FOREIGN KEY (checkpoint_id) REFERENCES checkpoints(id)\n"
            "pick_checkpoint_metrics_checkpoint_pick_unique UNIQUE (checkpoint_id, pick_id)\n"
            "pick_checkpoint_metrics_pick_fk FOREIGN KEY (pick_id) REFERENCES "
            "picks(id)\npick_checkpoint_metrics_pkey PRIMARY KEY (id)");
  EXPECT_EQ(
      plain_indexes("pick_checkpoint_metrics"),
      "CREATE INDEX pick_checkpoint_metrics_checkpoint_id_idx ON pick_checkpoint_metrics USING btree "
      "(checkpoint_id)\n"
      "CREATE INDEX pick_checkpoint_metrics_pick_id_idx ON pick_checkpoint_metrics USING btree (pick_id)");
}

TEST_F(Schema, InvalidRowsAreRefused) {
  insert_batch();
  const std::string b = id('b', 1);
  const std::string none = id('b', 9);
  expect_refused("INSERT INTO batches VALUES ('" + id('b', 2) + "', now(), '2026-01-26', 'SPY', 1, 'active')",
                 "batches_run_date_unique");
  expect_refused("INSERT INTO batches VALUES ('" + id('b', 2) + "', now(), '2026-02-02', 'SPY', 1, 'open')",
                 "batches_status_check");
  expect_refused(
      "INSERT INTO batches (run_date, benchmark_initial_price, status) VALUES ('2026-02-02', 1, 'active')",
      "\"id\"");
  expect_refused("INSERT INTO picks VALUES ('" + id('a', 2) + "', '" + b + "', 'NVDA', 'SELL', 'r', 1)",
                 "picks_batch_ticker_unique");
  expect_refused("INSERT INTO picks VALUES ('" + id('a', 2) + "', '" + b + "', 'AAPL', 'HOLD', 'r', 1)",
                 "picks_action_check");
  expect_refused("INSERT INTO picks VALUES ('" + id('a', 2) + "', '" + none + "', 'AAPL', 'BUY', 'r', 1)",
                 "picks_batch_fk");
  expect_refused("INSERT INTO checkpoints VALUES ('" + id('c', 2) + "', '" + b +
                     "', '2026-01-26', 'skipped', null, null)",
                 "checkpoints_batch_date_unique");
  expect_refused(
      "INSERT INTO checkpoints VALUES ('" + id('c', 2) + "', '" + b + "', '2026-01-27', 'late', null, null)",
      "checkpoints_status_check");
  expect_refused("INSERT INTO checkpoints VALUES ('" + id('c', 2) + "', '" + none +
                     "', '2026-01-27', 'skipped', null, null)",
                 "checkpoints_batch_fk");
  const std::string metric = "INSERT INTO pick_checkpoint_metrics VALUES ('" + id('d', 2) + "', '";
  expect_refused(metric + id('c', 1) + "', '" + id('a', 1) + "', 1, 1, 1)",
                 "pick_checkpoint_metrics_checkpoint_pick_unique");
  expect_refused(metric + id('c', 9) + "', '" + id('a', 1) + "', 1, 1, 1)",
                 "pick_checkpoint_metrics_checkpoint_fk");
  expect_refused(metric + id('c', 1) + "', '" + id('a', 9) + "', 1, 1, 1)",
                 "pick_checkpoint_metrics_pick_fk");
  expect_refused("DELETE FROM batches", "picks_batch_fk");
}

TEST_F(Schema, InvalidLedgerRowsAreRefused) {
  const std::string run = "INSERT INTO ops.runs (id, job, slot, status, version) VALUES ('";
  db_->query(run + id('e', 1) + "', 'j', 's', 'running', '0')");
  expect_refused(run + id('e', 2) + "', 'j', 's', 'running', '0')", "runs_job_slot_unique");
  expect_refused(run + id('e', 2) + "', 'j', 't', 'sleeping', '0')", "runs_status_check");
  expect_refused("INSERT INTO ops.steps VALUES ('" + id('e', 9) + "', 'n', 'h', null, 1, '0', now(), null)",
                 "steps_run_id_fkey");
  const std::string effect =
      "INSERT INTO ops.effects (id, run_id, kind, idempotency_key, status, request) VALUES ('";
  db_->query(effect + id('f', 1) + "', '" + id('e', 1) + "', 'k', 'key', 'intent', '{}')");
  expect_refused(effect + id('f', 2) + "', '" + id('e', 1) + "', 'k', 'key', 'intent', '{}')",
                 "effects_idempotency_key_unique");
  expect_refused(effect + id('f', 2) + "', '" + id('e', 1) + "', 'k', 'key2', 'maybe', '{}')",
                 "effects_status_check");
  expect_refused("INSERT INTO ops.batch_origin VALUES ('" + id('b', 9) + "', 'p', null, null, 's', 'live')",
                 "batch_origin_batch_id_fkey");
  expect_refused("INSERT INTO market.daily_closes VALUES ('s', 'SPY', '2026-01-26', 0, now())",
                 "daily_closes_close_check");
  expect_refused("INSERT INTO market.daily_closes VALUES ('s', 'SPY', '2026-01-26', 'NaN', now())",
                 "daily_closes_close_check");
}

TEST_F(Schema, ARunTakesItsStepsAndEffectsWithIt) {
  db_->query("INSERT INTO ops.runs (id, job, slot, status, version) VALUES ('" + id('e', 1) +
             "', 'j', 's', 'done', '0')");
  db_->query("INSERT INTO ops.steps VALUES ('" + id('e', 1) + "', 'n', 'h', null, 1, '0', now(), now())");
  db_->query("INSERT INTO ops.effects (id, run_id, kind, idempotency_key, status, request) VALUES ('" +
             id('f', 1) + "', '" + id('e', 1) + "', 'k', 'key', 'done', '{}')");
  db_->query("DELETE FROM ops.runs");
  EXPECT_EQ(value_of(*db_, "SELECT (SELECT count(*) FROM ops.steps) + (SELECT count(*) FROM ops.effects)"),
            "0");
}

TEST_F(Schema, KeyReadsUseTheirIndexes) {
  insert_many();
  EXPECT_THAT(plan("SELECT * FROM batches ORDER BY run_date DESC LIMIT 1"),
              HasSubstr("batches_run_date_unique"));
  EXPECT_THAT(plan("SELECT * FROM batches WHERE run_date = '2020-01-06'"),
              HasSubstr("batches_run_date_unique"));
  EXPECT_THAT(plan("SELECT * FROM batches WHERE id = md5('b7')::uuid"), HasSubstr("batches_pkey"));
  EXPECT_THAT(plan("SELECT * FROM picks WHERE batch_id = md5('b7')::uuid"), HasSubstr("picks_batch"));
  EXPECT_THAT(plan("SELECT * FROM checkpoints WHERE batch_id = md5('b7')::uuid ORDER BY checkpoint_date"),
              HasSubstr("checkpoints_batch"));
  EXPECT_THAT(
      plan("SELECT * FROM checkpoints WHERE batch_id = md5('b7')::uuid AND checkpoint_date = '2020-01-06'"),
      HasSubstr("checkpoints_batch_date_unique"));
  EXPECT_THAT(plan("SELECT * FROM pick_checkpoint_metrics WHERE checkpoint_id = md5('c7')::uuid"),
              HasSubstr("pick_checkpoint_metrics_checkpoint"));
  EXPECT_THAT(plan("SELECT * FROM pick_checkpoint_metrics WHERE pick_id = md5('p7')::uuid"),
              HasSubstr("pick_checkpoint_metrics_pick_id_idx"));
}

TEST_F(Schema, LedgerReadsUseTheirIndexes) {
  db_->query(
      "INSERT INTO ops.runs (id, job, slot, status, version) SELECT md5('r' || n)::uuid, 'job', n::text, "
      "CASE WHEN n % 500 = 0 THEN 'running' ELSE "
      "'done' END, '0' FROM generate_series(1, 20000) n");
  db_->query(
      "INSERT INTO ops.events (kind, batch_id) SELECT 'k', md5('b' || n % 500)::uuid FROM generate_series(1, "
      "20000) n");
  db_->query(
      "INSERT INTO market.daily_closes SELECT 'alpha-vantage', s, date '2020-01-01' + n, 1, now() FROM "
      "generate_series(1, 1000) n, "
      "unnest(ARRAY['SPY','NVDA','AAPL','MSFT']) s");
  db_->query("ANALYZE");
  EXPECT_THAT(plan("SELECT * FROM ops.runs WHERE job = 'job' AND slot = '77'"),
              HasSubstr("runs_job_slot_unique"));
  EXPECT_THAT(plan("SELECT * FROM ops.runs WHERE status <> 'done' ORDER BY started_at"),
              HasSubstr("runs_unfinished_idx"));
  EXPECT_THAT(plan("SELECT * FROM ops.runs ORDER BY started_at DESC LIMIT 20"),
              HasSubstr("runs_started_at_idx"));
  EXPECT_THAT(plan("SELECT * FROM ops.events WHERE batch_id = md5('b7')::uuid ORDER BY id DESC LIMIT 10"),
              HasSubstr("events_batch_id_idx"));
  EXPECT_THAT(plan("SELECT close FROM market.daily_closes WHERE source = 'alpha-vantage' AND symbol = 'SPY' "
                   "AND day = '2021-01-04'"),
              HasSubstr("daily_closes_pkey"));
}

}  // namespace
}  // namespace am::kernel
