#include "forecast/accuracy.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace am::forecast {
namespace {

TEST(Accuracy, TheSeasonIsTheOneOfTheForecast) {
  EXPECT_EQ(season_of_version("pool/1 logs s7+364 o24"), 7U);
  EXPECT_EQ(season_of_version("pool/1 s260"), 260U);
  EXPECT_EQ(season_of_version("naive/1"), 1U);
  EXPECT_EQ(season_of_version("test/1 some seven"), 1U);

  SeriesInput input;
  for (int i = 0; i < 200; ++i) input.values.push_back(10 + (i % 7 == 0 ? 5 : 0) + i % 3);
  const Forecast forecast = forecast_series(input, {.steps = 7, .lead = 0, .span = 7, .days = {}});
  ASSERT_FALSE(forecast.seasons.empty());
  EXPECT_EQ(season_of_version(forecast.model_version), static_cast<std::size_t>(forecast.seasons.front()));
}

TEST(Accuracy, SpansMeetWithoutAGap) {
  EXPECT_EQ(span_of_step(1), 0U);
  EXPECT_EQ(span_of_step(7), 0U);
  EXPECT_EQ(span_of_step(8), 1U);
  EXPECT_EQ(span_of_step(28), 1U);
  EXPECT_EQ(span_of_step(29), 2U);
  EXPECT_EQ(span_of_step(400), 2U);
}

TEST(Accuracy, AYardstickIsWhatWasKnown) {
  const double missing = std::nan("");
  const std::vector<double> past = {1, 3, 2, missing, 8, missing};
  EXPECT_DOUBLE_EQ(Yardstick(past, 1).step.value(), 1.5);  // 2 and 1
  EXPECT_EQ(Yardstick(past, 1).naive, 8);
  EXPECT_DOUBLE_EQ(Yardstick(past, 2).step.value(), 3.5);  // 1 and 6
  EXPECT_FALSE(Yardstick(past, 9).step);
  EXPECT_FALSE(Yardstick({}, 1).step);
  EXPECT_EQ(seasonal_naive(past, 1, 2), 8);
  EXPECT_EQ(seasonal_naive(past, 2, 2), 3) << "the season before has none";
  EXPECT_EQ(seasonal_naive(past, 3, 2), 8) << "a day ahead is no past";
}

}  // namespace
}  // namespace am::forecast
