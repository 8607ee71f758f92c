#include "am/forecast/forecast.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "sample_series.hpp"

namespace am::forecast {
namespace {

using test::ahead;
using test::daily;
using test::Stream;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

void expect_sound(const Forecast& f, int steps, const char* what) {
  SCOPED_TRACE(what);
  ASSERT_EQ(f.days.size(), static_cast<std::size_t>(steps));
  std::vector<Bounds> all = f.days;
  for (const Total& total : f.totals) all.push_back(total.bounds);
  for (const Bounds& b : all) {
    for (const double y : {b.y_hat, b.lo, b.hi, b.lo80, b.hi80}) ASSERT_TRUE(std::isfinite(y));
    ASSERT_LE(b.lo, b.lo80);
    ASSERT_LE(b.lo80, b.y_hat);
    ASSERT_LE(b.y_hat, b.hi80);
    ASSERT_LE(b.hi80, b.hi);
  }
  EXPECT_FALSE(f.model_version.empty());
  double weights = 0;
  for (const Member& member : f.members) weights += member.weight;
  if (!f.members.empty()) {
    EXPECT_NEAR(weights, 1, 1e-9);
  }
}

TEST(ForecastSeries, KnowsTheWeekAndItsBoundsHold) {
  const SeriesInput whole = daily(700);
  SeriesInput input = whole;
  input.values.resize(672);
  input.days.resize(672);
  const Forecast f = forecast_series(input, ahead(input, 28));
  expect_sound(f, 28, "daily");
  EXPECT_TRUE(f.logs);
  ASSERT_FALSE(f.seasons.empty());
  EXPECT_EQ(f.seasons.front(), 7);
  EXPECT_EQ(f.origins, 24);
  int inside = 0;
  for (std::size_t i = 0; i < 28; ++i) {
    EXPECT_NEAR(f.days[i].y_hat / whole.values[672 + i], 1, 0.12) << i;
    inside += f.days[i].lo <= whole.values[672 + i] && whole.values[672 + i] <= f.days[i].hi ? 1 : 0;
  }
  EXPECT_GE(inside, 25);
  ASSERT_EQ(f.totals.size(), 7U);  // four weeks, two months, all
  EXPECT_EQ(f.totals.front().kind, Total::Kind::week);
  EXPECT_EQ(f.totals.back().count, 28);
  double sum = 0, lows = 0;
  for (const Bounds& day : f.days) {
    sum += day.y_hat;
    lows += day.lo;
  }
  EXPECT_NEAR(f.totals.back().bounds.y_hat, sum, 1e-9 * sum);
  EXPECT_GT(f.totals.back().bounds.lo, lows);
}

TEST(ForecastSeries, NeverFails) {
  struct Case {
    const char* what;
    std::vector<double> values;
  };
  std::vector<Case> cases = {
      {"nothing", {}},
      {"all missing", std::vector<double>(40, kNothing)},
      {"one", {5}},
      {"three", {1, 2, 4}},
      {"three with gaps", {1, kNothing, kNothing, 2, kNothing, 4, kNothing}},
      {"all equal", std::vector<double>(200, 7.0)},
      {"all zero", std::vector<double>(200, 0.0)},
      {"huge", {1e308, -1e308, 1e308, 1.7e308, 1e308, -1.7e308}},
      {"infinite", {1, 2, std::numeric_limits<double>::infinity(), 3, 4}},
      {"tiny", std::vector<double>(50, std::numeric_limits<double>::denorm_min())},
  };
  for (const int length : {2, 5, 8, 13, 20, 21, 22, 30, 35, 50, 57, 80, 120}) {
    Stream stream(static_cast<std::uint64_t>(length));
    Case& made = cases.emplace_back(Case{"short", {}});
    for (int t = 0; t < length; ++t) made.values.push_back(10 + stream.next() + (t % 7 == 0 ? 5 : 0));
  }
  const auto changed = [&](const char* what, auto&& change) {
    Case& made = cases.emplace_back(Case{what, daily(400).values});
    for (std::size_t t = 0; t < made.values.size(); ++t) change(t, made.values[t]);
  };
  changed("huge values", [](std::size_t t, double& y) { y *= t % 2 == 0 ? 1e300 : 1e290; });
  changed("both signs", [](std::size_t t, double& y) { y *= t % 3 == 0 ? -1 : 1; });
  changed("a spike in the middle", [](std::size_t t, double& y) { y = t == 200 ? 1e9 : y; });
  changed("a spike at the end", [](std::size_t t, double& y) { y = t == 399 ? 1e9 : y; });
  changed("a weekday always missing", [](std::size_t t, double& y) { y = t % 7 == 2 ? kNothing : y; });
  changed("every other day missing", [](std::size_t t, double& y) { y = t % 2 == 0 ? kNothing : y; });
  changed("nearly all missing", [](std::size_t t, double& y) { y = t % 97 != 0 ? kNothing : y; });
  changed("a long gap", [](std::size_t t, double& y) { y = t > 100 && t < 300 ? kNothing : y; });
  changed("stops", [](std::size_t t, double& y) { y = t > 300 ? kNothing : y; });
  changed("stops at zero", [](std::size_t t, double& y) { y = t > 300 ? 0 : y; });
  changed("starts late", [](std::size_t t, double& y) { y = t < 350 ? kNothing : y; });
  changed("a level that jumps", [](std::size_t t, double& y) { y = t < 380 ? y : 1000 * y; });
  changed("a line", [](std::size_t t, double& y) { y = 5 + 3.0 * static_cast<double>(t); });
  changed("a pure week", [](std::size_t t, double& y) { y = static_cast<double>(t % 7); });
  changed("mostly zero", [](std::size_t t, double& y) { y = t % 23 == 0 ? 3 : 0; });
  for (const Case& c : cases) {
    const Horizon horizon{.steps = 35, .lead = 3, .span = 28, .days = {}};
    expect_sound(forecast_series({.values = c.values}, horizon), 35, c.what);
    SeriesInput positive{.values = c.values};
    positive.non_negative = true;
    positive.zero_means_missing = true;
    const Forecast f = forecast_series(positive, horizon);
    expect_sound(f, 35, c.what);
    for (const Bounds& day : f.days) ASSERT_GE(day.lo, 0) << c.what;
  }
}

TEST(ForecastSeries, TwentyYears) {
  SeriesInput input = daily(7305);
  expect_sound(forecast_series(input, ahead(input, 400)), 400, "twenty years");
  for (std::size_t t = 5; t < input.values.size(); t += 29) input.values[t] = kNothing;
  expect_sound(forecast_series(input, ahead(input, 400)), 400, "twenty years with gaps");
}

TEST(ForecastSeries, TheSameInputGivesTheSameBits) {
  const SeriesInput input = daily(500);
  const Forecast one = forecast_series(input, ahead(input, 28));
  const std::vector<double> elsewhere(11);  // the next one's memory lies elsewhere
  const Forecast two = forecast_series(input, ahead(input, 28));
  for (std::size_t i = 0; i < 28; ++i) {
    EXPECT_EQ(one.days[i].y_hat, two.days[i].y_hat);
    EXPECT_EQ(one.days[i].lo, two.days[i].lo);
    EXPECT_EQ(one.days[i].hi80, two.days[i].hi80);
  }
}

void expect_scaled(const Forecast& f, const Forecast& scaled, double by, double tolerance) {
  ASSERT_EQ(f.days.size(), scaled.days.size());
  for (std::size_t i = 0; i < f.days.size(); ++i) {
    EXPECT_NEAR(scaled.days[i].y_hat / by, f.days[i].y_hat, tolerance * std::abs(f.days[i].y_hat)) << i;
    EXPECT_NEAR(scaled.days[i].hi / by, f.days[i].hi, tolerance * std::abs(f.days[i].hi)) << i;
  }
}

TEST(ForecastSeries, ScalesWithTheSeries) {
  for (const bool with_zeros : {false, true}) {
    SeriesInput input = daily(400);
    if (with_zeros) {
      for (std::size_t t = 0; t < input.values.size(); t += 31) input.values[t] = 0;
    }
    const Horizon horizon = ahead(input, 28);
    const Forecast f = forecast_series(input, horizon);
    EXPECT_EQ(f.logs, !with_zeros);
    SeriesInput scaled = input;
    for (double& y : scaled.values) y *= 1024;
    // A power of two changes no bit.
    expect_scaled(f, forecast_series(scaled, horizon), 1024, 0);
    scaled = input;
    for (double& y : scaled.values) y *= 1000;
    expect_scaled(f, forecast_series(scaled, horizon), 1000, 1e-6);
  }
}

TEST(ForecastSeries, ShiftsByWeeks) {
  SeriesInput input = daily(400);
  const Forecast f = forecast_series(input, ahead(input, 28));
  for (Date& day : input.days) day = day + 7 * 61;
  const Forecast later = forecast_series(input, ahead(input, 28));
  for (std::size_t i = 0; i < 28; ++i) {
    EXPECT_EQ(f.days[i].y_hat, later.days[i].y_hat);
    EXPECT_EQ(f.days[i].lo, later.days[i].lo);
  }
}

TEST(ForecastSeries, LooksAtNothingFromTheFirstDayOn) {
  SeriesInput input = daily(400);
  const Horizon horizon = ahead(input, 28, 2);
  const Forecast f = forecast_series(input, horizon);
  for (const Date day : horizon.days) {
    input.days.push_back(day);
    input.values.push_back(day < horizon.days[2] ? kNothing : 1e9);
  }
  // Its days now overlap those asked for: only the ones from the first on are cut off.
  Horizon same = horizon;
  same.lead = 0;
  same.days.assign(horizon.days.begin() + 2, horizon.days.end());
  const Forecast poisoned = forecast_series(input, same);
  for (std::size_t i = 0; i < 28; ++i) {
    EXPECT_EQ(f.days[i].y_hat, poisoned.days[i].y_hat);
    EXPECT_EQ(f.days[i].hi, poisoned.days[i].hi);
  }
}

TEST(ForecastSeries, ALongerRangeKeepsItsBeginning) {
  const SeriesInput input = daily(500);
  const Forecast few = forecast_series(input, ahead(input, 7));
  const Forecast many = forecast_series(input, ahead(input, 120));
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(few.days[i].y_hat, many.days[i].y_hat);
    EXPECT_EQ(few.days[i].lo, many.days[i].lo);
    EXPECT_EQ(few.days[i].hi80, many.days[i].hi80);
  }
  const Forecast late = forecast_series(input, ahead(input, 10, 20));
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(late.days[i].y_hat, many.days[i + 20].y_hat);
}

TEST(ForecastSeries, BoundsOfDaysAndSumsCoverWhatTheySay) {
  const SeriesInput whole = daily(1100, 11);
  int days95 = 0, days80 = 0, days = 0, sums95 = 0, sums80 = 0, sums = 0;
  for (std::size_t end = 400; end + 28 <= whole.values.size(); end += 28) {
    SeriesInput input = whole;
    input.values.resize(end);
    input.days.resize(end);
    const Forecast f = forecast_series(input, ahead(input, 28));
    for (std::size_t i = 0; i < 28; ++i, ++days) {
      const double y = whole.values[end + i];
      days95 += f.days[i].lo <= y && y <= f.days[i].hi ? 1 : 0;
      days80 += f.days[i].lo80 <= y && y <= f.days[i].hi80 ? 1 : 0;
    }
    for (const Total& total : f.totals) {
      if (total.kind != Total::Kind::week) continue;
      double y = 0;
      for (int i = 0; i < total.count; ++i)
        y += whole.values[end + static_cast<std::size_t>(total.first + i)];
      sums95 += total.bounds.lo <= y && y <= total.bounds.hi ? 1 : 0;
      sums80 += total.bounds.lo80 <= y && y <= total.bounds.hi80 ? 1 : 0;
      ++sums;
    }
  }
  // 700 days, 100 weeks or more: three deviations of a share around what they promise.
  EXPECT_GE(sums, 100);
  EXPECT_NEAR(1.0 * days95 / days, 0.95, 0.05);
  EXPECT_NEAR(1.0 * days80 / days, 0.80, 0.10);
  EXPECT_NEAR(1.0 * sums95 / sums, 0.95, 0.07);
  EXPECT_NEAR(1.0 * sums80 / sums, 0.80, 0.13);
}

TEST(ForecastSeries, WhatIsMostlyNothingHasTheBoundsOfWhatCame) {
  SeriesInput input;
  Stream stream(5);
  for (int t = 0; t < 600; ++t)
    input.values.push_back(stream.next() < 0.2 ? std::floor(1 + 5 * stream.next()) : 0);
  const Forecast f = forecast_series(input, {.steps = 28, .lead = 0, .span = 28, .days = {}});
  EXPECT_NE(f.model_version.find("intermittent"), std::string::npos);
  for (const Bounds& day : f.days) {
    EXPECT_EQ(day.lo, 0);
    EXPECT_GE(day.hi, 3);
    EXPECT_LE(day.hi, 5);
    EXPECT_LT(day.y_hat, 2);
  }
  EXPECT_GT(f.totals.back().bounds.lo, 0);  // four weeks bring something
  EXPECT_LT(f.totals.back().bounds.hi, 28 * 5);
}

// Millimetres of rain: sums of such leave rests in the last digit, and a dry day would lie below a bound of 1e-15.
TEST(ForecastSeries, ALowerBoundOfNothingIsZero) {
  SeriesInput input;
  Stream stream(5);
  for (int t = 0; t < 600; ++t) input.values.push_back(stream.next() < 0.3 ? 10 * stream.next() : 0);
  const Forecast f = forecast_series(input, {.steps = 28, .lead = 0, .span = 28, .days = {}});
  EXPECT_NE(f.model_version.find("intermittent"), std::string::npos);
  for (const Bounds& day : f.days) {
    EXPECT_EQ(day.lo, 0);
    EXPECT_EQ(day.lo80, 0);
  }
}

TEST(ForecastSeries, BoundsNeverNarrowWithTheHorizon) {
  SeriesInput input;  // no week, so that the width is the model's alone
  Stream stream(3);
  double level = 500;
  for (int t = 0; t < 300; ++t) input.values.push_back(level += stream.next() - 0.5);
  const Forecast f = forecast_series(input, {.steps = 60, .lead = 0, .span = 28, .days = {}});
  for (std::size_t i = 1; i < f.days.size(); ++i) {
    const auto width = [&](std::size_t step) { return std::log(f.days[step].hi / f.days[step].lo); };
    EXPECT_GE(width(i), width(i - 1) - 1e-12) << i;
  }
}

TEST(ForecastSeries, ASpikeAtTheEndIsNotBelievedASecondIs) {
  SeriesInput input = daily(400);
  const Forecast usual = forecast_series(input, ahead(input, 7));
  EXPECT_FALSE(usual.outlier.has_value());
  input.values.back() = 1e9;
  const Forecast once = forecast_series(input, ahead(input, 7));
  EXPECT_EQ(once.outlier, 399);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(once.days[i].y_hat / usual.days[i].y_hat, 1, 0.05);
  input.values[398] = 1e9;
  EXPECT_FALSE(forecast_series(input, ahead(input, 7)).outlier.has_value());
}

TEST(ForecastSeries, AMissingDayCostsLittle) {
  SeriesInput input = daily(400);
  const Forecast whole = forecast_series(input, ahead(input, 14));
  for (std::size_t t = 5; t < 400; t += 29) input.values[t] = kNothing;
  const Forecast gappy = forecast_series(input, ahead(input, 14));
  for (std::size_t i = 0; i < 14; ++i) EXPECT_NEAR(gappy.days[i].y_hat / whole.days[i].y_hat, 1, 0.05) << i;
}

TEST(ForecastSeries, HolidaysAreTakenOutAndPutBack) {
  SeriesInput input = daily(1400);
  std::vector<Holiday> holidays;
  for (const Date day : {Date(2021, 12, 22), Date(2022, 12, 21), Date(2023, 12, 20), Date(2024, 12, 18)}) {
    holidays.push_back({day, "feast"});  // a Wednesday that moves
    holidays.push_back({day + 1, "the day after"});
  }
  for (const Holiday& holiday : holidays) {
    const int at = holiday.date - test::kFirstDay;
    if (at >= 0 && at < 1400) input.values[static_cast<std::size_t>(at)] *= 0.3;
  }
  const Horizon horizon = ahead(input, 60);  // from 2024-11-04
  const Forecast blind = forecast_series(input, horizon);
  input.holidays = holidays;
  const Forecast f = forecast_series(input, horizon);
  ASSERT_FALSE(f.holidays.empty());
  const auto feast = static_cast<std::size_t>(Date(2024, 12, 18) - horizon.days.front());
  EXPECT_NEAR(f.days[feast].y_hat / f.days[feast - 7].y_hat, 0.3,
              0.06);  // drawn towards a usual day by a seventh
  EXPECT_GT(blind.days[feast].y_hat, 1.3 * f.days[feast].y_hat);
  EXPECT_NEAR(f.days[feast - 2].y_hat / blind.days[feast - 2].y_hat, 1, 0.1);
  // A set that ends is no failure: then the day is a usual one.
  std::erase_if(input.holidays, [](const Holiday& h) { return h.date.year() == 2024; });
  const Forecast ended = forecast_series(input, horizon);
  EXPECT_GT(ended.days[feast].y_hat, 0.8 * blind.days[feast].y_hat);
}

TEST(ForecastSeries, WorkingDaysHaveAWeekOfFive) {
  const SeriesInput all = daily(900);
  SeriesInput input;
  for (std::size_t t = 0; t < all.days.size(); ++t) {
    if (all.days[t].weekday().iso_encoding() > 5 || all.days[t].ymd().day() == std::chrono::day{25}) continue;
    input.days.push_back(all.days[t]);
    input.values.push_back(all.values[t]);
  }
  Horizon horizon{.steps = 10, .lead = 0, .span = 20, .days = {}};
  for (Date day = input.days.back() + 1; horizon.days.size() < 10; day = day + 1) {
    if (day.weekday().iso_encoding() <= 5) horizon.days.push_back(day);
  }
  const Forecast f = forecast_series(input, horizon);
  ASSERT_FALSE(f.seasons.empty());
  EXPECT_EQ(f.seasons.front(), 5);
  expect_sound(f, 10, "working days");
}

TEST(ForecastSeries, RefusesDatesThatDoNotFit) {
  SeriesInput input = daily(50);
  Horizon horizon = ahead(input, 7);
  horizon.days.pop_back();
  EXPECT_THROW(forecast_series(input, horizon), Error);
  EXPECT_THROW(forecast_series({.values = {1, 2}}, ahead(input, 7)), Error);
  EXPECT_THROW(forecast_series({.values = {1, 2}}, {.steps = 0, .lead = 0, .span = 28, .days = {}}), Error);
}

}  // namespace
}  // namespace am::forecast
