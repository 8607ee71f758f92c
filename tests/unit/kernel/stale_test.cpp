#include "am/kernel/stale.hpp"

#include <array>

#include <gtest/gtest.h>

namespace am::kernel {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Instant kNow = *parse_rfc3339("2026-01-29T15:00:00Z");  // a Thursday
constexpr std::array kJobs = {Job{.name = "weekly_pick_v1", .command = "am run-weekly"},
                              Job{.name = "daily_checkpoint_v1", .command = "am checkpoint --due"}};

Duty duty_of(const Job& job, std::string slot, std::string text, Instant at) {
  Duty duty;
  duty.job = job.name;
  duty.slot = std::move(slot);
  duty.text = std::move(text);
  duty.due_at = at;
  return duty;
}
Duty weekly(Instant at) { return duty_of(kJobs[0], "2026-01-26", "the batch of 2026-01-26", at); }
Duty day(int n, Instant at) {
  const std::string number = std::to_string(n);
  return duty_of(kJobs[1], "id:" + number, "day " + number + " of 2026-01-26", at);
}
std::vector<Stale> found(const std::vector<Duty>& duties, const std::vector<OpenRun>& open) {
  return stale_of(kJobs, duties, open, kNow);
}

OpenRun open_run(const Duty& due, const std::string& status) {
  OpenRun run;
  run.id = "u";
  run.job = due.job;
  run.slot = due.slot;
  run.status = status;
  run.error = "the vendor is away";
  run.lease_live = true;
  return run;
}

TEST(Stale, OverdueBeginsAfterTwoHours) {
  const auto overdue = [](Instant due_at) { return is_overdue(kJobs[0], weekly(due_at), {}, kNow); };
  EXPECT_FALSE(overdue(kNow - hours(2)));
  EXPECT_TRUE(overdue(kNow - hours(2) - minutes(1)));
  EXPECT_FALSE(overdue(kNow + hours(1)));
}

TEST(Stale, WhatIsPutOffHasADayMore) {
  const auto overdue = [](Instant due_at, Instant not_before) {
    OpenRun run = open_run(weekly(due_at), "deferred");
    run.not_before = not_before;
    return !found({weekly(due_at)}, {run}).empty();
  };
  const Instant later = kNow + hours(1);
  EXPECT_FALSE(overdue(kNow - hours(26), later));
  EXPECT_TRUE(overdue(kNow - hours(26) - minutes(1), later));
  EXPECT_TRUE(overdue(kNow - hours(3), kNow - minutes(1))) << "its time came and nothing ran";
}

TEST(Stale, WhatATickLetsRestIsPutOff) {
  const Duty slot = weekly(kNow - hours(20));
  OpenRun run = open_run(slot, "deferred");
  run.attempt = 5;  // rests 80 minutes, though its close is to be asked for in half of that
  run.not_before = kNow - minutes(10);
  run.ended_at = kNow - minutes(50);
  EXPECT_TRUE(found({slot}, {run}).empty());
  run.ended_at = kNow - minutes(90);
  EXPECT_EQ(found({slot}, {run}).size(), 1U);
}

TEST(Stale, AFreshInstallationOnAThursdayIsToldToRun) {
  const auto stale = found({weekly(kNow - hours(73))}, {});
  ASSERT_EQ(stale.size(), 1U);
  EXPECT_EQ(stale_code_name(stale[0].code), "overdue");
  EXPECT_EQ(stale[0].message,
            "weekly_pick_v1: the batch of 2026-01-26 has been due since 2026-01-26T14:00:00Z");
  EXPECT_EQ(stale[0].hint, "run: am run-weekly");
}

TEST(Stale, SlotsOfAJobAreCountedTogether) {
  const std::vector<Duty> due{day(1, kNow - hours(49)), day(2, kNow - hours(25)), day(3, kNow - hours(1))};
  const auto stale = found(due, {});
  ASSERT_EQ(stale.size(), 1U);
  EXPECT_EQ(stale[0].message,
            "daily_checkpoint_v1: 2 slots are overdue, the oldest, day 1 of 2026-01-26, due since "
            "2026-01-27T14:00:00Z");
  OpenRun put_off = open_run(due[1], "deferred");
  put_off.not_before = kNow + hours(1);
  EXPECT_EQ(found(due, {put_off}).front().message,
            "daily_checkpoint_v1: day 1 of 2026-01-26 has been due since 2026-01-27T14:00:00Z");
}

TEST(Stale, RunsThatFailedOrWereAbandonedAreToldOfUntilTheyAreClosed) {
  const Duty slot = day(1, kNow - minutes(5));
  const OpenRun failed = open_run(slot, "failed");
  const auto stale = found({slot}, {failed});
  ASSERT_EQ(stale.size(), 1U);
  EXPECT_EQ(stale_code_name(stale[0].code), "failed");
  EXPECT_EQ(stale[0].message, "daily_checkpoint_v1: run id:1 failed: the vendor is away");
  EXPECT_EQ(stale[0].hint, "run: am checkpoint --due; look: am runs show u");
  EXPECT_EQ(found({}, {failed})[0].hint, "go on with it: am runs resume u, or close it: am runs abandon u");
  const OpenRun abandoned = open_run(slot, "abandoned");
  EXPECT_EQ(found({slot}, {abandoned})[0].message,
            "daily_checkpoint_v1: run id:1 abandoned, and still in the way");
  EXPECT_TRUE(found({}, {abandoned}).empty()) << "given up for good";
  EXPECT_TRUE(found({}, {open_run(slot, "interrupted"), open_run(slot, "deferred")}).empty());
}

TEST(Stale, FailedRunsOfAJobAreCountedTogether) {
  const std::vector<OpenRun> open{open_run(weekly(kNow), "failed"), open_run(day(2, kNow), "failed"),
                                  open_run(day(1, kNow), "failed")};
  const auto stale = found({}, open);
  ASSERT_EQ(stale.size(), 2U);
  EXPECT_EQ(stale[0].message, "daily_checkpoint_v1: 2 runs failed, the latest, id:2: the vendor is away");
  EXPECT_EQ(stale[1].message, "weekly_pick_v1: run 2026-01-26 failed: the vendor is away");
}

TEST(Stale, ARunIsLostWhenItsLeaseRanOut) {
  const Duty slot = day(1, kNow + hours(1));
  OpenRun run = open_run(slot, "running");
  EXPECT_TRUE(found({slot}, {run}).empty());
  run.lease_live = false;
  const auto stale = found({slot}, {run});
  ASSERT_EQ(stale.size(), 1U);
  EXPECT_EQ(stale_code_name(stale[0].code), "lost");
  run.job = "fetch_closes_v1";
  EXPECT_EQ(
      found({}, {run})[0].hint,
      "the next command that needs it goes on with it; look: am runs show u, or forget it: am runs abandon u "
      "--discard --yes");
  run.status = "abandoned";
  EXPECT_EQ(found({}, {run}).size(), 1U) << "nobody gets past it";
}

}  // namespace
}  // namespace am::kernel
