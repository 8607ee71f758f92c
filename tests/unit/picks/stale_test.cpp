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
  run.lease_live = true;
  return run;
}

kernel::JobState latest(const Due& due, const std::string& status) {
  kernel::JobState state;
  state.job = due.job;
  state.slot = due.slot;
  state.status = status;
  state.error = "the vendor is away";
  state.id = "u";
  return state;
}

TEST(Stale, OverdueBeginsAfterTwoHours) {
  EXPECT_FALSE(is_overdue(weekly(kNow - hours(2)), {}, kNow));
  EXPECT_TRUE(is_overdue(weekly(kNow - hours(2) - minutes(1)), {}, kNow));
  EXPECT_FALSE(is_overdue(weekly(kNow + hours(1)), {}, kNow));
}

TEST(Stale, WhatIsPutOffHasADayMore) {
  const Instant later = kNow + hours(1);
  EXPECT_FALSE(is_overdue(weekly(kNow - hours(26)), later, kNow));
  EXPECT_TRUE(is_overdue(weekly(kNow - hours(26) - minutes(1)), later, kNow));
  EXPECT_TRUE(is_overdue(weekly(kNow - hours(3)), kNow - minutes(1), kNow))
      << "its time came and nothing ran";
}

TEST(Stale, AFreshInstallationOnAThursdayIsToldToRun) {
  const auto stale = stale_of({weekly(kNow - hours(73))}, {}, {}, kNow);
  ASSERT_EQ(stale.size(), 1U);
  EXPECT_EQ(stale_code_name(stale[0].code), "overdue");
  EXPECT_EQ(stale[0].message,
            "weekly_pick_v1: the batch of 2026-01-26 has been due since 2026-01-26T14:00:00Z");
  EXPECT_EQ(stale[0].hint, "run: am run-weekly");
}

TEST(Stale, SlotsOfAJobAreCountedTogether) {
  const std::vector<Due> due{day(1, kNow - hours(49)), day(2, kNow - hours(25)), day(3, kNow - hours(1))};
  const auto stale = stale_of(due, {}, {}, kNow);
  ASSERT_EQ(stale.size(), 1U);
  EXPECT_EQ(stale[0].message,
            "daily_checkpoint_v1: 2 slots are overdue, the oldest, day 1 of 2026-01-26, due since "
            "2026-01-27T14:00:00Z");
  kernel::OpenRun put_off = open_run(due[1], "deferred");
  put_off.not_before = kNow + hours(1);
  EXPECT_EQ(stale_of(due, {}, {put_off}, kNow).front().message,
            "daily_checkpoint_v1: day 1 of 2026-01-26 has been due since 2026-01-27T14:00:00Z");
}

TEST(Stale, LatestRunsThatFailedOrWereAbandonedAreToldOnce) {
  const Due slot = day(1, kNow - minutes(5));
  const auto failed = stale_of({slot}, {latest(slot, "failed")}, {open_run(slot, "failed")}, kNow);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].message, "daily_checkpoint_v1: the latest run, id:1, failed: the vendor is away");
  EXPECT_EQ(failed[0].hint, "run: am checkpoint --due; look: am runs show u");
  EXPECT_EQ(stale_of({}, {latest(slot, "failed")}, {}, kNow)[0].hint,
            "go on with it: am runs resume u, or close it: am runs abandon u");
  EXPECT_EQ(stale_of({slot}, {latest(slot, "abandoned")}, {}, kNow).size(), 1U);
  EXPECT_TRUE(stale_of({}, {latest(slot, "abandoned")}, {}, kNow).empty()) << "given up for good";
  EXPECT_TRUE(stale_of({}, {latest(slot, "interrupted"), latest(slot, "done")}, {}, kNow).empty());
}

TEST(Stale, ARunIsLostWhenItsLeaseRanOut) {
  const Due slot = day(1, kNow + hours(1));
  kernel::OpenRun run = open_run(slot, "running");
  EXPECT_TRUE(stale_of({slot}, {}, {run}, kNow).empty());
  run.lease_live = false;
  const auto stale = stale_of({slot}, {}, {run}, kNow);
  ASSERT_EQ(stale.size(), 1U);
  EXPECT_EQ(stale_code_name(stale[0].code), "lost");
  run.job = "fetch_closes_v1";
  EXPECT_EQ(stale_of({}, {}, {run}, kNow)[0].hint,
            "the next command that needs it goes on with it; look: am runs show u");
}

}  // namespace
}  // namespace am::picks
