#include "am/kernel/duty.hpp"

#include <gtest/gtest.h>

namespace am::kernel {
namespace {

TEST(Duty, WhatIsKilledAgainAndAgainRests) {
  const Instant now = *parse_rfc3339("2026-01-26T15:00:00Z");
  Duty slot;
  slot.job = "weekly_pick_v1";
  slot.slot = "2026-01-26";
  slot.due_at = now - std::chrono::hours(1);
  OpenRun run;
  run.job = slot.job;
  run.slot = slot.slot;
  run.status = "running";  // its lease ran out
  run.started_at = now - std::chrono::minutes(4);
  const auto waits = [&] { return standings({{slot}}, {{run}}, now).at(0).readiness == Readiness::waiting; };
  run.attempt = 2;
  EXPECT_FALSE(waits()) << "taken up at once, twice";
  run.attempt = 3;
  EXPECT_TRUE(waits());
  run.started_at = now - std::chrono::minutes(5);
  EXPECT_FALSE(waits());
  run.status = "interrupted";
  run.ended_at = now - std::chrono::minutes(9);
  EXPECT_FALSE(waits());
  run.attempt = 4;
  EXPECT_TRUE(waits());
}

}  // namespace
}  // namespace am::kernel
