#include <thread>

#include <gmock/gmock.h>

#include "am/kernel/queue_admin.hpp"
#include "run_bed.hpp"
#include "support/error_of.hpp"

namespace am::feed {
namespace {

using testing::HasSubstr;

class FeedSettle : public FeedRunTest {
 protected:
  Settlement settled(int number = 1) { return settle(*db_, run_number(number)); }
};

TEST_F(FeedSettle, CountsAndWaits) {
  add_run(10);
  set("done", 1, 3);
  set("dead", 4, 4);
  const Settlement settlement = settled();
  EXPECT_FALSE(settlement.decided);
  EXPECT_EQ(settlement.open, 6);
  EXPECT_EQ(standing(), "running 3+1/10");
  EXPECT_EQ(value("SELECT count(*) FROM ops.events"), "0");
}

TEST_F(FeedSettle, AllDoneIsDueNow) {
  add_run(3);
  set("done", 1, 3);
  EXPECT_TRUE(settled().decided);
  EXPECT_EQ(standing(), "settled 3+0/3");
  EXPECT_EQ(value("SELECT consolidate_at <= clock_timestamp() AND decisions = 1 FROM feed.run_metadata"),
            "t");
  const std::string before = value("SELECT run_metadata::text FROM feed.run_metadata");
  EXPECT_FALSE(settled().decided);
  EXPECT_EQ(value("SELECT run_metadata::text FROM feed.run_metadata"), before);
  EXPECT_EQ(value("SELECT string_agg(kind || ' ' || subject, ',') FROM ops.events"),
            "feed_run_settled run " + run_number(1));
}

TEST_F(FeedSettle, WithAGapTheRestIsQueuedOnceMore) {
  add_run(10);
  set("done", 1, 7);
  set("dead", 8, 9, 1, "no answer");
  set("failed", 10, 10, 1, "not ours");  // buried: it can never succeed
  const Settlement first = settled();
  EXPECT_TRUE(first.decided);
  EXPECT_EQ(first.requeued, 2);
  EXPECT_EQ(standing(), "settled 7+1/10");
  EXPECT_EQ(
      value(
          "SELECT consolidate_at BETWEEN clock_timestamp() + interval '4 min' AND clock_timestamp() + interval '5 "
          "min' FROM feed.run_metadata"),
      "t");
  EXPECT_EQ(value("SELECT string_agg(concat_ws(' ', status, attempts, next_offset), ',' ORDER BY id) FROM "
                  "feed.partition_progress WHERE status <> 'done'"),
            "queued 0 30,queued 0 30,failed 1 30");
  EXPECT_EQ(
      value(
          "SELECT string_agg(status, ',' ORDER BY partition_id) FROM feed.worker_runs WHERE status <> 'completed'"),
      "running,running,failed");
  set("dead", 8, 9);  // and again
  EXPECT_FALSE(settled().decided);
  EXPECT_EQ(standing(), "settled 7+3/10");
  EXPECT_EQ(value("SELECT count(*) FROM feed.partition_progress WHERE status = 'dead'"), "2");
  set("done", 8, 10);
  EXPECT_TRUE(settled().decided);
  EXPECT_EQ(value("SELECT consolidate_at <= clock_timestamp() FROM feed.run_metadata"), "t");
}

TEST_F(FeedSettle, BelowSeventyPercentItFailed) {
  add_run(10);
  set("done", 1, 6);
  set("dead", 7, 10, 1, "no answer");
  EXPECT_EQ(settled().status, RunStatus::failed);
  EXPECT_EQ(standing(), "failed 6+4/10");
  EXPECT_EQ(value("SELECT error_message FROM feed.run_metadata"),
            "4 of 10 partitions failed; p-007: no answer");
  EXPECT_EQ(value("SELECT consolidate_at IS NULL AND finished_at IS NOT NULL FROM feed.run_metadata"), "t");
  EXPECT_EQ(value("SELECT count(*) FROM feed.partition_progress WHERE status = 'queued'"), "0");
}

// A worker that was killed at its last attempt leaves a partition whose end no worker sees.
TEST_F(FeedSettle, WhatDiedInAClaimHasEnded) {
  add_run(1);
  db_->query(
      "UPDATE feed.partition_progress SET status = 'running', attempts = max_attempts, ready_at = clock_timestamp()");
  kernel::PgQueue queue(*db_, partitions_queue());
  EXPECT_TRUE(queue.claim(1).empty());
  EXPECT_EQ(settled().status, RunStatus::failed);
  EXPECT_EQ(value("SELECT status || ' ' || worker_id || ' ' || error_message FROM feed.worker_runs"),
            "failed none attempt 5 of 5 ended without a word: its worker died or was stopped");
}

TEST_F(FeedSettle, ARunWithoutPartitionsIsComplete) {
  add_run(0);
  EXPECT_TRUE(settled().decided);
  EXPECT_EQ(standing(), "settled 0+0/0");
}

// What the other one has decided is seen by whoever waited for it, with its count.
TEST_F(FeedSettle, OfTwoAtOnceOneDecides) {
  add_run(2);
  set("done", 1, 1);
  const auto rival = home_.open();
  Settlement waited;
  std::jthread waiting;
  const auto db = home_.open();
  db->transact([&](kernel::Transaction& tx) {
    tx.query("SELECT FROM feed.run_metadata FOR NO KEY UPDATE");
    waiting = std::jthread([&] { waited = settle(*rival, run_number(1)); });
    while (
        value(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database OR l.database IS NULL WHERE NOT "
            "l.granted AND d.datname = current_database()") == "0") {
    }
    // The other partition ends while the rival waits, and this one decides.
    tx.query("UPDATE feed.partition_progress SET status = 'done', records = 100, next_offset = 100");
    EXPECT_TRUE(settle_in(tx, run_number(1)).decided);
  });
  waiting.join();
  EXPECT_FALSE(waited.decided);
  EXPECT_EQ(waited.completed, 2);
  EXPECT_EQ(standing(), "settled 2+0/2");
  EXPECT_EQ(value("SELECT decisions FROM feed.run_metadata"), "1");
}

// A partition that people queued again by hand may complete a run that was closed without it.
TEST_F(FeedSettle, WhatWasDoneAfterTheEndOpensTheNewestRun) {
  add_run(10);
  set("done", 1, 9);
  set("failed", 10, 10);
  settled();
  db_->query("UPDATE feed.run_metadata SET status = 'done', finished_at = clock_timestamp()");
  set("done", 10, 10);
  EXPECT_TRUE(settled().decided);
  EXPECT_EQ(standing(), "settled 10+0/10");
}

TEST_F(FeedSettle, AnOlderRunOnlyCounts) {
  add_run(10);
  set("done", 1, 9);
  set("failed", 10, 10);
  settled();
  db_->query("UPDATE feed.run_metadata SET status = 'done', finished_at = clock_timestamp()");
  add_run(1, 2);
  set("done", 10, 10);
  EXPECT_FALSE(settled().decided);
  EXPECT_EQ(standing(), "done 10+0/10");
}

TEST_F(FeedSettle, ARunThatIsNotThere) {
  EXPECT_EQ(test::error_of([&] { settled(7); }).exit_code(), ExitCode::no_input);
  EXPECT_THAT(test::error_of([&] { settle(*db_, "x"); }).message(), HasSubstr("no run 'x'"));
}

TEST_F(FeedSettle, AFilterIsTheRunsAndOverlapsTheWatermark) {
  add_run(1);
  FeedRun run = load_run(*db_, run_number(1));
  EXPECT_EQ(filter_of(run, {10, 20}).updated_from, parse_rfc3339("2000-01-01T00:00:00Z"));
  EXPECT_EQ(filter_of(run, {10, 20}).price, (PriceRange{10, 20}));
  run.type = RunType::incremental;
  run.watermark_before = parse_rfc3339("2026-11-27T03:00:00Z");
  EXPECT_EQ(filter_of(run, {10, 20}).updated_from, parse_rfc3339("2026-11-27T02:45:00Z"));
}

}  // namespace
}  // namespace am::feed
