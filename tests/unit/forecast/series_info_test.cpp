#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "am/forecast/numbers.hpp"
#include "am/forecast/series.hpp"
#include "am/forecast/sparkline.hpp"
#include "am/kernel/zone.hpp"

namespace am::forecast {
namespace {

using testing::ElementsAre;

TEST(SeriesCalendar, KnowsItsDays) {
  const DateRange christmas{Date(2015, 12, 23), Date(2015, 12, 28)};  // Wednesday to Monday
  EXPECT_EQ(SeriesCalendar::parse("all")->days(christmas).size(), 6U);
  EXPECT_THAT(SeriesCalendar::parse("weekdays")->days(christmas),
              ElementsAre(Date(2015, 12, 23), Date(2015, 12, 24), Date(2015, 12, 25), Date(2015, 12, 28)));
  EXPECT_THAT(SeriesCalendar::parse("nyse")->days(christmas),
              ElementsAre(Date(2015, 12, 23), Date(2015, 12, 24), Date(2015, 12, 28)));
  EXPECT_THAT(SeriesCalendar::parse("sun,wed")->days(christmas),
              ElementsAre(Date(2015, 12, 23), Date(2015, 12, 27)));
  EXPECT_TRUE(
      SeriesCalendar::parse("nyse")->has(Date(1980, 12, 25)));  // before the exchange's calendar begins
  for (const char* text : {"", "mon,mon", "monday", "mon,", "all,mon", "NYSE"})
    EXPECT_FALSE(SeriesCalendar::parse(text)) << text;
}

TEST(SeriesInfo, SaysWhatIsWrongWithIt) {
  const auto problem = [](auto change) {
    SeriesInfo series{.name = "rides"};
    change(series);
    return problem_of(series).value_or("");
  };
  EXPECT_EQ(problem([](SeriesInfo&) {}), "");
  EXPECT_EQ(problem([](SeriesInfo& s) { s.name = "-rides"; }),
            "name '-rides': expected 1 to 63 letters, digits and _ . : -, the first a letter or digit");
  EXPECT_EQ(problem([](SeriesInfo& s) { s.calendar = "daily"; }),
            "calendar 'daily': expected all, weekdays, nyse, or days such as mon,wed,fri");
  EXPECT_EQ(problem([](SeriesInfo& s) { s.season = "7,364"; }), "");
  for (const char* season : {"1", "364,7", "7,7", "7,x", "07", "7,14,28,364", ""})
    EXPECT_NE(problem([&](SeriesInfo& s) { s.season = season; }), "") << season;
  EXPECT_NE(problem([](SeriesInfo& s) { s.unit = "a\nb"; }), "");
  EXPECT_NE(problem([](SeriesInfo& s) { s.holidays = "the us"; }), "");
  EXPECT_EQ(problem([](SeriesInfo& s) { s.source = "close:alpha-vantage/SPY"; }), "");
  EXPECT_EQ(problem([](SeriesInfo& s) { s.source = "close:SPY"; }),
            "source 'close:SPY': expected sql:NAME or close:PRICES/SYMBOL");
}

TEST(SeriesInfo, ADayIsKnownWhenItIsOverInItsZone) {
  const SeriesInfo chicago{.name = "rides", .zone = "America/Chicago"};
  EXPECT_EQ(last_known_day(chicago, *parse_rfc3339("2016-08-02T04:59:59Z")), Date(2016, 7, 31));
  EXPECT_EQ(last_known_day(chicago, *parse_rfc3339("2016-08-02T05:00:00Z")), Date(2016, 8, 1));
  const SeriesInfo late{.name = "rides", .lag_days = 3};
  EXPECT_EQ(last_known_day(late, *parse_rfc3339("2016-08-04T00:00:00Z")), Date(2016, 8, 1));
}

TEST(Zone, KnowsDaysThatAClockChangeCuts) {
  const auto day = [](const char* at) { return kernel::date_in_zone("Europe/Berlin", *parse_rfc3339(at)); };
  EXPECT_EQ(day("2016-03-26T23:00:00Z"), Date(2016, 3, 27));
  EXPECT_EQ(day("2016-03-27T21:59:59Z"), Date(2016, 3, 27));  // 23 hours
  EXPECT_EQ(day("2016-03-27T22:00:00Z"), Date(2016, 3, 28));
  EXPECT_EQ(kernel::instant_in_zone("Europe/Berlin", Date(2016, 3, 27), std::chrono::minutes(150)),
            *parse_rfc3339("2016-03-27T01:00:00Z"));  // 2:30 is skipped
  EXPECT_TRUE(kernel::is_zone("UTC"));
  for (const char* name : {"", "Europe", "Mars/Olympus", "../etc/passwd"})
    EXPECT_FALSE(kernel::is_zone(name)) << name;
}

TEST(Numbers, AreReadStrictly) {
  for (const char* text :
       {"", "-", "+1", " 1", "1 ", "inf", "nan", "0x10", "1,5", "1_0", "--1", "1e", "1e400", "e5"})
    EXPECT_FALSE(parse_number(text)) << text;
  EXPECT_EQ(parse_number("-1.5e-3"), -0.0015);
  EXPECT_EQ(parse_number(".5"), 0.5);
}

TEST(Numbers, AreWrittenExactOrRounded) {
  EXPECT_EQ(parse_number(exact_text(0.1 + 0.2)), 0.1 + 0.2);
  EXPECT_EQ(number_text(0.1 + 0.2), "0.3");
  EXPECT_EQ(number_text(-0.0), "0");
  EXPECT_EQ(number_text(1e20), "1e+20");
  EXPECT_EQ(stored(1.0 / 3), 0.333333333333);
  EXPECT_EQ(short_text(15.7244), "15.72");
  EXPECT_EQ(short_text(8397.4969), "8397");
  EXPECT_EQ(short_text(123456.7), "123457");
  EXPECT_EQ(short_text(0.01234), "0.0123");
  EXPECT_EQ(short_text(-0.00001), "0.0000");
  EXPECT_EQ(short_text(1e300), "1e+300");
}

TEST(Sparkline, DrawsTheLeastAndTheGreatest) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(sparkline({0, 7, nan, 3.5}), ElementsAre("▁", "█", " ", "▅"));
  EXPECT_THAT(sparkline({2, 2}), ElementsAre("▅", "▅"));
  EXPECT_THAT(sparkline({-1.7e308, 1.7e308}), ElementsAre("▁", "█"));
}

}  // namespace
}  // namespace am::forecast
