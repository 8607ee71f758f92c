#include "am/forecast/band_chart.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "support/html.hpp"

namespace am::forecast {
namespace {

SeriesDay band_day(int day, std::optional<double> value, std::optional<double> expected) {
  SeriesDay out{.date = Date(2016, 8, 1) + day, .value = value};
  if (expected) {
    out.bounds = Bounds{.y_hat = *expected,
                        .lo = *expected - 4,
                        .hi = *expected + 4,
                        .lo80 = *expected - 2,
                        .hi80 = *expected + 2};
  }
  return out;
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(BandChart, OfNothingIsNothing) {
  EXPECT_EQ(draw_bands("a", {}, BandSize::wide), "");
  EXPECT_EQ(bands_summary({}), "");
  EXPECT_EQ(draw_spark({}, {}), "");
}

TEST(BandChart, ADayWithoutBoundsEndsABand) {
  const std::string svg =
      draw_bands("a", {band_day(0, 10, 11), band_day(1, 12, {}), band_day(2, {}, 11), band_day(3, {}, 12)},
                 BandSize::wide);
  EXPECT_EQ(times(svg, "<path class=\"outer\""), 2U);
  EXPECT_EQ(times(svg, "<path class=\"inner\""), 2U);
  EXPECT_EQ(times(svg, "<path class=\"came\""), 1U);
}

TEST(BandChart, SaysInWordsWhatItShows) {
  EXPECT_EQ(
      bands_summary({band_day(0, 10, {}), band_day(1, 12.5, {}), band_day(2, {}, 11)}),
      "What came from 2016-08-01 to 2016-08-02, the last 12.50; expected to 2016-08-03: 11.00, 95 % within 7.000 to "
      "15.00.");
}

TEST(BandChart, DrawsWhateverADoubleHolds) {
  constexpr double kHuge = std::numeric_limits<double>::max();
  for (const auto& [low, high] :
       {std::pair{-kHuge, kHuge}, std::pair{0.0, 0.0}, std::pair{5e-324, 1e-320}, std::pair{2000.0, 2000.0},
        std::pair{-1e-9, -1e-10}, std::pair{2000.0, 2001.0}}) {
    for (const BandSize size : {BandSize::wide, BandSize::narrow}) {
      const std::string svg = draw_bands("a", {band_day(0, low, {}), band_day(1, high, {})}, size);
      EXPECT_EQ(svg.find("nan"), svg.npos) << low << "\n" << svg;
      EXPECT_EQ(svg.find("inf"), svg.npos) << low << "\n" << svg;
      EXPECT_LT(svg.size(), 4000U) << low;
      EXPECT_EQ(test::html_problems("<!doctype html><html lang=\"en\"><body>" + svg + "</body></html>"),
                std::vector<std::string>());
    }
    const std::string spark = draw_spark({low}, {high});
    EXPECT_EQ(spark.find("nan"), spark.npos) << spark;
  }
}

TEST(BandChart, AYearIsNamedWhereTheSameDayComesTwice) {
  EXPECT_EQ(
      times(draw_bands("a", {band_day(0, 1, {}), band_day(364, 2, {})}, BandSize::wide), ">1 Aug</text>"),
      1U);
  const std::string svg = draw_bands("a", {band_day(0, 1, {}), band_day(365, 2, {})}, BandSize::narrow);
  EXPECT_EQ(times(svg, ">Aug 2016</text>"), 1U) << svg;
  EXPECT_EQ(times(svg, ">Aug 2017</text>"), 1U) << svg;
}

TEST(BandChart, ALevelFarFromZeroIsNotDrawnFromThere) {
  const std::string svg = draw_bands("a", {band_day(0, 2000, {}), band_day(1, 2010, {})}, BandSize::wide);
  EXPECT_NE(svg.find(">2000</text>"), svg.npos) << svg;
  EXPECT_EQ(svg.find(">0</text>"), svg.npos) << svg;
}

}  // namespace
}  // namespace am::forecast
