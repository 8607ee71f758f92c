// What a series may do to the forecast, and what it may not.
#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "am/forecast/forecast.hpp"
#include "am/forecast/import.hpp"
#include "am/forecast/series.hpp"
#include "am/kernel/file_read.hpp"
#include "sample_series.hpp"

namespace am::forecast {
namespace {

using test::ahead;
using test::daily;
using test::Stream;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

SeriesInput cut(const SeriesInput& whole, std::size_t first, std::size_t end) {
  SeriesInput input = whole;
  input.values.assign(whole.values.begin() + static_cast<std::ptrdiff_t>(first),
                      whole.values.begin() + static_cast<std::ptrdiff_t>(end));
  input.days.assign(whole.days.begin() + static_cast<std::ptrdiff_t>(first),
                    whole.days.begin() + static_cast<std::ptrdiff_t>(end));
  return input;
}

Horizon next_days(const SeriesInput& whole, std::size_t end, int steps) {
  const auto from = whole.days.begin() + static_cast<std::ptrdiff_t>(end);
  return {.steps = steps, .lead = 0, .span = 28, .days = {from, from + steps}};
}

/// The bundled rides with their holidays.
const SeriesInput& rides() {
  static const SeriesInput kRides = [] {
    const auto text = [](const char* name) {
      return kernel::read_file(std::string(AM_SOURCE_DIR "/examples/series/") + name).value();
    };
    SeriesInput input;
    for (const NamedDay& day : read_holidays("us", text("us-holidays.csv")))
      input.holidays.push_back({day.date, day.name});
    const ObservationFile file("rides", text("chicago-rides.csv"));
    const auto said = file.read(Twice::refuse, [](const std::string&, Instant) { return test::kFirstDay; });
    for (const Observed& day : said.at("rides").days) {
      input.days.push_back(day.date);
      input.values.push_back(day.value);
    }
    return input;
  }();
  return kRides;
}

TEST(ForecastRobustness, ASpikeInTheMiddleIsForgotten) {
  SeriesInput input = daily(400);
  const Forecast usual = forecast_series(input, ahead(input, 14));
  input.values[200] = 1e9;
  const Forecast spiked = forecast_series(input, ahead(input, 14));
  for (std::size_t i = 0; i < 14; ++i) {
    EXPECT_NEAR(spiked.days[i].y_hat / usual.days[i].y_hat, 1, 0.1) << i;
    EXPECT_LT(spiked.days[i].hi, 3 * usual.days[i].hi) << i;
  }
}

TEST(ForecastRobustness, WhatNeverChangesGoesOnWithoutDoubt) {
  const SeriesInput input{.values = std::vector<double>(200, 7.5)};
  for (const Bounds& day : forecast_series(input, {}).days) {
    EXPECT_NEAR(day.y_hat, 7.5, 1e-9);
    EXPECT_NEAR(day.lo, 7.5, 1e-6);
    EXPECT_NEAR(day.hi, 7.5, 1e-6);
  }
}

TEST(ForecastRobustness, ThreePointsStayNearThem) {
  for (const Bounds& day : forecast_series({.values = {10, 12, 11}}, {}).days) {
    EXPECT_GE(day.y_hat, 9);
    EXPECT_LE(day.y_hat, 13);
    EXPECT_LT(day.lo, day.y_hat);
    EXPECT_GT(day.hi, day.y_hat);
  }
}

TEST(ForecastRobustness, ALateStartIsAShortSeries) {
  const SeriesInput whole = daily(400);
  SeriesInput late = whole;
  for (std::size_t t = 0; t < 250; ++t) late.values[t] = kMissing;
  const SeriesInput brief = cut(whole, 250, 400);
  const Forecast one = forecast_series(late, ahead(late, 28));
  const Forecast other = forecast_series(brief, ahead(brief, 28));
  for (std::size_t i = 0; i < 28; ++i) {
    EXPECT_EQ(one.days[i].y_hat, other.days[i].y_hat);
    EXPECT_EQ(one.days[i].hi, other.days[i].hi);
  }
}

TEST(ForecastRobustness, ASeriesThatStopsIsForecastFromItsEnd) {
  const SeriesInput whole = daily(400);
  SeriesInput stopped = whole;
  for (std::size_t t = 390; t < 400; ++t) stopped.values[t] = kMissing;
  const SeriesInput brief = cut(whole, 0, 390);
  const Forecast one = forecast_series(stopped, ahead(stopped, 14));
  const Forecast other = forecast_series(brief, ahead(brief, 14, 10));
  for (std::size_t i = 0; i < 14; ++i) EXPECT_EQ(one.days[i].y_hat, other.days[i].y_hat);
}

TEST(ForecastRobustness, ALeapDayIsADayOfItsWeek) {
  SeriesInput input = daily(1147);  // to 2024-02-24
  ASSERT_EQ(input.days.back(), Date(2024, 2, 24));
  const Horizon horizon = ahead(input, 14);
  const Forecast f = forecast_series(input, horizon);
  ASSERT_EQ(horizon.days[4], Date(2024, 2, 29));
  EXPECT_NEAR(f.days[4].y_hat / f.days[11].y_hat, 1, 0.05);  // Thursdays
  int days_of_february = 0;
  for (const Total& total : f.totals) {
    if (total.kind == Total::Kind::month && total.first == 0) days_of_february = total.count;
  }
  EXPECT_EQ(days_of_february, 5);
  // Five years with two leap days, shifted by weeks so that none is where it was.
  SeriesInput moved = input;
  for (Date& day : moved.days) day = day + 7 * 60;
  const Forecast later = forecast_series(moved, ahead(moved, 14));
  for (std::size_t i = 0; i < 14; ++i) EXPECT_EQ(f.days[i].y_hat, later.days[i].y_hat);
}

TEST(ForecastRobustness, AWeekdayThatIsAlwaysMissingLeavesTheOthers) {
  SeriesInput input = daily(400);
  const Horizon horizon = ahead(input, 14);
  const Forecast usual = forecast_series(input, horizon);
  for (std::size_t t = 0; t < 400; ++t) {
    if (input.days[t].weekday().iso_encoding() == 3) input.values[t] = kMissing;
  }
  const Forecast f = forecast_series(input, horizon);
  for (std::size_t i = 0; i < 14; ++i) {
    if (horizon.days[i].weekday().iso_encoding() == 3) continue;
    EXPECT_NEAR(f.days[i].y_hat / usual.days[i].y_hat, 1, 0.06) << i;
  }
}

TEST(ForecastRobustness, SessionsOverChristmasAreFiveToAWeek) {
  const SeriesCalendar nyse = *SeriesCalendar::parse("nyse");
  SeriesInput input;
  Stream stream(9);
  double price = 100;
  for (const Date day : nyse.days({Date(2021, 1, 4), Date(2023, 12, 15)})) {
    input.days.push_back(day);
    input.values.push_back(price *= 1 + 0.02 * (stream.next() - 0.5));
  }
  Horizon horizon{
      .steps = 0, .lead = 0, .span = 20, .days = nyse.days({Date(2023, 12, 18), Date(2024, 1, 5)})};
  horizon.steps = static_cast<int>(horizon.days.size());
  ASSERT_EQ(horizon.steps, 13);  // neither Christmas nor New Year's Day
  const Forecast f = forecast_series(input, horizon);
  ASSERT_EQ(f.days.size(), 13U);
  for (const Bounds& day : f.days) EXPECT_NEAR(day.y_hat / price, 1, 0.03);
  std::vector<int> weeks;
  for (const Total& total : f.totals) {
    if (total.kind == Total::Kind::week) weeks.push_back(total.count);
  }
  EXPECT_EQ(weeks, (std::vector<int>{5, 4, 4}));
}

TEST(ForecastRobustness, PoisonBehindTheFirstDayIsNotLookedAtWhateverTheHolidays) {
  const SeriesInput& whole = rides();
  const std::size_t end = whole.values.size() - 300, begin = end - 1100;
  const SeriesInput clean = cut(whole, begin, end);
  SeriesInput poisoned = cut(whole, begin, whole.values.size());
  for (std::size_t t = 1100; t < poisoned.values.size(); ++t) poisoned.values[t] = 1e9;
  const Horizon horizon = next_days(whole, end, 28);
  const Forecast one = forecast_series(clean, horizon);
  const Forecast other = forecast_series(poisoned, horizon);
  EXPECT_EQ(one.model_version, other.model_version);
  for (std::size_t i = 0; i < 28; ++i) {
    EXPECT_EQ(one.days[i].y_hat, other.days[i].y_hat);
    EXPECT_EQ(one.days[i].lo, other.days[i].lo);
    EXPECT_EQ(one.days[i].hi80, other.days[i].hi80);
  }
}

// The last two years of the rides, month by month, each from its first day: what `make bench-forecast` does with all of the
// past, here with three years of it.
TEST(ForecastRobustness, BoundsOfMonthsCoverWhatTheySay) {
  const SeriesInput& whole = rides();
  int months = 0, within80 = 0, within95 = 0;
  for (std::size_t end = 1100; end < whole.days.size(); ++end) {
    const Date first = whole.days[end];
    if (first < Date(2014, 8, 1) || first >= Date(2016, 8, 1) || first.ymd().day() != std::chrono::day{1})
      continue;
    int steps = 0;
    double came = 0;
    for (; whole.days[end + static_cast<std::size_t>(steps)].ymd().month() == first.ymd().month(); ++steps)
      came += whole.values[end + static_cast<std::size_t>(steps)];
    const Forecast f = forecast_series(cut(whole, end - 1100, end), next_days(whole, end, steps));
    const Bounds& sum = f.totals.back().bounds;
    within80 += sum.lo80 <= came && came <= sum.hi80 ? 1 : 0;
    within95 += sum.lo <= came && came <= sum.hi ? 1 : 0;
    ++months;
  }
  EXPECT_EQ(months, 24);
  EXPECT_GE(within80, 17);  // 70 to 90 %
  EXPECT_LE(within80, 21);
  EXPECT_GE(within95, 21);
}

// Mean absolute errors on holidays, a year's worth of months: at most half of what they are when nobody names the days.
TEST(ForecastRobustness, HolidaysHalveTheErrorOnThemAtLeast) {
  const SeriesInput& whole = rides();
  std::set<Date> holidays;
  for (const Holiday& holiday : whole.holidays) holidays.insert(holiday.date);
  double without = 0, with = 0;
  int days = 0;
  for (std::size_t k = 1; k <= 13; ++k) {
    const std::size_t end = whole.values.size() - 28 * k;
    SeriesInput input = cut(whole, end - 1500, end);
    const Horizon horizon = next_days(whole, end, 28);
    const Forecast named = forecast_series(input, horizon);
    input.holidays.clear();
    const Forecast blind = forecast_series(input, horizon);
    for (std::size_t i = 0; i < 28; ++i) {
      if (!holidays.contains(horizon.days[i])) continue;
      with += std::abs(whole.values[end + i] - named.days[i].y_hat);
      without += std::abs(whole.values[end + i] - blind.days[i].y_hat);
      ++days;
    }
  }
  EXPECT_GE(days, 10);
  EXPECT_LT(with, without / 2);
}

}  // namespace
}  // namespace am::forecast
