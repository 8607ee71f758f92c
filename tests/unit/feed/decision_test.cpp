#include "feed/decision.hpp"

#include <gtest/gtest.h>

namespace am::feed {
namespace {

using std::chrono::minutes;

const Instant kNow = parse_rfc3339("2026-11-27T04:00:00Z").value();

FeedRun run_that_is(RunStatus status, std::optional<Instant> consolidate_at = {}) {
  return {.status = status, .consolidate_at = consolidate_at};
}

TEST(Decision, WaitsAsLongAsAPartitionIsOpen) {
  const Decision decision = decide(run_that_is(RunStatus::running), {10, 9, 0, 1}, false, kNow);
  EXPECT_FALSE(decision.decided);
  EXPECT_EQ(decision.status, RunStatus::running);
}

TEST(Decision, AllDoneIsConsolidatedNow) {
  const Decision decision = decide(run_that_is(RunStatus::running), {10, 10, 0, 0}, false, kNow);
  EXPECT_TRUE(decision.decided);
  EXPECT_FALSE(decision.requeue);
  EXPECT_EQ(decision.status, RunStatus::settled);
  EXPECT_EQ(decision.consolidate_at, kNow);
}

TEST(Decision, SeventyPercentAreEnoughInFiveMinutes) {
  const Decision decision = decide(run_that_is(RunStatus::running), {10, 7, 3, 0}, false, kNow);
  EXPECT_TRUE(decision.decided);
  EXPECT_TRUE(decision.requeue);
  EXPECT_EQ(decision.status, RunStatus::settled);
  EXPECT_EQ(decision.consolidate_at, kNow + minutes(5));
  for (const int expected : {3, 30, 200}) {
    const int enough = (expected * 7 + 9) / 10;
    EXPECT_EQ(
        decide(run_that_is(RunStatus::running), {expected, enough, expected - enough, 0}, false, kNow).status,
        RunStatus::settled);
    EXPECT_EQ(
        decide(run_that_is(RunStatus::running), {expected, enough - 1, expected - enough + 1, 0}, false, kNow)
            .status,
        RunStatus::failed);
  }
}

TEST(Decision, LessIsAFailure) {
  const Decision decision = decide(run_that_is(RunStatus::running), {10, 6, 4, 0}, false, kNow);
  EXPECT_TRUE(decision.decided);
  EXPECT_FALSE(decision.requeue);
  EXPECT_EQ(decision.status, RunStatus::failed);
  EXPECT_FALSE(decision.consolidate_at);
}

TEST(Decision, ASettledRunIsDecidedAgainOnlyOnceItsGapIsClosedInTime) {
  const FeedRun waiting = run_that_is(RunStatus::settled, kNow + minutes(3));
  EXPECT_FALSE(decide(waiting, {10, 9, 0, 1}, false, kNow).decided);
  EXPECT_FALSE(
      decide(waiting, {10, 9, 1, 0}, false, kNow).decided);  // it was queued once more, and died again
  EXPECT_EQ(decide(waiting, {10, 9, 1, 0}, false, kNow).consolidate_at, kNow + minutes(3));
  const Decision closed = decide(waiting, {10, 10, 0, 0}, false, kNow);
  EXPECT_TRUE(closed.decided);
  EXPECT_EQ(closed.consolidate_at, kNow);
  EXPECT_FALSE(decide(run_that_is(RunStatus::settled, kNow), {10, 10, 0, 0}, false, kNow).decided);
}

TEST(Decision, WhatHasEndedIsOpenedByWhatWasDoneSince) {
  EXPECT_FALSE(decide(run_that_is(RunStatus::done), {10, 10, 0, 0}, false, kNow).decided);
  EXPECT_FALSE(decide(run_that_is(RunStatus::done), {10, 9, 1, 0}, true, kNow).decided);
  EXPECT_EQ(decide(run_that_is(RunStatus::done), {10, 10, 0, 0}, true, kNow).status, RunStatus::settled);
  EXPECT_FALSE(decide(run_that_is(RunStatus::failed), {10, 6, 4, 0}, true, kNow).decided);
  EXPECT_EQ(decide(run_that_is(RunStatus::failed), {10, 8, 2, 0}, true, kNow).status, RunStatus::settled);
  EXPECT_FALSE(decide(run_that_is(RunStatus::cancelled), {10, 10, 0, 0}, true, kNow).decided);
}

}  // namespace
}  // namespace am::feed
