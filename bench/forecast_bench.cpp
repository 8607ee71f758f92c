// How good the forecasts are on a set of series in the M4 competition's format, and how long they take.
//
//   forecast_bench --train F --test F --horizon H [--season 7,364] [--scale 1] [--origin K] [--limit N] [--members]
//
// --scale is the lag that MASE divides by; Naive2 is naive at scale 1, else seasonal naive there. --origin K scores the K-th
// last horizon of the training part, for choices: the test part is for the last word only. Times are CPU seconds.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/forecast/forecast.hpp"
#include "am/kernel/file_read.hpp"

namespace {

using am::forecast::Bounds;

struct Options {
  std::string train, test;
  int horizon = 13, scale = 1, origin = 0, limit = 0;
  std::vector<int> seasons;
  bool members = false;
};

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "forecast_bench: %s\n", why.c_str());
  std::exit(2);
}

int number(std::string_view text) {
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) fail("no number: " + std::string(text));
  return value;
}

template <class Each>
void split(std::string_view text, char by, Each&& each) {
  while (true) {
    const std::size_t at = text.find(by);
    each(text.substr(0, at));
    if (at == std::string_view::npos) return;
    text.remove_prefix(at + 1);
  }
}

Options options_of(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--members") {
      o.members = true;
      continue;
    }
    if (++i == argc) fail("no value for " + std::string(flag));
    const std::string_view value = argv[i];
    if (flag == "--train") {
      o.train = value;
    } else if (flag == "--test") {
      o.test = value;
    } else if (flag == "--horizon") {
      o.horizon = number(value);
    } else if (flag == "--scale") {
      o.scale = number(value);
    } else if (flag == "--origin") {
      o.origin = number(value);
    } else if (flag == "--limit") {
      o.limit = number(value);
    } else if (flag == "--season") {
      split(value, ',', [&](std::string_view one) { o.seasons.push_back(number(one)); });
    } else {
      fail("no such flag: " + std::string(flag));
    }
  }
  return o;
}

/// name -> values: a header, then a quoted name and as many quoted values as there are.
std::vector<std::pair<std::string, std::vector<double>>> series_of(const std::string& path) {
  const auto text = am::kernel::read_file(path, {.most = std::size_t{1} << 30U});
  if (!text) fail(path + ": " + text.error().reason);
  std::vector<std::pair<std::string, std::vector<double>>> all;
  bool header = true;
  split(*text, '\n', [&](std::string_view line) {
    if (std::exchange(header, false) || line.empty()) return;
    auto& [name, values] = all.emplace_back();
    bool first = true;
    split(line, ',', [&](std::string_view cell) {
      while (!cell.empty() && (cell.front() == '"' || cell.front() == ' ')) cell.remove_prefix(1);
      while (!cell.empty() && (cell.back() == '"' || cell.back() == '\r')) cell.remove_suffix(1);
      if (std::exchange(first, false)) {
        name = cell;
        return;
      }
      if (cell.empty() || cell == "NA") return;
      double y = 0;
      std::from_chars(cell.data(), cell.data() + cell.size(), y);
      values.push_back(y);
    });
  });
  return all;
}

/// Sums over the steps of one series, or over series.
struct Score {
  double smape = 0, absolute = 0, in95 = 0, in80 = 0, interval = 0, count = 0;
  void add(double y, const Bounds& b) {
    smape += y == b.y_hat ? 0 : 200 * std::abs(y - b.y_hat) / (std::abs(y) + std::abs(b.y_hat));
    absolute += std::abs(y - b.y_hat);
    in95 += b.lo <= y && y <= b.hi ? 1 : 0;
    in80 += b.lo80 <= y && y <= b.hi80 ? 1 : 0;
    interval += b.hi - b.lo + 40 * std::max(b.lo - y, 0.0) + 40 * std::max(y - b.hi, 0.0);
    ++count;
  }
};

struct Mean {
  double smape = 0, mase = 0, in95 = 0, in80 = 0, msis = 0, count = 0;
  void add(const Score& s, double scale) {
    smape += s.smape / s.count;
    mase += s.absolute / s.count / scale;
    in95 += 100 * s.in95 / s.count;
    in80 += 100 * s.in80 / s.count;
    msis += s.interval / s.count / scale;
    ++count;
  }
};

double naive_step(const std::vector<double>& values, int lag) {
  double sum = 0;
  for (std::size_t t = static_cast<std::size_t>(lag); t < values.size(); ++t) {
    sum += std::abs(values[t] - values[t - static_cast<std::size_t>(lag)]);
  }
  return sum / (static_cast<double>(values.size()) - lag);
}

}  // namespace

int main(int argc, char** argv) {
  const Options o = options_of(argc, argv);
  auto train = series_of(o.train);
  std::map<std::string, std::vector<double>> test;
  if (o.origin == 0) {
    for (auto& [name, values] : series_of(o.test)) test[name] = values;
  }
  Mean ours, naive;
  std::map<std::string, Mean> by_member;
  double seconds = 0, slowest = 0;
  for (auto& [name, values] : train) {
    if (o.limit > 0 && ours.count >= o.limit) break;
    std::vector<double> truth;
    if (o.origin == 0) {
      truth = test[name];
    } else {
      const auto cut =
          static_cast<std::ptrdiff_t>(values.size()) - static_cast<std::ptrdiff_t>(o.origin) * o.horizon;
      if (cut < 3 * o.horizon) continue;
      truth.assign(values.begin() + cut, values.begin() + cut + o.horizon);
      values.resize(static_cast<std::size_t>(cut));
    }
    am::forecast::SeriesInput input{.values = values};
    input.candidates = o.seasons;
    const std::clock_t start = std::clock();
    const am::forecast::Forecast f =
        am::forecast::forecast_series(input, {.steps = o.horizon, .lead = 0, .span = o.horizon, .days = {}});
    const double took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    seconds += took;
    slowest = std::max(slowest, took);
    const double scale = naive_step(values, o.scale);
    if (!(scale > 0) || truth.empty()) continue;
    Score mine, yardstick;
    for (std::size_t step = 0; step < truth.size() && step < f.days.size(); ++step) {
      mine.add(truth[step], f.days[step]);
      const std::size_t back = static_cast<std::size_t>(o.scale) - step % static_cast<std::size_t>(o.scale);
      yardstick.add(truth[step], {.y_hat = values[values.size() - back]});
    }
    ours.add(mine, scale);
    naive.add(yardstick, scale);
    if (!o.members) continue;
    for (const am::forecast::Member& m : f.members) {
      if (!m.dropped.empty()) continue;
      Score s;
      for (std::size_t step = 0; step < truth.size(); ++step) s.add(truth[step], {.y_hat = m.y_hat[step]});
      by_member[m.name].add(s, scale);
    }
  }
  if (ours.count == 0) fail("no series");
  const double n = ours.count;
  std::printf("series %.0f  sMAPE %.3f (naive %.3f)  MASE %.4f (naive %.4f)  OWA %.4f\n", n, ours.smape / n,
              naive.smape / n, ours.mase / n, naive.mase / n,
              (ours.smape / naive.smape + ours.mase / naive.mase) / 2);
  std::printf("coverage 95 %%: %.1f  80 %%: %.1f  MSIS %.2f  CPU seconds %.2f, slowest %.3f\n", ours.in95 / n,
              ours.in80 / n, ours.msis / n, seconds, slowest);
  for (const auto& [name, m] : by_member) {
    std::printf("  %-18s %4.0f  sMAPE %.3f  MASE %.4f\n", name.c_str(), m.count, m.smape / m.count,
                m.mase / m.count);
  }
}
