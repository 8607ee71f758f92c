#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "am/forecast/import.hpp"
#include "support/error_of.hpp"

namespace am::forecast {
namespace {

using testing::ElementsAre;

Date utc_day(const std::string& /*series*/, Instant at) {
  return Date{std::chrono::floor<std::chrono::days>(at)};
}

std::map<std::string, SeriesObservations> read(const std::string& text, Twice twice = Twice::refuse) {
  return ObservationFile("f.csv", text).read(twice, utc_day);
}

std::string refusal(const std::string& text, Twice twice = Twice::refuse) {
  return test::error_of([&] { read(text, twice); }).message();
}

const Date kDay(2016, 8, 1);

TEST(ObservationImport, ReadsTheLongForm) {
  const auto all = read("series,date,value\na,2016-08-02,2\nb,2016-08-01,3\na,2016-08-01,-1.5e2\n");
  EXPECT_THAT(all.at("a").days, ElementsAre(Observed{kDay, -150}, Observed{kDay + 1, 2}));
  EXPECT_THAT(all.at("b").days, ElementsAre(Observed{kDay, 3}));
}

TEST(ObservationImport, ReadsTheWideFormAndTheSameFromBoth) {
  const auto wide = read("date,a,b\n2016-08-01,-150,3\n2016-08-02,2,\n");
  const auto along = read("value,Series,DATE\n2,a,2016-08-02\n-150,a,2016-08-01\n3,b,2016-08-01\n");
  EXPECT_EQ(wide.at("a").days, along.at("a").days);
  EXPECT_EQ(wide.at("b").days, along.at("b").days);
  EXPECT_THAT(wide.at("b").empty_days, ElementsAre(kDay + 1));
}

TEST(ObservationImport, TakesOtherSeparatorsMarksAndLineEnds) {
  for (const char* text : {"date;a\r\n2016-08-01;1.5\r\n", "date\ta\n2016-08-01\t1.5\n",
                           "\xEF\xBB\xBF"
                           "date,a\n\n2016-08-01,1.5\n",
                           "date,a\n2016-08-01,\"1.5\""})
    EXPECT_THAT(read(text).at("a").days, ElementsAre(Observed{kDay, 1.5})) << text;
}

TEST(ObservationImport, SumsMomentsByDay) {
  const auto all = read(
      "series,date,value\na,2016-08-01T23:59:59Z,1\na,2016-08-01T00:00:00Z,2\na,2016-08-02T01:00:00+02:00,4\n"
      "a,2016-08-02T00:00:00Z,8\n");
  EXPECT_THAT(all.at("a").days, ElementsAre(Observed{kDay, 7}, Observed{kDay + 1, 8}));
}

TEST(ObservationImport, ADayTwiceIsWhatIsAskedFor) {
  const std::string text = "date,a\n2016-08-01,1\n2016-08-01,4\n";
  EXPECT_EQ(refusal(text), "f.csv:3:1: 2016-08-01 is there twice (expected once, or --twice)");
  EXPECT_THAT(read(text, Twice::sum).at("a").days, ElementsAre(Observed{kDay, 5}));
  EXPECT_THAT(read(text, Twice::last).at("a").days, ElementsAre(Observed{kDay, 4}));
  EXPECT_THAT(read(text, Twice::mean).at("a").days, ElementsAre(Observed{kDay, 2.5}));
  const std::string moments =
      "date,a\n2016-08-01T01:00:00Z,1\n2016-08-01T01:00:00Z,4\n2016-08-01T02:00:00Z,10\n";
  EXPECT_EQ(refusal(moments), "f.csv:3:1: 2016-08-01T01:00:00Z is there twice (expected once, or --twice)");
  EXPECT_THAT(read(moments, Twice::last).at("a").days, ElementsAre(Observed{kDay, 14}));
}

TEST(ObservationImport, NamesAFaultByLineAndColumn) {
  const struct {
    const char *text, *message;
  } cases[] = {
      {"date,a,b\n2016-08-01,1,nan\n",
       "f.csv:2:14: 'nan' is no number (expected digits with a point, such as 1234.5)"},
      {"date,a\n2016-08-01,inf\n",
       "f.csv:2:12: 'inf' is no number (expected digits with a point, such as 1234.5)"},
      {"date;a\n2016-08-01;1,234\n",
       "f.csv:2:12: '1,234' is no number (expected digits with a point, such as 1234.5)"},
      {"date,a\n2016-08-01,\"1,234\"\n",
       "f.csv:2:12: '1,234' is no number (expected digits with a point, such as 1234.5)"},
      {"date,a\n2016-08-01,1e999\n",
       "f.csv:2:12: '1e999' is no number (expected digits with a point, such as 1234.5)"},
      {"date,a\n2016-02-30,1\n",
       "f.csv:2:1: '2016-02-30' is no day (expected YYYY-MM-DD, or a moment such as 2026-01-26T14:00:00Z)"},
      {"date,a\n01/08/2016,1\n",
       "f.csv:2:1: '01/08/2016' is no day (expected YYYY-MM-DD, or a moment such as 2026-01-26T14:00:00Z)"},
      {"date,a\n2016-08-01,1\n2016-08-01T00:00:00Z,2\n",
       "f.csv:3:1: dates and moments of one series (expected one kind)"},
      {"series,date,value\na b,2016-08-01,1\n", "f.csv:2:1: 'a b' is no name of a series"},
      {"date,a\n2016-08-01\n", "f.csv:2:1: expected 2 fields, got 1"},
      {"day,a\n2016-08-01,1\n",
       "f.csv:1:1: no column date (expected series,date,value, or date and a column for each series)"},
      {"", "f.csv:1:1: no header"},
  };
  for (const auto& each : cases) EXPECT_EQ(refusal(each.text), each.message);
}

TEST(ObservationImport, ASumThatIsNoNumberIsRefused) {
  EXPECT_EQ(refusal("date,a\n2016-08-01,1e308\n2016-08-01,1e308\n", Twice::sum),
            "f.csv: a 2016-08-01: its sum is too large");
}

TEST(HolidayImport, ReadsDaysAndNames) {
  const auto days = read_holidays("h.csv", "name,date\n\"Day, of rest\",2016-12-26\nChristmas,2016-12-25\n");
  ASSERT_EQ(days.size(), 2U);
  EXPECT_EQ(days[0].name, "Christmas");
  EXPECT_EQ(days[1].name, "Day, of rest");
  const auto refused = [](const char* text) {
    return test::error_of([&] { read_holidays("h.csv", text); }).message();
  };
  EXPECT_EQ(refused("date,name\n2016-12-25,\n"),
            "h.csv:2:12: '' is no name (expected 1 to 200 bytes of one line)");
  EXPECT_EQ(refused("date,name\n2016-12-25,a\n2016-12-25,b\n"), "h.csv:3:1: 2016-12-25 is there twice");
  EXPECT_EQ(refused("date,day\n"), "h.csv:1:1: no columns date and name");
}

}  // namespace
}  // namespace am::forecast
