#include "am/base/date.hpp"

#include <gtest/gtest.h>

namespace am {
namespace {

TEST(Date, ParsesOnlyIsoDaysThatExist) {
  EXPECT_EQ(Date::parse("2000-02-29"), Date(2000, 2, 29));
  EXPECT_EQ(Date::parse("0001-01-01"), Date(1, 1, 1));
  EXPECT_EQ(Date::parse("9999-12-31"), Date(9999, 12, 31));
  for (const char* text : {"", "1900-02-29", "2001-02-30", "2001-13-01", "2001-00-01", "2001-01-00",
                           "0000-01-01", "2001-1-1", "20010101", "2001/01/01", "2001-01-01 ", " 2001-01-01",
                           "2001-01-0x", "-001-01-01", "+001-01-01", "2001-01-011"}) {
    EXPECT_FALSE(Date::parse(text)) << text;
  }
}

TEST(Date, OfRefusesABadLiteralAsABug) {
  EXPECT_EQ(Date::of("2026-01-26").weekday(), std::chrono::Monday);
  try {
    static_cast<void>(Date::of("2026-02-30"));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bug);
  }
}

TEST(Date, PrintsAndParsesEveryDayOfFourCenturies) {
  for (Date day{1800, 1, 1}; day < Date(2200, 1, 1); day = day + 1)
    ASSERT_EQ(Date::parse(day.to_string()), day);
}

TEST(Date, CountsDays) {
  EXPECT_EQ(Date(2000, 3, 1) - Date(2000, 2, 28), 2);
  EXPECT_EQ(Date(1999, 12, 31) + 1, Date(2000, 1, 1));
  EXPECT_EQ(Date(2000, 1, 1) - 1, Date(1999, 12, 31));
  EXPECT_LT(Date(1999, 12, 31), Date(2000, 1, 1));
  EXPECT_EQ(Date(2000, 1, 1).year(), 2000);
}

TEST(DateRange, IncludesBothEnds) {
  const DateRange range{Date(2000, 1, 3), Date(2000, 1, 5)};
  EXPECT_TRUE(range.contains(Date(2000, 1, 3)));
  EXPECT_TRUE(range.contains(Date(2000, 1, 5)));
  EXPECT_FALSE(range.contains(Date(2000, 1, 2)));
  EXPECT_FALSE(range.contains(Date(2000, 1, 6)));
}

TEST(Rfc3339, ReadsZoneAndFraction) {
  const Instant nine_in_new_york = Date(2026, 1, 26).days() + std::chrono::hours{14};
  EXPECT_EQ(parse_rfc3339("2026-01-26T14:00:00Z"), nine_in_new_york);
  EXPECT_EQ(parse_rfc3339("2026-01-26T09:00:00-05:00"), nine_in_new_york);
  EXPECT_EQ(parse_rfc3339("2026-01-26T19:30:00+05:30"), nine_in_new_york);
  EXPECT_EQ(parse_rfc3339("2026-01-26t14:00:00z"), nine_in_new_york);
  EXPECT_EQ(parse_rfc3339("2026-01-26T14:00:00.5Z"), nine_in_new_york + std::chrono::milliseconds{500});
  EXPECT_EQ(parse_rfc3339("2026-01-26T14:00:00.0000019Z"), nine_in_new_york + std::chrono::microseconds{1});
}

TEST(Rfc3339, RefusesWhatHasNoZoneOrDoesNotExist) {
  for (const char* text :
       {"", "2026-01-26", "2026-01-26T14:00:00", "2026-01-26T14:00Z", "2026-01-26 14:00:00Z",
        "2026-01-26T24:00:00Z", "2026-01-26T14:60:00Z", "2026-01-26T14:00:60Z", "2026-02-30T14:00:00Z",
        "2026-01-26T14:00:00.Z", "2026-01-26T14:00:00+0500", "2026-01-26T14:00:00+24:00",
        "2026-01-26T14:00:00+05:60", "2026-01-26T14:00:00Zx", "2026-01-26T14:00:00.5", "2026-01-26T-1:00:00Z",
        "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Rfc3339, PrintsAFractionOnlyWhenThereIsOne) {
  const Instant at = Date(2026, 1, 26).days() + std::chrono::hours{14};
  EXPECT_EQ(format_rfc3339(at), "2026-01-26T14:00:00Z");
  EXPECT_EQ(format_rfc3339(at + std::chrono::milliseconds{250}), "2026-01-26T14:00:00.25Z");
  EXPECT_EQ(format_rfc3339(at + std::chrono::microseconds{1}), "2026-01-26T14:00:00.000001Z");
}

TEST(Rfc3339, WorksBeforeTheEpoch) {
  const Instant before = Instant{} - std::chrono::microseconds{1};
  EXPECT_EQ(format_rfc3339(before), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59.999999Z"), before);
}

}  // namespace
}  // namespace am
