#include "am/forecast/bench.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <ctime>
#include <exception>
#include <map>
#include <mutex>
#include <span>
#include <thread>

#include "accuracy.hpp"
#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "forecast/models/theta.hpp"

namespace am::forecast {

namespace {

constexpr int kLeastHorizonsBefore = 3;

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Errors of points, first over the steps of a series, then over series.
struct PointSums {
  double smape = 0, mase = 0;
  int count = 0;

  void add(double y, double y_hat, double scale) {
    if (std::isnan(y)) return;
    smape += y == y_hat ? 0 : 200 * std::abs(y - y_hat) / (std::abs(y) + std::abs(y_hat));
    mase += std::abs(y - y_hat) / scale;
    ++count;
  }
  void add(const PointSums& series) {
    if (series.count == 0) return;
    smape += series.smape / series.count;
    mase += series.mase / series.count;
    ++count;
  }
};

PointSums points(const BenchCase& one, std::span<const double> path, double scale) {
  PointSums sums;
  for (std::size_t step = 0; step < one.truth.size(); ++step) sums.add(one.truth[step], path[step], scale);
  return sums;
}

BenchScore score_of(std::string name, const PointSums& sums, const PointSums& yardstick) {
  BenchScore score{.name = std::move(name), .series = sums.count};
  if (sums.count == 0) return score;
  score.smape = sums.smape / sums.count;
  score.mase = sums.mase / sums.count;
  const auto over = [](double a, double b) { return b > 0 ? a / b : 1; };
  score.owa = (over(sums.smape, yardstick.smape) + over(sums.mase, yardstick.mase)) / 2;
  return score;
}

/// Adds the means over the steps of one series.
void add_bounds(BenchBounds& sums, const BenchCase& one, std::span<const Bounds> days, double scale) {
  BenchBounds mine;
  int count = 0;
  for (std::size_t step = 0; step < one.truth.size(); ++step) {
    const double y = one.truth[step];
    if (std::isnan(y)) continue;
    const Bounds& b = days[step];
    mine.covered95 += b.lo <= y && y <= b.hi ? 1 : 0;
    mine.covered80 += b.lo80 <= y && y <= b.hi80 ? 1 : 0;
    mine.msis += (b.hi - b.lo + 40 * std::max(b.lo - y, 0.0) + 40 * std::max(y - b.hi, 0.0)) / scale;
    ++count;
  }
  if (count == 0) return;
  sums.covered95 += mine.covered95 / count;
  sums.covered80 += mine.covered80 / count;
  sums.msis += mine.msis / count;
}

std::vector<int> candidates_of(const std::vector<int>& seasons) {
  if (seasons.empty() || seasons == std::vector{7}) return {7, 364};
  if (seasons == std::vector{24}) return {24, 168};
  return seasons;
}

/// The shortest season, where at least half of the series show it.
int found_scale(const std::vector<BenchCase>& cases, const std::vector<int>& candidates) {
  const int shortest = *std::ranges::min_element(candidates);
  const auto shows = [&](const BenchCase& one) { return !seasons_of(one.past, {&shortest, 1}).empty(); };
  return 2 * std::ranges::count_if(cases, shows) >= std::ssize(cases) ? shortest : 1;
}

/// Does work(i) for each i below count, by several threads. What one throws ends them all.
void in_parallel(std::size_t count, int threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr problem;
  const auto loop = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      const std::lock_guard lock(mutex);
      if (!problem) problem = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(loop);
    loop();
  }
  if (problem) std::rethrow_exception(problem);
}

}  // namespace

BenchCases bench_cases(std::vector<BenchSeries> train, const std::vector<BenchSeries>& test, int horizon,
                       const std::string& subject) {
  std::map<std::string_view, const BenchSeries*> by_name;
  for (const BenchSeries& series : test) by_name[series.name] = &series;
  BenchCases result;
  for (BenchSeries& series : train) {
    const auto found = by_name.find(series.name);
    if (found == by_name.end()) {
      throw Error(ErrorKind::data, subject + ": no series " + shown(series.name) +
                                       " (expected a row for each of the training part)");
    }
    const std::vector<double>& truth = found->second->values;
    if (std::ssize(truth) < horizon) {
      throw Error(ErrorKind::data, subject + ":" + std::to_string(found->second->line) + ":1: series " +
                                       shown(series.name) + " is too short (expected " +
                                       std::to_string(horizon) + " values, got " +
                                       std::to_string(truth.size()) + ")");
    }
    result.cases.push_back({.name = std::move(series.name),
                            .past = std::move(series.values),
                            .truth = {truth.begin(), truth.begin() + horizon}});
  }
  return result;
}

BenchCases bench_cases_at(std::vector<BenchSeries> train, int horizon, int origin) {
  BenchCases result;
  for (BenchSeries& series : train) {
    const std::ptrdiff_t cut = std::ssize(series.values) - static_cast<std::ptrdiff_t>(origin) * horizon;
    if (cut < static_cast<std::ptrdiff_t>(kLeastHorizonsBefore) * horizon) {
      ++result.skipped;
      continue;
    }
    const auto from = series.values.begin() + cut;
    std::vector<double> truth(from, from + horizon);
    series.values.erase(from, series.values.end());
    result.cases.push_back(
        {.name = std::move(series.name), .past = std::move(series.values), .truth = std::move(truth)});
  }
  return result;
}

std::vector<double> naive2(const std::vector<double>& past, int season, int horizon) {
  std::vector<double> factors = {1};
  if (season > 1 && !seasons_of(past, {&season, 1}).empty()) factors = seasonal_factors(past, season);
  std::size_t last = past.size();
  while (last > 0 && std::isnan(past[last - 1])) --last;
  const double level = last == 0 ? 0 : past[last - 1] / factors[(last - 1) % factors.size()];
  std::vector<double> path;
  for (int step = 0; step < horizon; ++step)
    path.push_back(level * factors[(past.size() + static_cast<std::size_t>(step)) % factors.size()]);
  return path;
}

BenchResult run_bench(const std::vector<BenchCase>& cases, const BenchOptions& options,
                      const std::function<void()>& between) {
  const std::vector<int> candidates = candidates_of(options.seasons);
  BenchResult result;
  result.scale = options.scale ? *options.scale : found_scale(cases, candidates);
  result.forecasts.resize(cases.size());
  std::vector<double> seconds(cases.size());
  in_parallel(cases.size(), options.threads, [&](std::size_t i) {
    between();
    const double start = thread_seconds();
    result.forecasts[i] =
        forecast_series({.values = cases[i].past, .candidates = candidates},
                        {.steps = options.horizon, .lead = 0, .span = options.horizon, .days = {}});
    seconds[i] = thread_seconds() - start;
  });

  PointSums ours, yardstick;
  struct OfMember {
    PointSums ours, yardstick;
  };
  std::map<std::string, OfMember> members;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    result.cpu_seconds += seconds[i];
    result.slowest_seconds = std::max(result.slowest_seconds, seconds[i]);
    const BenchCase& one = cases[i];
    const std::optional<double> step = usual_step(one.past, static_cast<std::size_t>(result.scale));
    if (!step) continue;
    const double scale = *step;
    const Forecast& forecast = result.forecasts[i];
    std::vector<double> path;
    for (const Bounds& day : forecast.days) path.push_back(day.y_hat);
    ours.add(points(one, path, scale));
    const PointSums naive = points(one, naive2(one.past, result.scale, options.horizon), scale);
    yardstick.add(naive);
    add_bounds(result.bounds, one, forecast.days, scale);
    for (const Member& member : forecast.members) {
      if (!member.dropped.empty()) continue;
      members[member.name].ours.add(points(one, member.y_hat, scale));
      members[member.name].yardstick.add(naive);
    }
  }
  if (ours.count == 0)
    throw Error(ErrorKind::data, "no series changes in its training part: there is nothing to score");
  result.forecast = score_of("", ours, yardstick);
  result.naive2 = score_of("Naive2", yardstick, yardstick);
  for (const auto& [name, sums] : members)
    result.members.push_back(score_of(name, sums.ours, sums.yardstick));
  result.bounds.covered95 /= ours.count;
  result.bounds.covered80 /= ours.count;
  result.bounds.msis /= ours.count;
  return result;
}

}  // namespace am::forecast
