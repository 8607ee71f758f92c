#include "am/forecast/bench.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "am/base/error.hpp"
#include "r_datasets.hpp"
#include "sample_series.hpp"

namespace am::forecast {
namespace {

std::string bench_refusal(std::string_view text) {
  try {
    read_bench_series("a.csv", text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    return error.what();
  }
  return "none";
}

TEST(BenchSeries, AreReadWithTheirGaps) {
  const auto all = read_bench_series(
      "a.csv",
      "\xEF\xBB\xBF\"V1\",\"V2\",\"V3\",\"V4\"\r\n\"W1\",\"1.5\",,\"-2\",\"\",\"\"\r\n\r\nW2,NA,7,NA,1e3\r\n\"a,b\"");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].name, "W1");
  ASSERT_EQ(all[0].values.size(), 3U);
  EXPECT_EQ(all[0].values[0], 1.5);
  EXPECT_TRUE(std::isnan(all[0].values[1]));
  EXPECT_EQ(all[0].values[2], -2);
  ASSERT_EQ(all[1].values.size(), 3U);
  EXPECT_EQ(all[1].values.front(), 7);
  EXPECT_EQ(all[1].values.back(), 1000);
  EXPECT_EQ(all[2].name, "a,b");
  EXPECT_TRUE(all[2].values.empty());
}

TEST(BenchSeries, SayWhereTheyAreBad) {
  EXPECT_EQ(bench_refusal(""), "a.csv:1:1: no series in it (expected a header and rows)");
  EXPECT_EQ(bench_refusal("V1,V2\n"), "a.csv:1:1: no series in it (expected a header and rows)");
  EXPECT_EQ(bench_refusal("W1,1,2\nW2,1,2\n"),
            "a.csv:1:4: a number where the header is (expected a name for each column, such as V1,V2)");
  EXPECT_EQ(bench_refusal("V1,V2\nW1,1,x\n"),
            "a.csv:2:6: 'x' is no number (expected digits with a point, such as 1234.5)");
  EXPECT_EQ(bench_refusal("V1,V2\nW1,\"1\",\"inf\"\n").substr(0, 13), "a.csv:2:8: 'i");
  EXPECT_EQ(bench_refusal("V1,V2\nW1,\"1\n"), "a.csv:2:4: a quote that is never closed");
  EXPECT_EQ(bench_refusal("V1,V2\n\"W1\"x,1\n"), "a.csv:2:1: text behind a closing quote");
  EXPECT_EQ(bench_refusal("V1,V2\n,1\n"), "a.csv:2:1: a series without a name");
  EXPECT_EQ(bench_refusal("V1,V2\nW1,1\nW1,2\n"), "a.csv:3:1: series 'W1' is there twice (expected once)");
}

TEST(BenchCases, AreOfTheTestPartOrOfTheEndOfTheTrainingPart) {
  const std::vector<BenchSeries> train = {{.name = "a", .values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
                                          {.name = "b", .values = {1, 2, 3}}};
  const BenchCases cases = bench_cases_at(train, 2, 2);
  EXPECT_EQ(cases.skipped, 1);
  ASSERT_EQ(cases.cases.size(), 1U);
  EXPECT_EQ(cases.cases[0].past, (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(cases.cases[0].truth, (std::vector<double>{7, 8}));
  EXPECT_THROW(bench_cases(train, {{.name = "a", .values = {1, 2}}}, 2, "t.csv"), Error);
  EXPECT_THROW(
      bench_cases(train, {{.name = "a", .values = {1, 2}}, {.name = "b", .values = {1}}}, 2, "t.csv"), Error);
  const BenchCases given =
      bench_cases(train, {{.name = "b", .values = {4, 5, 6}}, {.name = "a", .values = {11, 12}}}, 2, "t.csv");
  EXPECT_EQ(given.cases[1].truth, (std::vector<double>{4, 5}));
}

void expect_near(const std::vector<double>& path, const std::vector<double>& expected) {
  ASSERT_EQ(path.size(), expected.size());
  for (std::size_t i = 0; i < path.size(); ++i) EXPECT_NEAR(path[i], expected[i], 1e-6) << i;
}

// R 4.2.2: f3 of the M4 competition's program (github Mcompetitions/M4-methods, "4Theta method.R"), SeasonalityTest and
// decompose(type = "multiplicative") as they are there; head(AirPassengers, 140), nottem, Nile with a season of 4.
TEST(Naive2, IsThatOfTheCompetition) {
  const std::vector<double> passengers(test::kAirPassengers.begin(), test::kAirPassengers.begin() + 140);
  expect_near(naive2(passengers, 12, 14),
              {526.8073878, 457.8898802, 397.9912716, 446.4978133, 452.1638189, 438.9475607, 505.6378752,
               484.3875911, 486.5730446, 552.0132255, 609.3007421, 606.0000000, 526.8073878, 457.8898802});
  const std::vector<double> nottem(test::kNottem.begin(), test::kNottem.end());
  expect_near(naive2(nottem, 12, 3), {37.83093187, 37.28225830, 40.11063465});
  const std::vector<double> nile(test::kNile.begin(), test::kNile.end());
  expect_near(naive2(nile, 4, 3), {716.0154628, 715.7540623, 680.5570472});
  expect_near(naive2(nile, 1, 2), {740, 740});
  expect_near(naive2({1, std::nan("")}, 1, 1), {1});
  expect_near(naive2({}, 7, 1), {0});
}

std::vector<BenchCase> sample_cases() {
  std::vector<BenchSeries> train;
  for (const int seed : {3, 5, 7})
    train.push_back(
        {.name = std::to_string(seed), .values = test::daily(300, static_cast<std::uint64_t>(seed)).values});
  train.push_back({.name = "same", .values = std::vector<double>(300, 4.0)});
  return bench_cases_at(train, 14, 1).cases;
}

TEST(Bench, ScoresAsTheCompetitionDoes) {
  const std::vector<BenchCase> cases = sample_cases();
  const BenchResult found = run_bench(cases, {.horizon = 14, .seasons = {7}, .scale = 1}, [] {});
  EXPECT_EQ(found.forecast.series, 3);  // what never changes has no scale
  double smape = 0, mase = 0, msis = 0, naive = 0, inside = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    double step = 0;
    for (std::size_t t = 1; t < cases[i].past.size(); ++t)
      step += std::abs(cases[i].past[t] - cases[i].past[t - 1]);
    step /= static_cast<double>(cases[i].past.size() - 1);
    for (std::size_t k = 0; k < 14; ++k) {
      const double y = cases[i].truth[k];
      const Bounds& b = found.forecasts[i].days[k];
      smape += 200 * std::abs(y - b.y_hat) / (y + b.y_hat) / 42;
      mase += std::abs(y - b.y_hat) / step / 42;
      naive += std::abs(y - cases[i].past.back()) / step / 42;
      msis += (b.hi - b.lo + (y < b.lo ? 40 * (b.lo - y) : 0) + (y > b.hi ? 40 * (y - b.hi) : 0)) / step / 42;
      inside += b.lo <= y && y <= b.hi ? 1.0 / 42 : 0;
    }
  }
  EXPECT_NEAR(found.forecast.smape, smape, 1e-9);
  EXPECT_NEAR(found.forecast.mase, mase, 1e-9);
  EXPECT_NEAR(found.naive2.mase, naive, 1e-9);
  EXPECT_NEAR(found.forecast.owa, (smape / found.naive2.smape + mase / naive) / 2, 1e-9);
  EXPECT_NEAR(found.bounds.msis, msis, 1e-9);
  EXPECT_NEAR(found.bounds.covered95, inside, 1e-9);
  EXPECT_EQ(found.naive2.owa, 1);
  EXPECT_FALSE(found.members.empty());
  // A series of one value alone: nothing to score with.
  EXPECT_THROW(run_bench({cases.back()}, {.horizon = 14}, [] {}), Error);
}

TEST(Bench, FindsItsScaleAndDoesNotDependOnThreads) {
  const std::vector<BenchCase> cases = sample_cases();
  const BenchResult one = run_bench(cases, {.horizon = 14}, [] {});
  EXPECT_EQ(one.scale, 7);
  EXPECT_EQ(one.forecasts[0].seasons, (std::vector<int>{7}));
  const BenchResult three = run_bench(cases, {.horizon = 14, .threads = 3}, [] {});
  for (std::size_t i = 0; i < cases.size(); ++i) {
    for (std::size_t k = 0; k < 14; ++k)
      EXPECT_EQ(one.forecasts[i].days[k].hi, three.forecasts[i].days[k].hi);
  }
  EXPECT_EQ(run_bench({{"w", cases[0].past, cases[0].truth}}, {.horizon = 14, .seasons = {52}}, [] {}).scale,
            1);
}

TEST(Bench, EndsWhenAskedTo) {
  const auto stop = [] { throw Error(ErrorKind::interrupted, "asked"); };
  EXPECT_THROW(run_bench(sample_cases(), {.horizon = 14, .threads = 2}, stop), Error);
}

}  // namespace
}  // namespace am::forecast
