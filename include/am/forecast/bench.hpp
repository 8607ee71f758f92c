#pragma once
// How good the models are on a set of series with a known end, scored as the M4 competition scores: every series is forecast
// once, from its training part alone. For choosing models and for comparing them with others; no database.
//
// Threads: pure but for the threads that run_bench starts itself; the result does not depend on how many.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/forecast/forecast.hpp"

namespace am::forecast {

inline constexpr int kMostBenchHorizon = 10000;

struct BenchSeries {
  std::string name;
  std::vector<double> values;  ///< oldest first; NaN: missing; neither its first nor its last is
  int line = 1;                ///< of its row
};

/// Shape:   CSV: a header, then a row for each series: its name, then its values. Rows may be filled up with empty cells. An
///          empty cell between values, NA or NaN is a missing one.
/// Errors:  Error{data} "subject:line:col: problem".
std::vector<BenchSeries> read_bench_series(const std::string& subject, std::string_view text);

/// What one series is forecast from, and what came.
struct BenchCase {
  std::string name;
  std::vector<double> past;
  std::vector<double> truth;  ///< as many as the horizon has
};
struct BenchCases {
  std::vector<BenchCase> cases;
  int skipped = 0;  ///< with less than three horizons before the origin
};
/// Each of train with its row of test.
/// Errors:  Error{data} naming `subject`, the test file: it lacks a series, or a series is shorter than the horizon.
BenchCases bench_cases(std::vector<BenchSeries> train, const std::vector<BenchSeries>& test, int horizon,
                       const std::string& subject);
/// The K-th last horizon of the training part itself, for choices: the test part has the last word only.
BenchCases bench_cases_at(std::vector<BenchSeries> train, int horizon, int origin);

struct BenchOptions {
  int horizon = 1;
  std::vector<int>
      seasons{};  ///< lengths that are looked for; 7 alone brings 364, 24 alone 168; empty: 7 and 364
  std::optional<int>
      scale{};  ///< lag of MASE and of Naive2; empty: the shortest season if most series show it, else 1
  int threads = 1;
};

/// Means over the series, of means over the steps.
struct BenchScore {
  std::string name;  ///< of the model; empty: of the forecast, which is made of all
  int series = 0;    ///< that it is of: those whose training part changes at all
  double smape = 0;  ///< percent
  double mase = 0;
  double owa = 0;  ///< mean of both over those of Naive2
};

struct BenchBounds {
  double covered95 = 0, covered80 = 0;  ///< of 1
  double msis = 0;  ///< of the 95 % bounds: their width and 40 times what lies outside, scaled as MASE
};

struct BenchResult {
  int scale = 1;
  std::vector<Forecast> forecasts;  ///< of the cases, in order
  BenchScore forecast, naive2;
  BenchBounds bounds;
  std::vector<BenchScore> members;  ///< each over the series where it has a say, against Naive2 of the same
  double cpu_seconds = 0;           ///< of the forecasts, over all threads
  double slowest_seconds = 0;       ///< of one series
};

/// between: asked before each series, from any thread; what it throws ends the work.
/// Errors:  Error{data}: no case has a scale.
BenchResult run_bench(const std::vector<BenchCase>& cases, const BenchOptions& options,
                      const std::function<void()>& between);

/// Naive2 of the M competitions: the last value, with the factors of the season where its lag's autocorrelation shows one.
/// Source: Makridakis, Spiliotis and Assimakopoulos 2020; the program of the M4 competition.
std::vector<double> naive2(const std::vector<double>& past, int season, int horizon);

}  // namespace am::forecast
