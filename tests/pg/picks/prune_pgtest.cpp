// Retention: what goes and what stays, two prunes at once, a job's row that is being worked on, and that no job does
// anything again because its run is gone.

#include <future>

#include <gtest/gtest.h>

#include "am/kernel/prune.hpp"
#include "support/crash_sweep.hpp"
#include "support/error_of.hpp"
#include "support/picks_desk.hpp"
#include "support/picks_rows.hpp"

namespace am::picks {
namespace {

using kernel::prunable;
using kernel::prune;
using kernel::PruneCounts;
using std::chrono::milliseconds;
using test::TestDb;
using test::TestDesk;
using test::value_of;

/// Three done runs with a step each (`old`: 31 days ago; `new`: 29; `open`: old, with an effect of unknown outcome), the
/// only success of another job (`last`), one of each other status, and effects, events and slots of all ages.
void add_history(kernel::Sql& sql) {
  sql.query(R"sql(
WITH runs AS (
  INSERT INTO ops.runs (id, job, slot, status, version, finished_at)
  SELECT md5(slot)::uuid, CASE slot WHEN 'last' THEN 'rare job' ELSE 'job' END, slot, status, 'x', clock_timestamp() - days * interval '1 day'
  FROM (VALUES ('old', 'done', 31), ('new', 'done', 29), ('open', 'done', 31), ('last', 'done', 99), ('running', 'running', 99),
               ('failed', 'failed', 99), ('deferred', 'deferred', 99), ('interrupted', 'interrupted', 99),
               ('abandoned', 'abandoned', 99)) v (slot, status, days) RETURNING id),
steps AS (
  INSERT INTO ops.steps (run_id, name, input_hash, version, started_at)
  SELECT md5(slot)::uuid, 'step', '', 'x', clock_timestamp() FROM (VALUES ('old'), ('new'), ('failed')) v (slot)),
effects AS (
  INSERT INTO ops.effects (id, run_id, kind, idempotency_key, status, request, created_at)
  SELECT md5(key)::uuid, md5(slot)::uuid, 'mail', key, status, '{}', clock_timestamp() - days * interval '1 day'
  FROM (VALUES ('of old', 'old', 'done', 31), ('of open', 'open', 'unknown', 31), ('of open, too', 'open', 'done', 31),
               ('loose', NULL, 'failed', 31), ('loose, new', NULL, 'done', 29), ('loose, open', NULL, 'intent', 31))
       v (key, slot, status, days)),
events AS (
  INSERT INTO ops.events (kind, at) SELECT kind, clock_timestamp() - days * interval '1 day'
  FROM (VALUES ('old', 31), ('new', 29)) v (kind, days)),
limits AS (INSERT INTO ops.rate_limits (key) VALUES ('acme') RETURNING key)
INSERT INTO ops.rate_slots (key, reserved_until, used_at)
SELECT key, clock_timestamp() + until * interval '1 hour', clock_timestamp() - used * interval '1 hour'
FROM limits, (VALUES (-49, 49), (-47, 47), (-1, NULL), (1, NULL)) v (until, used)
)sql");
}

std::string kept(kernel::Sql& sql) {
  return value_of(sql, R"sql(
SELECT (SELECT string_agg(slot, ' ' ORDER BY slot) FROM ops.runs) || ' | '
  || (SELECT string_agg(r.slot, ' ' ORDER BY slot) FROM ops.steps s JOIN ops.runs r ON r.id = s.run_id) || ' | '
  || (SELECT string_agg(idempotency_key, '; ' ORDER BY idempotency_key) FROM ops.effects) || ' | '
  || (SELECT string_agg(kind, ' ' ORDER BY kind) FROM ops.events) || ' | ' || (SELECT count(*) FROM ops.rate_slots)
)sql");
}

const std::string kKept =
    "abandoned deferred failed interrupted last new open running | failed new | loose, new; loose, open; of open; of open, "
    "too | new pruned | 2";

void expect_counts(const PruneCounts& got, long long each, long long effects_and_slots) {
  EXPECT_EQ(got.runs, each);
  EXPECT_EQ(got.steps, each);
  EXPECT_EQ(got.events, each);
  EXPECT_EQ(got.effects, effects_and_slots);
  EXPECT_EQ(got.rate_slots, effects_and_slots);
}

TEST(Prune, DeletesWhatIsOldAndClosedAndNothingElse) {
  const TestDb home;
  const auto db = home.open();
  const kernel::Stop stop;
  add_history(*db);
  expect_counts(prunable(*db, {30}), 1, 2);
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM ops.runs"), "9") << "counting deletes nothing";
  expect_counts(prune(*db, stop, {30}, milliseconds(0)), 1, 2);
  EXPECT_EQ(kept(*db), kKept);
  EXPECT_EQ(
      value_of(*db,
               "SELECT data::jsonb - 'older_than_days' - 'before' FROM ops.events WHERE kind = 'pruned'"),
      R"({"runs": 1, "steps": 1, "events": 1, "effects": 2, "rate_slots": 2})");
  EXPECT_EQ(prune(*db, stop, {30}, milliseconds(0)).all(), 0);
  EXPECT_EQ(kept(*db), kKept) << "nothing went: no event";
  EXPECT_EQ(prunable(*db, {30}).all(), 0);
}

TEST(Prune, PassesOverWhatAJobHoldsAndWaitsForAnotherPrune) {
  const TestDb home;
  const auto db = home.open();
  const auto other = home.open();
  const kernel::Stop stop;
  db->query(
      "INSERT INTO ops.runs (id, job, slot, status, version, finished_at) SELECT md5(n::text)::uuid, 'job', n::text, "
      "'done', 'x', clock_timestamp() - CASE WHEN n > 0 THEN interval '40 days' ELSE '0' END FROM generate_series(0, "
      "100) n");
  {
    const auto job = other->begin();
    job->query("UPDATE ops.runs SET status = 'running' WHERE slot = '7'");
    EXPECT_EQ(prune(*db, stop, {30}, milliseconds(0)).runs, 99);
  }
  {
    const auto holder = other->begin();
    holder->query("SELECT pg_advisory_xact_lock(7020372330701745765)");  // "am_prune"
    EXPECT_EQ(test::error_of([&] { prune(*db, stop, {30}, milliseconds(60)); }).kind(), ErrorKind::busy);
    EXPECT_EQ(value_of(*db, "SELECT string_agg(slot, ' ' ORDER BY slot) FROM ops.runs"), "0 7");
  }
  const auto once = [&] {
    const auto own = home.open();
    return prune(*own, stop, {30}, std::chrono::seconds(20)).runs;
  };
  auto second = std::async(std::launch::async, once);
  EXPECT_EQ(once() + second.get(), 1);
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM ops.events WHERE kind = 'pruned'"), "2");
}

TEST(Prune, NoJobDoesItsWorkAgain) {
  const TestDb home;
  const auto db = home.open();
  test::FakePrices prices;
  test::FakePicker picker;
  WeeklyOptions weekly;
  weekly.run_date = Date(2025, 3, 3);
  weekly.price_source = prices.source();
  const auto measured = [&] {
    return value_of(
        *db,
        "SELECT md5(string_agg(line, ',' ORDER BY line)) FROM (SELECT b::text AS line FROM batches b UNION "
        "ALL SELECT c::text FROM checkpoints c UNION ALL SELECT p::text FROM picks p UNION ALL SELECT "
        "m::text FROM pick_checkpoint_metrics m UNION ALL SELECT o::text FROM ops.batch_origin o UNION ALL "
        "SELECT d::text FROM market.daily_closes d) lines");
  };
  const auto work = [&] {  // one process after the other
    TestDesk monday(home, "2025-03-03T14:00:00Z");
    monday.add(prices);
    Workbench desk = monday.desk();
    const WeeklyResult week = run_weekly(desk, picker, weekly);
    TestDesk later(home, "2025-03-12T14:00:00Z");
    later.add(prices);
    Workbench daily = later.desk();
    run_due(daily, {*find_batch(*db, weekly.run_date)}, {});
    return week.created;
  };
  EXPECT_TRUE(work());
  const std::string before = measured();
  const int asked = prices.calls();
  EXPECT_GT(asked, 0);
  db->query("UPDATE ops.runs SET finished_at = finished_at - interval '40 days'");
  db->query("UPDATE ops.events SET at = at - interval '40 days'");
  const kernel::Stop stop;
  EXPECT_EQ(prune(*db, stop, {30}, milliseconds(0)).runs, 8);
  EXPECT_EQ(value_of(*db, "SELECT string_agg(job, ' ' ORDER BY job) FROM ops.runs"),
            "daily_checkpoint_v1 fetch_closes_v1 weekly_pick_v1")
      << "the last success of each";
  db->query("DELETE FROM ops.runs");
  EXPECT_EQ(measured(), before);

  EXPECT_FALSE(work());
  EXPECT_EQ(measured(), before);
  EXPECT_EQ(prices.calls(), asked);
  EXPECT_EQ(picker.calls(), 1);
  TestDesk again(home, "2025-03-12T14:00:00Z");
  again.add(prices);
  Workbench desk = again.desk();
  EXPECT_EQ(run_checkpoint(desk, *find_batch(*db, weekly.run_date), 3, {}).outcome, DayOutcome::unchanged);
  EXPECT_EQ(value_of(*db, "SELECT string_agg(kind, ' ') FROM ops.events"), "pruned");
}

TEST(PruneSweep, MayDieAtAnyCallAndRunAgain) {
  test::SweptJob job{.desk = test::kSweptPicks};
  job.prepare = [](const TestDb& home) {
    const auto db = home.open();
    db->query("DELETE FROM ops.effects");
    add_history(*db);
  };
  job.run = [](const TestDb& home, test::CrashPoint& point) {
    const kernel::Stop stop;
    const auto db = home.open([&](std::string_view what) { point(what); });
    prune(*db, stop, {30}, std::chrono::seconds(20));
  };
  job.after_rerun = [](kernel::Sql& sql) { EXPECT_EQ(kept(sql), kKept); };
  for (const test::Crash crash : {test::Crash::error_once, test::Crash::death, test::Crash::lost_connection})
    EXPECT_GE(test::sweep(job, crash), 6);
}

}  // namespace
}  // namespace am::picks
