#include "am/kernel/new_york.hpp"

#include <gtest/gtest.h>

namespace am::kernel {
namespace {

using namespace std::chrono_literals;

std::string utc_of(Date day, std::chrono::minutes time_of_day) {
  return format_rfc3339(new_york_instant(day, time_of_day));
}
std::string date_at(const char* at) { return new_york_date(*parse_rfc3339(at)).to_string(); }

TEST(NewYork, NineInTheMorningIsAnHourEarlierInUtcInSummer) {
  EXPECT_EQ(utc_of(Date(2026, 1, 26), 9h), "2026-01-26T14:00:00Z");
  EXPECT_EQ(utc_of(Date(2026, 7, 6), 9h), "2026-07-06T13:00:00Z");
  EXPECT_EQ(utc_of(Date(2026, 7, 6), 0h), "2026-07-06T04:00:00Z");
  EXPECT_EQ(utc_of(Date(2026, 7, 6), 23h + 59min), "2026-07-07T03:59:00Z");
}

TEST(NewYork, TheRulesOfOlderYearsHold) {
  EXPECT_EQ(utc_of(Date(2000, 4, 3), 9h), "2000-04-03T13:00:00Z")
      << "from the first Sunday of April until 2006";
  EXPECT_EQ(utc_of(Date(2000, 3, 27), 9h), "2000-03-27T14:00:00Z");
}

TEST(NewYork, ATimeThatTheClocksSkipIsTheFirstMomentAfterTheGap) {
  EXPECT_EQ(utc_of(Date(2026, 3, 8), 1h + 59min), "2026-03-08T06:59:00Z");
  EXPECT_EQ(utc_of(Date(2026, 3, 8), 2h), "2026-03-08T07:00:00Z");
  EXPECT_EQ(utc_of(Date(2026, 3, 8), 2h + 30min), "2026-03-08T07:00:00Z");
  EXPECT_EQ(utc_of(Date(2026, 3, 8), 3h), "2026-03-08T07:00:00Z");
  EXPECT_EQ(utc_of(Date(2026, 3, 8), 9h), "2026-03-08T13:00:00Z");
}

TEST(NewYork, ATimeThatComesTwiceIsItsFirstComing) {
  EXPECT_EQ(utc_of(Date(2026, 11, 1), 59min), "2026-11-01T04:59:00Z");
  EXPECT_EQ(utc_of(Date(2026, 11, 1), 1h), "2026-11-01T05:00:00Z");
  EXPECT_EQ(utc_of(Date(2026, 11, 1), 1h + 30min), "2026-11-01T05:30:00Z");
  EXPECT_EQ(utc_of(Date(2026, 11, 1), 2h), "2026-11-01T07:00:00Z");
}

TEST(NewYork, TheDayChangesAtItsOwnMidnight) {
  EXPECT_EQ(date_at("2026-01-26T04:59:59.999999Z"), "2026-01-25");
  EXPECT_EQ(date_at("2026-01-26T05:00:00Z"), "2026-01-26");
  EXPECT_EQ(date_at("2026-07-06T03:59:59Z"), "2026-07-05");
  EXPECT_EQ(date_at("2026-07-06T04:00:00Z"), "2026-07-06");
  EXPECT_EQ(date_at("1969-12-31T23:59:59Z"), "1969-12-31") << "before the epoch too";
  EXPECT_EQ(date_at("1969-12-31T04:59:59Z"), "1969-12-30");
}

TEST(NewYork, ReadsWithItsZone) {
  EXPECT_EQ(new_york_text(*parse_rfc3339("2026-01-26T14:00:59.9Z")), "2026-01-26 09:00 EST");
  EXPECT_EQ(new_york_text(*parse_rfc3339("2026-07-06T03:59:00Z")), "2026-07-05 23:59 EDT");
  EXPECT_EQ(new_york_text(*parse_rfc3339("2026-11-01T05:30:00Z")), "2026-11-01 01:30 EDT")
      << "twice that day";
  EXPECT_EQ(new_york_text(*parse_rfc3339("2026-11-01T06:30:00Z")), "2026-11-01 01:30 EST");
}

TEST(NewYork, GoingThereAndBackGivesTheDay) {
  for (Date day(2025, 1, 1); day < Date(2027, 1, 1); day = day + 1) {
    EXPECT_EQ(new_york_date(new_york_instant(day, 0h)), day);
    EXPECT_EQ(new_york_date(new_york_instant(day, 24h - 1min)), day);
  }
}

// The library reads only the listed changes of the zone file, and they end with 2037. When this fails, the
// library has learnt the rule for the years after it: then this test and the remark in the header can go.
TEST(NewYork, KnowsNoSummerTimeAfter2037) {
  EXPECT_EQ(utc_of(Date(2037, 7, 6), 9h), "2037-07-06T13:00:00Z");
  EXPECT_EQ(utc_of(Date(2038, 7, 5), 9h), "2038-07-05T14:00:00Z");
}

}  // namespace
}  // namespace am::kernel
