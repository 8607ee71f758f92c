#include "am/picks/stale.hpp"

#include <gtest/gtest.h>

#include "am/picks/jobs.hpp"

namespace am::picks {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Instant kNow = *parse_rfc3339("2026-01-29T15:00:00Z");  // a Thursday
constexpr Date kMonday{2026, 1, 26};

Due weekly(Instant at) { return {std::string(kWeeklyJob), kMonday.to_string(), kMonday, 0, at}; }
Due day(int n, Instant at) {
  return {std::string(kCheckpointJob), "id:" + std::to_string(n), kMonday, n, at};
}

kernel::OpenRun open_run(const Due& due, const std::string& status) {
  kernel::OpenRun run;
  run.id = "u";
  run.job = due.job;
  run.slot = due.slot;
  run.status = status;
  run.error = "the vendor is away";
  run.lease_live = true;
  return run;
}

TEST(Stale, OverdueBeginsAfterTwoHours) {
  const auto overdue = [](Instant due_at) { return is_overdue({.due = weekly(due_at)}, kNow); };
  EXPECT_FALSE(overdue(kNow - hours(2)));
  EXPECT_TRUE(overdue(kNow - hours(2) - minutes(1)));
  EXPECT_FALSE(overdue(kNow + hours(1)));
}

TEST(Stale, WhatIsPutOffHasADayMore) {
  const auto overdue = [](Instant due_at, Instant not_before) {
    kernel::OpenRun run = open_run(weekly(due_at), "deferred");
    run.not_before = not_before;
    return !stale_of({weekly(due_at)}, {run}, kNow).empty();
  };
  const Instant later = kNow + hours(1);
  EXPECT_FALSE(overdue(kNow - hours(26), later));
  EXPECT_TRUE(overdue(kNow - hours(26) - minutes(1), later));
  EXPECT_TRUE(overdue(kNow - hours(3), kNow - minutes(1))) << "its time came and nothing ran";
}

TEST(Stale, WhatATickLetsRestIsPutOff) {
  const Due slot = weekly(kNow - hours(20));
  kernel::OpenRun run = open_run(slot, "deferred");
  run.attempt = 5;  // rests 80 minutes, though its close is to be asked for in half of that
  run.not_before = kNow - minutes(10);
  run.ended_at = kNow - minutes(50);
  EXPECT_TRUE(stale_of({slot}, {run}, kNow).empty());
  run.ended_at = kNow - minutes(90);
  EXPECT_EQ(stale_of({slot}, {run}, kNow).size(), 1U);
}

TEST(Stale, AFreshInstallationOnAThursdayIsToldToRun) {
  const auto stale = stale_of({weekly(kNow - hours(73))}, {}, kNow);
  ASSERT_EQ(stale.size(), 1U);
  EXPECT_EQ(stale_code_name(stale[0].code), "overdue");
  EXPECT_EQ(stale[0].message,
            "weekly_pick_v1: the batch of 2026-01-26 has been due since 2026-01-26T14:00:00Z");
  EXPECT_EQ(stale[0].hint, "run: am run-weekly");
}

TEST(Stale, SlotsOfAJobAreCountedTogether) {
  const std::vector<Due> due{day(1, kNow - hours(49)), day(2, kNow - hours(25)), day(3, kNow - hours(1))};
  const auto stale = stale_of(due, {}, kNow);
  ASSERT_EQ(stale.size(), 1U);
  EXPECT_EQ(stale[0].message,
            "daily_checkpoint_v1: 2 slots are overdue, the oldest, day 1 of 2026-01-26, due since "
            "2026-01-27T14:00:00Z");
  kernel::OpenRun put_off = open_run(due[1], "deferred");
  put_off.not_before = kNow + hours(1);
  EXPECT_EQ(stale_of(due, {put_off}, kNow).front().message,
            "daily_checkpoint_v1: day 1 of 2026-01-26 has been due since 2026-01-27T14:00:00Z");
}

TEST(Stale, RunsThatFailedOrWereAbandonedAreToldOfUntilTheyAreClosed) {
  const Due slot = day(1, kNow - minutes(5));
  const kernel::OpenRun failed = open_run(slot, "failed");
  const auto stale = stale_of({slot}, {failed}, kNow);
  ASSERT_EQ(stale.size(), 1U);
  EXPECT_EQ(stale_code_name(stale[0].code), "failed");
  EXPECT_EQ(stale[0].message, "daily_checkpoint_v1: run id:1 failed: the vendor is away");
  EXPECT_EQ(stale[0].hint, "run: am checkpoint --due; look: am runs show u");
  EXPECT_EQ(stale_of({}, {failed}, kNow)[0].hint,
            "go on with it: am runs resume u, or close it: am runs abandon u");
  const kernel::OpenRun abandoned = open_run(slot, "abandoned");
  EXPECT_EQ(stale_of({slot}, {abandoned}, kNow)[0].message,
            "daily_checkpoint_v1: run id:1 abandoned, and still in the way");
  EXPECT_TRUE(stale_of({}, {abandoned}, kNow).empty()) << "given up for good";
  EXPECT_TRUE(stale_of({}, {open_run(slot, "interrupted"), open_run(slot, "deferred")}, kNow).empty());
}

TEST(Stale, FailedRunsOfAJobAreCountedTogether) {
  const std::vector<kernel::OpenRun> open{open_run(weekly(kNow), "failed"), open_run(day(2, kNow), "failed"),
                                          open_run(day(1, kNow), "failed")};
  const auto stale = stale_of({}, open, kNow);
  ASSERT_EQ(stale.size(), 2U);
  EXPECT_EQ(stale[0].message, "daily_checkpoint_v1: 2 runs failed, the latest, id:2: the vendor is away");
  EXPECT_EQ(stale[1].message, "weekly_pick_v1: run 2026-01-26 failed: the vendor is away");
}

TEST(Stale, ARunIsLostWhenItsLeaseRanOut) {
  const Due slot = day(1, kNow + hours(1));
  kernel::OpenRun run = open_run(slot, "running");
  EXPECT_TRUE(stale_of({slot}, {run}, kNow).empty());
  run.lease_live = false;
  const auto stale = stale_of({slot}, {run}, kNow);
  ASSERT_EQ(stale.size(), 1U);
  EXPECT_EQ(stale_code_name(stale[0].code), "lost");
  run.job = "fetch_closes_v1";
  EXPECT_EQ(
      stale_of({}, {run}, kNow)[0].hint,
      "the next command that needs it goes on with it; look: am runs show u, or forget it: am runs abandon u "
      "--discard --yes");
  run.status = "abandoned";
  EXPECT_EQ(stale_of({}, {run}, kNow).size(), 1U) << "nobody gets past it";
}

}  // namespace
}  // namespace am::picks
