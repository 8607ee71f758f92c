#include "am/picks/schedule.hpp"

#include <gtest/gtest.h>

#include "am/kernel/clock.hpp"
#include "am/picks/types.hpp"

namespace am::picks {
namespace {

TEST(Schedule, TheWeekThatRunsIsLive) {
  const Date week = current_run_date(kernel::SystemClock().now());
  EXPECT_EQ(origin_of(week), "live");
  EXPECT_EQ(origin_of(week - 7), "backfill");
}

TEST(Schedule, ADayIsDueFromItsMomentOn) {
  const Date monday(2025, 3, 3);
  for (int day = 1; day <= kDays; ++day) {
    const Instant due = checkpoint_due_at(monday, day);
    EXPECT_EQ(days_due(monday, due - std::chrono::microseconds(1)), day - 1);
    EXPECT_EQ(days_due(monday, due), day);
  }
  EXPECT_EQ(days_due(monday, checkpoint_due_at(monday, kDays + 9)), kDays);
}

}  // namespace
}  // namespace am::picks
