// Taking over a database of the earlier Go service: four tables, golang-migrate at version 4, no record of
// ours.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using test::dump_schema;
using test::error_of;
using test::MigratorBed;
using test::TestDb;
using test::value_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kAdopted = 4;

/// Written as another hand would: inline constraints, another order of columns, other spacing.
constexpr std::string_view kGoService = R"(
CREATE TABLE IF NOT EXISTS "public"."schema_migrations" (version bigint not null primary key, dirty boolean not null);
INSERT INTO schema_migrations VALUES (4, false);
create table public.batches (
  id UUID NOT NULL, run_date DATE NOT NULL CONSTRAINT batches_run_date_unique UNIQUE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  status TEXT NOT NULL CONSTRAINT batches_status_check CHECK (status IN ('active','completed','failed')),
  benchmark_symbol TEXT NOT NULL DEFAULT 'SPY', benchmark_initial_price NUMERIC NOT NULL, PRIMARY KEY (id));
create table picks (
  id uuid primary key, batch_id uuid not null constraint picks_batch_fk references batches, ticker text not null,
  action text not null constraint picks_action_check check (action in ('BUY', 'SELL')), reasoning text not null,
  initial_price numeric not null, constraint picks_batch_ticker_unique unique (batch_id, ticker));
create index picks_batch_id_idx on picks using btree (batch_id);
create table checkpoints (
  id uuid primary key, batch_id uuid not null, checkpoint_date date not null, status text not null,
  benchmark_price numeric, benchmark_return_pct numeric,
  constraint checkpoints_status_check check (status in ('computed', 'skipped')),
  constraint checkpoints_batch_date_unique unique (batch_id, checkpoint_date),
  constraint checkpoints_batch_fk foreign key (batch_id) references batches(id));
create index checkpoints_batch_id_idx on checkpoints (batch_id);
create table pick_checkpoint_metrics (
  id uuid primary key,
  checkpoint_id uuid not null constraint pick_checkpoint_metrics_checkpoint_fk references checkpoints (id),
  pick_id uuid not null constraint pick_checkpoint_metrics_pick_fk references picks (id),
  current_price numeric not null, absolute_return_pct numeric not null, vs_benchmark_pct numeric not null,
  constraint pick_checkpoint_metrics_checkpoint_pick_unique unique (checkpoint_id, pick_id));
create index pick_checkpoint_metrics_checkpoint_id_idx on pick_checkpoint_metrics (checkpoint_id);
create index pick_checkpoint_metrics_pick_id_idx on pick_checkpoint_metrics (pick_id);
INSERT INTO batches (id, run_date, status, benchmark_initial_price) VALUES
  ('6b6ad3a5-0c5b-4b42-9d5f-0d8a35e0c001', '2026-01-19', 'completed', 690.36), ('6b6ad3a5-0c5b-4b42-9d5f-0d8a35e0c002', '2026-01-26', 'active', 689.23);
INSERT INTO picks VALUES ('6b6ad3a5-0c5b-4b42-9d5f-0d8a35e0d001', '6b6ad3a5-0c5b-4b42-9d5f-0d8a35e0c002', 'NVDA', 'BUY', 'strong', 187.10);
INSERT INTO checkpoints VALUES ('6b6ad3a5-0c5b-4b42-9d5f-0d8a35e0e001', '6b6ad3a5-0c5b-4b42-9d5f-0d8a35e0c002', '2026-01-26', 'computed', 692.73, 0.5078);
INSERT INTO pick_checkpoint_metrics VALUES ('6b6ad3a5-0c5b-4b42-9d5f-0d8a35e0f001', '6b6ad3a5-0c5b-4b42-9d5f-0d8a35e0e001',
  '6b6ad3a5-0c5b-4b42-9d5f-0d8a35e0d001', 186.47, -0.3367, -0.8445);
)";

constexpr std::string_view kRows =
    "SELECT (SELECT json_agg(b ORDER BY id) FROM batches b)::text || (SELECT json_agg(p) FROM picks p)::text "
    "|| "
    "(SELECT json_agg(c) FROM checkpoints c)::text || (SELECT json_agg(m) FROM pick_checkpoint_metrics "
    "m)::text";

class Adoption : public ::testing::Test {
 protected:
  Adoption() {
    db_->transact([](Transaction& tx) { tx.script(kGoService); });
  }
  Migrator migrator() { return bed_.over(*db_); }

  TestDb database_{TestDb::Content::empty};
  std::unique_ptr<Db> db_ = database_.open();
  MigratorBed bed_;
};

TEST_F(Adoption, KeepsTheRowsAndGoesOn) {
  const std::string rows = value_of(*db_, kRows);
  EXPECT_THAT(migrator().up(), SizeIs(embedded_migrations().size() - kAdopted));
  EXPECT_EQ(value_of(*db_, kRows), rows);
  EXPECT_EQ(value_of(*db_,
                     "SELECT string_agg(version::text, ',' ORDER BY version) FROM ops.migrations WHERE "
                     "applied_by = 'adopted'"),
            "1,2,3,4");
  EXPECT_EQ(value_of(*db_,
                     "SELECT string_agg(run_date || ' ' || picker || ' ' || price_source || ' ' || origin, "
                     "', ' ORDER BY run_date) "
                     "FROM ops.batch_origin JOIN batches ON id = batch_id"),
            "2026-01-19 openai alpha-vantage adopted, 2026-01-26 openai alpha-vantage adopted");
  EXPECT_THAT(migrator().verify(), IsEmpty());
  EXPECT_THAT(migrator().up(), IsEmpty());
  require_schema(*db_);
}

TEST_F(Adoption, StatusAndVerifyLookWithoutAdopting) {
  const std::string before = dump_schema(*db_);
  EXPECT_THAT(migrator().verify(), IsEmpty());
  const auto status = migrator().status();
  EXPECT_EQ(status[3].state, MigrationState::unrecorded);
  EXPECT_EQ(status[3].applied_by, "");
  migrator().check();
  EXPECT_EQ(status[4].state, MigrationState::pending);
  EXPECT_EQ(dump_schema(*db_), before);
}

TEST_F(Adoption, HarmlessExtrasAreKept) {
  db_->query("CREATE TABLE notes (n int NOT NULL)");
  db_->query("ALTER TABLE batches ADD COLUMN comment text");
  db_->query("ALTER TABLE batches ADD COLUMN rank int NOT NULL DEFAULT 0");
  db_->query("CREATE INDEX batches_status_idx ON batches (status)");
  db_->query("ALTER TABLE picks ALTER COLUMN reasoning SET DEFAULT ''");
  EXPECT_THAT(migrator().up(), SizeIs(embedded_migrations().size() - kAdopted));
}

TEST_F(Adoption, EveryDifferenceIsReportedAndNothingIsChanged) {
  db_->query("ALTER TABLE picks ALTER COLUMN initial_price TYPE double precision");
  db_->query("ALTER TABLE picks ALTER COLUMN reasoning DROP NOT NULL");
  db_->query("ALTER TABLE batches ALTER COLUMN created_at DROP DEFAULT");
  db_->query("ALTER TABLE batches DROP CONSTRAINT batches_status_check");
  db_->query(
      "ALTER TABLE batches ADD CONSTRAINT batches_status_check CHECK (status IN ('active', 'done'))  NOT "
      "VALID");
  db_->query("ALTER TABLE checkpoints RENAME CONSTRAINT checkpoints_batch_fk TO some_fk");
  db_->query("ALTER TABLE checkpoints ADD COLUMN owner text NOT NULL DEFAULT ''");
  db_->query("ALTER TABLE checkpoints ALTER COLUMN owner DROP DEFAULT");
  db_->query("DROP INDEX pick_checkpoint_metrics_pick_id_idx");
  db_->query("ALTER TABLE pick_checkpoint_metrics DROP COLUMN current_price");
  db_->query("CREATE UNIQUE INDEX one_active ON batches (status) WHERE status = 'active'");
  const std::string before = dump_schema(*db_);
  const Error error = error_of([&] { migrator().up(); });
  EXPECT_EQ(error.kind(), ErrorKind::config);
  EXPECT_FALSE(error.hint().empty());
  for (const char* line :
       {"column picks.initial_price: double precision (expected numeric)",
        "column picks.reasoning: nullable (expected not null)",
        "column batches.created_at: default none (expected now())",
        "constraint batches_status_check on batches: CHECK",
        "constraint checkpoints_batch_fk on checkpoints: missing",
        "constraint some_fk on checkpoints: unexpected",
        "column checkpoints.owner: unexpected (text, not null, no default)",
        "index pick_checkpoint_metrics_pick_id_idx on pick_checkpoint_metrics: missing",
        "column pick_checkpoint_metrics.current_price: missing", "index one_active on batches: unexpected"}) {
    EXPECT_THAT(error.message(), HasSubstr(line));
  }
  EXPECT_THAT(error.message(), HasSubstr("not adopted, 10 differences"));
  EXPECT_EQ(dump_schema(*db_), before);
  EXPECT_EQ(value_of(*db_, "SELECT to_regclass('ops.migrations')"), "");
  EXPECT_THAT(migrator().verify(), SizeIs(10));
}

TEST_F(Adoption, AMissingTableIsOneDifference) {
  db_->query("DROP TABLE pick_checkpoint_metrics");
  const Error error = error_of([&] { migrator().up(); });
  EXPECT_THAT(error.message(),
              HasSubstr("1 difference from migrations 1 to 4: table pick_checkpoint_metrics: missing"));
}

TEST_F(Adoption, ADirtyOneIsRefused) {
  db_->query("UPDATE schema_migrations SET dirty = true");
  EXPECT_THAT(error_of([&] { migrator().up(); }).message(), HasSubstr("version 4 is dirty"));
}

TEST_F(Adoption, AnotherVersionThanTheTablesIsRefusedAndNamesTheRightOne) {
  db_->query("UPDATE schema_migrations SET version = 3");
  const std::string before = dump_schema(*db_);
  const Error error = error_of([&] { migrator().up(); });
  EXPECT_EQ(error.kind(), ErrorKind::config);
  EXPECT_EQ(
      error.message(),
      "database schema: not adopted, 1 difference from migrations 1 to 3: table pick_checkpoint_metrics: there "
      "already (migration 4 makes it)");
  EXPECT_THAT(error.hint(), HasSubstr("the tables are those of version 4"));
  EXPECT_THAT(error.hint(), HasSubstr("migrate force 4)"));
  EXPECT_EQ(dump_schema(*db_), before);
}

TEST_F(Adoption, DownRevertsToTheEmptyDatabase) {
  migrator().up();
  migrator().down(static_cast<int>(embedded_migrations().size()));
  EXPECT_EQ(dump_schema(*db_), "extension plpgsql");
}

}  // namespace
}  // namespace am::kernel
