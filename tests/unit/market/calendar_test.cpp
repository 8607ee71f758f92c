#include "am/market/calendar.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "am/base/error.hpp"

namespace am::market {
namespace {

// Sessions per year, 1990 to 2025: the exchange's own record.
constexpr int kFirstYear = 1990;
constexpr int kSessions[] = {253, 253, 254, 253, 252, 252, 254, 253, 252, 252, 252, 248,   // 1990-2001
                             252, 252, 252, 252, 251, 251, 253, 252, 252, 252, 250, 252,   // 2002-2013
                             252, 252, 252, 251, 251, 252, 253, 252, 251, 250, 252, 250};  // 2014-2025

/// The first column of a file of daily prices, without its header; empty when there is no such file.
std::vector<Date> days_in(const std::string& path) {
  std::vector<Date> days;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) days.push_back(Date::of(line.substr(0, 10)));
  return days;
}

/// Every recorded day is a session, and there is no session between two recorded days.
void expect_exactly_sessions(const std::vector<Date>& days) {
  for (std::size_t i = 0; i < days.size(); ++i) {
    ASSERT_TRUE(is_session(days[i])) << days[i].to_string() << " " << closed_reason(days[i]).value_or("");
    if (i > 0) {
      ASSERT_EQ(previous_session(days[i]), days[i - 1]);
    }
  }
}

TEST(Calendar, CountsTheSessionsOfEveryYear) {
  int sum = 0;
  for (int i = 0; i < static_cast<int>(std::size(kSessions)); ++i) {
    const int year = kFirstYear + i;
    EXPECT_EQ(count_sessions({Date(year, 1, 1), Date(year, 12, 31)}), kSessions[i]) << year;
    sum += kSessions[i];
  }
  EXPECT_EQ(count_sessions({Date(1990, 1, 1), Date(2025, 12, 31)}), sum);
  EXPECT_EQ(sum, 9067);
}

TEST(Calendar, MatchesTheBundledMarketDayForDay) {
  const auto days = days_in(AM_SOURCE_DIR "/examples/market/closes.csv");
  ASSERT_GT(days.size(), 500U) << "the bundled market is missing";
  expect_exactly_sessions(days);
}

// Wider records of prices, where a checkout has them beside it. Without them the case above still holds.
TEST(Calendar, MatchesRecordedPricesDayForDay) {
  for (const char* name : {"spy_prices.csv", "stock_prices.csv"}) {
    expect_exactly_sessions(days_in(std::string(AM_SOURCE_DIR "/../shared/data/prices/") + name));
  }
}

struct Closing {
  const char* day;
  std::string_view reason;
};

TEST(Calendar, NamesWhyTheExchangeIsClosed) {
  constexpr Closing kClosings[] = {
      {"2026-01-24", "weekend"},
      {"2026-01-25", "weekend"},
      {"2023-01-02", "New Year's Day"},  // the 1st was a Sunday
      {"1998-01-19", "Martin Luther King Jr. Day"},
      {"2026-02-16", "Washington's Birthday"},
      {"2024-03-29", "Good Friday"},
      {"2019-04-19", "Good Friday"},
      {"2026-05-25", "Memorial Day"},
      {"2022-06-20", "Juneteenth"},  // the 19th was a Sunday
      {"2027-06-18", "Juneteenth"},  // the 19th is a Saturday
      {"2020-07-03", "Independence Day"},
      {"2021-07-05", "Independence Day"},
      {"2026-09-07", "Labor Day"},
      {"2026-11-26", "Thanksgiving Day"},
      {"2021-12-24", "Christmas Day"},
      {"2022-12-26", "Christmas Day"},
      {"1994-04-27", "funeral of Richard Nixon"},
      {"2001-09-11", "attacks of September 11"},
      {"2001-09-14", "attacks of September 11"},
      {"2004-06-11", "funeral of Ronald Reagan"},
      {"2007-01-02", "funeral of Gerald Ford"},
      {"2012-10-29", "Hurricane Sandy"},
      {"2012-10-30", "Hurricane Sandy"},
      {"2018-12-05", "funeral of George H. W. Bush"},
      {"2025-01-09", "funeral of Jimmy Carter"},
  };
  for (const Closing& closing : kClosings) {
    EXPECT_EQ(closed_reason(Date::of(closing.day)), closing.reason) << closing.day;
    EXPECT_FALSE(is_session(Date::of(closing.day))) << closing.day;
  }
}

TEST(Calendar, IsOpenWhereARuleMightSayOtherwise) {
  for (const char* day : {"2021-12-31",  // New Year's Day 2022 is a Saturday: not observed
                          "1993-12-31", "2010-12-31",
                          "1997-01-20",  // before the King holiday
                          "2021-06-18",  // before Juneteenth
                          "1996-06-19", "2001-09-10", "2001-09-17", "2012-10-31",
                          "2024-10-14",  // Columbus Day is a session
                          "2024-11-11",  // and so is Veterans Day
                          "2024-11-29", "2024-12-24"}) {
    EXPECT_EQ(closed_reason(Date::of(day)), std::nullopt) << day;
  }
}

TEST(Calendar, StepsStrictlyOverClosedDays) {
  EXPECT_EQ(previous_session(Date(2026, 1, 20)), Date(2026, 1, 16)) << "over the King holiday";
  EXPECT_EQ(previous_session(Date(2026, 1, 17)), Date(2026, 1, 16));
  EXPECT_EQ(previous_session(Date(2026, 1, 16)), Date(2026, 1, 15));
  EXPECT_EQ(previous_session(Date(2001, 9, 17)), Date(2001, 9, 10));
}

TEST(Calendar, CountsBothEndsAndNothingBackwards) {
  EXPECT_EQ(count_sessions({Date(2026, 1, 16), Date(2026, 1, 20)}), 2);
  EXPECT_EQ(count_sessions({Date(2026, 1, 17), Date(2026, 1, 19)}), 0);
  EXPECT_EQ(count_sessions({Date(2026, 1, 16), Date(2026, 1, 16)}), 1);
  EXPECT_EQ(count_sessions({Date(2026, 1, 20), Date(2026, 1, 16)}), 0);
}

TEST(Calendar, FindsTheMondayOfTheIsoWeek) {
  EXPECT_EQ(week_monday(Date(2026, 1, 26)), Date(2026, 1, 26));
  EXPECT_EQ(week_monday(Date(2026, 1, 27)), Date(2026, 1, 26));
  EXPECT_EQ(week_monday(Date(2026, 2, 1)), Date(2026, 1, 26)) << "Sunday ends the week";
  EXPECT_EQ(week_monday(Date(2026, 1, 1)), Date(2025, 12, 29));
}

// Dates of Western Easter to 2100, less two days, from the published tables.
TEST(Calendar, KnowsGoodFridayToTheEndOfTheCentury) {
  for (const char* day : {"1990-04-13", "2000-04-21", "2008-03-21", "2011-04-22", "2038-04-23", "2049-04-16",
                          "2076-04-17", "2100-03-26"}) {
    EXPECT_EQ(closed_reason(Date::of(day)), "Good Friday") << day;
  }
}

// The half days that NYSE announced for 2023 to 2028.
TEST(Calendar, KnowsHalfDays) {
  for (const char* day : {"2023-07-03", "2023-11-24", "2024-07-03", "2024-11-29", "2024-12-24", "2025-07-03",
                          "2025-11-28", "2025-12-24", "2026-11-27", "2026-12-24", "2027-11-26", "2028-07-03"})
    EXPECT_EQ(closing_time(Date::of(day)), std::chrono::hours(13)) << day;
  for (const char* day : {"2022-07-01", "2026-07-02", "2026-11-25", "2026-12-23", "2026-01-26", "2027-12-23"})
    EXPECT_EQ(closing_time(Date::of(day)), std::chrono::hours(16)) << day;
}

TEST(Calendar, RefusesDaysThatItDoesNotKnow) {
  EXPECT_TRUE(is_session(Date(1990, 1, 2)));
  EXPECT_TRUE(is_session(previous_session(Date(2100, 12, 31))));
  const auto expect_refusal = [](auto&& ask) {
    try {
      static_cast<void>(ask());
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_FALSE(error.hint().empty());
    }
  };
  expect_refusal([] { return is_session(Date(1989, 12, 29)); });
  expect_refusal([] { return closed_reason(Date(2101, 1, 3)); });
  expect_refusal([] { return previous_session(Date(1990, 1, 2)); });
  expect_refusal([] { return count_sessions({Date(1980, 1, 1), Date(2000, 1, 1)}); });
}

}  // namespace
}  // namespace am::market
