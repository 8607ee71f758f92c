#include "am/kernel/timetable.hpp"

#include <gtest/gtest.h>

#include "am/kernel/new_york.hpp"

namespace am::kernel {
namespace {

constexpr Timetable kTick{.every_minutes = 5};
constexpr Timetable kWeekly{.days = kWeekdays, .first_hour = 9, .last_hour = 11, .minute = 0};
constexpr Timetable kDaily{.first_hour = 9, .last_hour = 18, .minute = 5};

Instant at(const char* text) { return *parse_rfc3339(text); }

std::vector<std::string> texts(const std::vector<Instant>& all) {
  std::vector<std::string> out;
  for (const Instant each : all) out.push_back(format_rfc3339(each));
  return out;
}

using Texts = std::vector<std::string>;

TEST(Timetable, IsWrittenForEachScheduler) {
  EXPECT_EQ(cron_fields(kTick, CronZone::utc), "*/5 * * * *");
  EXPECT_EQ(cron_fields(kWeekly, CronZone::utc), "0 14-16 * * 1-5");
  EXPECT_EQ(cron_fields(kDaily, CronZone::utc), "5 14-23 * * *");
  EXPECT_EQ(cron_fields(kDaily, CronZone::new_york), "5 9-18 * * *");
  EXPECT_EQ(systemd_calendar(kTick), "*:0/5");
  EXPECT_EQ(systemd_calendar(kWeekly), "Mon..Fri *-*-* 09..11:00:00 America/New_York");
  EXPECT_EQ(systemd_calendar(kDaily), "*-*-* 09..18:05:00 America/New_York");
  EXPECT_EQ(timetable_text(kWeekly), "Monday to Friday, hourly from 9:00 to 11:00 in New York");
}

TEST(Timetable, NewYorkHoursFollowTheClocks) {
  // The clocks go forward on Sunday the 8th.
  EXPECT_EQ(
      texts(firings(kWeekly, CronZone::new_york, at("2026-03-06T00:00:00Z"), at("2026-03-10T00:00:00Z"))),
      (Texts{"2026-03-06T14:00:00Z", "2026-03-06T15:00:00Z", "2026-03-06T16:00:00Z", "2026-03-09T13:00:00Z",
             "2026-03-09T14:00:00Z", "2026-03-09T15:00:00Z"}))
      << "nothing on Saturday and Sunday";
}

TEST(Timetable, UtcHoursAreNeverEarlyInNewYork) {
  for (const Instant each :
       firings(kWeekly, CronZone::utc, at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"))) {
    const Date day = new_york_date(each);
    EXPECT_NE(day.weekday(), std::chrono::Saturday);
    EXPECT_NE(day.weekday(), std::chrono::Sunday);
    EXPECT_GE(each, new_york_instant(day, std::chrono::hours(9)));
    EXPECT_LE(each, new_york_instant(day, std::chrono::hours(12)));
  }
}

TEST(Timetable, TheTickFiresOnWholeSteps) {
  EXPECT_EQ(texts(firings(kTick, CronZone::utc, at("2026-01-01T00:03:00Z"), at("2026-01-01T00:15:00Z"))),
            (Texts{"2026-01-01T00:05:00Z", "2026-01-01T00:10:00Z"}));
}

}  // namespace
}  // namespace am::kernel
