#include "am/forecast/series_page.hpp"

#include <gtest/gtest.h>

#include "am/forecast/store.hpp"
#include "support/html.hpp"

namespace am::forecast {
namespace {

constexpr Date kFirst(2016, 8, 1);

Prediction predicted(int day, double y) {
  return {.date = kFirst + day,
          .bounds = {.y_hat = y, .lo = y - 4, .hi = y + 4, .lo80 = y - 2, .hi80 = y + 2},
          .model_version = "test/1",
          .as_of = kFirst - 1};
}

/// Of the body: what pages of a server are held to. The style sheet before it is the page's own.
std::vector<std::string> problems_of(const std::string& page) {
  return test::html_problems("<!doctype html><html lang=\"en\">" + page.substr(page.find("<body>")));
}

bool has_part(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

TEST(SeriesPage, DaysAreOfWhatIsKnownAndOfWhatIsPredicted) {
  Prediction came = predicted(1, 20);
  came.value = 21;
  const std::vector<SeriesDay> days =
      days_of({{kFirst, 10}, {kFirst + 1, 21}, {kFirst + 3, 30}}, {came, predicted(2, 25), predicted(4, 40)});
  ASSERT_EQ(days.size(), 5U);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(days[static_cast<std::size_t>(i)].date, kFirst + i);
  EXPECT_FALSE(days[0].bounds);
  EXPECT_EQ(days[1].value, 21);
  EXPECT_TRUE(days[1].bounds && days[2].bounds && !days[3].bounds);
  EXPECT_FALSE(days[2].value);
  EXPECT_EQ(days[4].as_of, kFirst - 1);
}

/// A day that never came lies in the past once a later one did.
TEST(SeriesPage, AGapIsNotToCome) {
  const SeriesSheet sheet{.name = "gaps",
                          .days = days_of({{kFirst + 1, 20}}, {predicted(0, 10), predicted(2, 30)})};
  ASSERT_EQ(days_to_come(sheet.days).size(), 1U);
  EXPECT_TRUE(has_part(answer_html(sheet), "On Wednesday, 3 August 2016 expected: 30.00;"));
  const DayHead head = [](Date day) { return day.to_string(); };
  EXPECT_FALSE(has_part(coming_html(sheet.days, 9, head), "2016-08-01<"));
  const std::string past = past_html(sheet.days, 9, head);
  EXPECT_TRUE(has_part(past, "2016-08-01<") && has_part(past, "not known"));
}

TEST(SeriesPage, WhatIsLeftOutIsCounted) {
  std::vector<Prediction> coming;
  for (int i = 0; i < 9; ++i) coming.push_back(predicted(i, 10));
  const std::string html = coming_html(days_of({}, coming), 7, [](Date day) { return day.to_string(); });
  EXPECT_TRUE(has_part(html, "2 more are in the data"));
  EXPECT_FALSE(has_part(html, "2016-08-08"));
}

TEST(SeriesPage, AnswersWhereNothingIsToCome) {
  EXPECT_EQ(answer_html({.name = "bare"}), "Nothing is known of this series yet.");
  EXPECT_EQ(answer_html({.name = "known", .days = days_of({{kFirst, 1}}, {})}),
            "Nothing is expected of the days to come: no forecast was asked for.");
  Prediction within = predicted(0, 10);
  within.value = 11;
  Prediction above = predicted(1, 10);
  above.value = 15;
  EXPECT_EQ(
      answer_html({.name = "over", .days = days_of({}, {within, above})}),
      "Nothing is expected of the days to come: no forecast was asked for. Of 2 days that were predicted and came, 1 "
      "lay within the bounds at 95\u00a0%.");
}

TEST(SeriesPage, EarlierForecastsStandBesideTheirDay) {
  std::vector<SeriesDay> days = days_of({{kFirst, 10}}, {predicted(1, 20)});
  days[1].value = 22;
  add_earlier(days, {{.date = kFirst + 1, .week_before = 19, .month_before = {}}, {.date = kFirst + 7}});
  EXPECT_EQ(days[1].week_before, 19);
  EXPECT_FALSE(days[1].month_before);
}

TEST(SeriesPage, OfYearsTheNewestAreDrawn) {
  const SeriesSheet sheet{.name = "years",
                          .drawn_from = kFirst + 1,
                          .days = days_of({{kFirst, 1}, {kFirst + 1, 2}}, {predicted(2, 3)})};
  const std::string html = render_html(sheet);
  EXPECT_TRUE(has_part(html, "What came from 2016-08-02 to 2016-08-02"));
}

TEST(SeriesPage, IsOneFileAndEverythingInItIsText) {
  SeriesSheet sheet{
      .name = "rides",
      .unit = "<b>kg</b>",
      .as_of = kFirst,
      .days = days_of({{kFirst, -10}}, {predicted(1, -20)}),
      .totals =
          {{.kind = "week", .first = kFirst, .last = kFirst + 6, .bounds = {.y_hat = 70}, .as_of = kFirst}},
      .scores = {{.kind = "live", .as_of = kFirst, .span = {.days = 7, .mase = 0.5}}}};
  const std::string html = render_html(sheet);
  EXPECT_EQ(problems_of(html), std::vector<std::string>());
  EXPECT_TRUE(has_part(html, "<title>rides: forecast</title>"));
  EXPECT_TRUE(has_part(html, "style-src 'sha256-"));
  EXPECT_TRUE(has_part(html, "&lt;b&gt;kg"));
  EXPECT_TRUE(has_part(html, "\u221220.00"));
  EXPECT_TRUE(has_part(html, "<caption>Weeks</caption>"));
  EXPECT_TRUE(has_part(html, "1 to 7 days ahead"));
  EXPECT_FALSE(has_part(html, "<script") || has_part(html, "http:") || has_part(html, "https:"));
  EXPECT_EQ(problems_of(render_html({.name = "bare"})), std::vector<std::string>());
}

TEST(ExchangeHolidays, AreNamedInTheExchangesSetAlone) {
  const Date christmas(2000, 12, 25);
  EXPECT_EQ(exchange_holiday("nyse", christmas), "Christmas Day");
  EXPECT_FALSE(exchange_holiday("nyse", christmas + 1));
  EXPECT_FALSE(exchange_holiday("nyse", Date(2000, 12, 23))) << "a weekend is none";
  EXPECT_FALSE(exchange_holiday("nyse", Date(2200, 12, 25)));
  EXPECT_FALSE(exchange_holiday("us", christmas));
}

}  // namespace
}  // namespace am::forecast
