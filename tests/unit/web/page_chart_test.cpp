#include "web/picks/page_chart.hpp"

#include <cmath>
#include <regex>

#include <gtest/gtest.h>

#include "support/html.hpp"

namespace am::web {
namespace {

DayChart chart_with(std::vector<ChartPoint> points) {
  return {
      "days",
      Date(2026, 1, 26),
      {{"XOM", false, false, points}, {"T", true, false, points}, {"SPY", false, true, std::move(points)}}};
}

/// Every coordinate that is drawn.
std::vector<double> numbers_of(const std::string& svg) {
  static const std::regex number(R"re((?:x|y|x1|x2|y1|y2|cx|cy|width|height)="(-?[0-9.]+)")re");
  std::vector<double> out;
  for (std::sregex_iterator at(svg.begin(), svg.end(), number), end; at != end; ++at)
    out.push_back(std::stod((*at)[1]));
  return out;
}

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

void expect_within(const std::string& svg, double width, double height) {
  EXPECT_EQ(test::html_problems(svg), std::vector<std::string>());
  for (const double number : numbers_of(svg)) {
    EXPECT_TRUE(std::isfinite(number));
    EXPECT_GE(number, 0);
    EXPECT_LE(number, std::max(width, height));
  }
  for (const char* bad : {"nan", "inf", "e+"}) EXPECT_EQ(svg.find(std::string("=\"") + bad), svg.npos) << svg;
}

TEST(PageChart, WithoutADayThereIsNone) {
  EXPECT_EQ(draw_chart(chart_with({}), ChartSize::wide), "");
  EXPECT_EQ(draw_chart({"days", Date(2026, 1, 26), {}}, ChartSize::narrow), "");
}

TEST(PageChart, OneDayIsALineFromTheBaseline) {
  const std::string svg = draw_chart(chart_with({{1, Decimal::of("1.5")}}), ChartSize::wide);
  expect_within(svg, 824, 400);
  EXPECT_EQ(count(svg, "class=\"run\""), 3);
  EXPECT_EQ(count(svg, "<circle"), 1) << "the first pick's mark; the second one's is a square";
  EXPECT_NE(svg.find("+1.50 %"), svg.npos);
  EXPECT_NE(svg.find("XOM, day 1: +1.50 %"), svg.npos);
  EXPECT_NE(svg.find(">SELL</tspan>"), svg.npos) << "a falling line can be what was hoped for";
}

TEST(PageChart, FourteenDaysFitWithTheirLabels) {
  std::vector<ChartPoint> points;
  for (int day = 1; day <= 14; ++day) points.push_back({day, Decimal(day % 2 == 0 ? -day : day)});
  expect_within(draw_chart(chart_with(points), ChartSize::wide), 824, 400);
  expect_within(draw_chart(chart_with(points), ChartSize::narrow), 360, 340);
}

TEST(PageChart, ClosedDaysAreShadedOncePerRun) {
  const DayChart plain = chart_with({{1, Decimal(1)}});
  EXPECT_EQ(count(draw_chart(plain, ChartSize::wide), "class=\"closed\""), 2) << "two weekends";
  DayChart holiday = plain;
  holiday.run_date = Date(2026, 1, 19);  // Martin Luther King Jr. Day
  EXPECT_EQ(count(draw_chart(holiday, ChartSize::wide), "class=\"closed\""), 3);
  DayChart later = plain;
  later.run_date = Date(2200, 1, 6);
  EXPECT_EQ(count(draw_chart(later, ChartSize::wide), "class=\"closed\""), 0) << "the calendar has ended";
}

TEST(PageChart, ExtremeValuesStayInside) {
  for (const char* value : {"-100", "0", "0.0000000001", "-99.99999999", "123456789", "1e30", "-1e4000"}) {
    for (const ChartSize size : {ChartSize::wide, ChartSize::narrow})
      expect_within(draw_chart(chart_with({{1, Decimal(3)}, {9, Decimal::of(value)}}), size), 824, 400);
  }
}

TEST(PageChart, EscapesNamesAndCutsLongOnes) {
  DayChart chart = chart_with({{3, Decimal(1)}});
  chart.lines[0].name = "</svg><script>alert(1)</script>\"'";
  const std::string svg = draw_chart(chart, ChartSize::wide);
  EXPECT_EQ(test::html_problems(svg), std::vector<std::string>());
  EXPECT_EQ(svg.find("<script"), svg.npos);
}

TEST(PageChart, TheSummarySaysWhatTheLinesSay) {
  EXPECT_EQ(
      chart_summary(chart_with({{1, Decimal(2)}, {4, Decimal::of("-0.456")}})),
      "BUY XOM \u22120.46 % on day 4, SELL T \u22120.46 % on day 4, benchmark SPY \u22120.46 % on day 4");
}

TEST(SpreadLabels, KeepTheirPlacesWhenThereIsRoom) {
  EXPECT_EQ(spread_labels({10, 90, 50}, 20, 0, 100), (std::vector<double>{10, 90, 50}));
  EXPECT_TRUE(spread_labels({}, 20, 0, 100).empty());
}

TEST(SpreadLabels, ArePushedApartAroundTheirMiddle) {
  EXPECT_EQ(spread_labels({50, 50, 50}, 20, 0, 100), (std::vector<double>{30, 50, 70}));
  EXPECT_EQ(spread_labels({40, 50, 90}, 20, 0, 100), (std::vector<double>{35, 55, 90}));
}

TEST(SpreadLabels, StayInTheFrame) {
  EXPECT_EQ(spread_labels({0, 1, 2}, 20, 0, 100), (std::vector<double>{0, 20, 40}));
  EXPECT_EQ(spread_labels({99, 100, 98}, 20, 0, 100), (std::vector<double>{80, 100, 60}));
  EXPECT_EQ(spread_labels({99, 100, 98}, 20, 0, 30), (std::vector<double>{20, 40, 0}))
      << "no room: apart all the same";
}

}  // namespace
}  // namespace am::web
