// What bench/strategy measures without a process around it: a replay of bars that are in memory, and how fast one bar reaches
// the sessions of its symbol. Prints one JSON object a run.
//
//   strategy_driver replay-memory [BARS]            sma_cross over a seeded walk, with its report
//   strategy_driver replay-file FILE                the same with reading the CSV
//   strategy_driver bars [BARS]                     the walk as CSV, which is all that it prints
//   strategy_driver fan-out [SESSIONS] [BARS]       native sessions of one symbol

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "am/base/error.hpp"
#include "am/kernel/file_read.hpp"
#include "am/strategy/bars.hpp"
#include "am/strategy/replay.hpp"

namespace {

using namespace am::strategy;
using SteadyClock = std::chrono::steady_clock;

constexpr Micros kMinute = 60'000'000;
constexpr const char* kParams = R"({"period": 100})";

std::vector<Bar> walk(std::size_t count) {
  std::vector<Bar> bars;
  bars.reserve(count);
  std::uint64_t state = 1;
  const auto next = [&state] {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<long long>(state >> 33U);
  };
  long long cents = 10'000;
  for (std::size_t i = 0; i < count; ++i) {
    const long long open = cents;
    cents += next() % 41 - 20;
    if (cents < 1000) cents = 2000 - cents;
    if (cents > 99'000) cents = 198'000 - cents;
    const auto price = [](long long value) { return static_cast<double>(value) / 100; };
    bars.push_back({.start = static_cast<Micros>(i) * kMinute,
                    .open = price(open),
                    .high = price(std::max(open, cents) + next() % 5),
                    .low = price(std::min(open, cents) - next() % 5),
                    .close = price(cents),
                    .volume = static_cast<double>(100 + next() % 900)});
  }
  return bars;
}

/// Signals seldom, so that what is measured is the way to the strategies and back.
std::unique_ptr<Strategy> calm() {
  return make_builtin({.name = "bench", .code = "momentum", .params = R"({"threshold_pct": 20})"}, "BENCH");
}

std::unique_ptr<Strategy> cross() {
  return make_builtin({.name = "bench", .code = "sma_cross", .params = kParams}, "BENCH");
}

/// Processor time of this process: on a machine that does other things, too, the fairer one.
double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double seconds_since(SteadyClock::time_point began) {
  return std::chrono::duration<double>(SteadyClock::now() - began).count();
}

void print_replay(const char* mode, const ReplayResult& result, double seconds, double processor) {
  fmt::print(
      R"({{"mode":"{}","bars":{},"signals":{},"trades":{},"value":"{}","seconds":{:.6f},"processor_s":{:.6f},"bars_per_s":{:.0f}}})"
      "\n",
      mode, result.bars, result.routing.signals, result.trades.size(), result.value.to_string(), seconds,
      processor, static_cast<double>(result.bars) / seconds);
}

void replay_memory(std::size_t count) {
  const std::vector<Bar> bars = walk(count);
  const auto began = SteadyClock::now();
  const double processor = processor_seconds();
  const ReplayResult result = replay(cross(), bars, {.symbol = "BENCH"});
  print_replay("replay-memory", result, seconds_since(began), processor_seconds() - processor);
}

void print_bars(std::size_t count) {
  fmt::print("timestamp,open,high,low,close,volume\n");
  for (const Bar& bar : walk(count))
    fmt::print("{:%FT%TZ},{:.2f},{:.2f},{:.2f},{:.2f},{:.0f}\n", fmt::gmtime(bar.start / 1'000'000), bar.open,
               bar.high, bar.low, bar.close, bar.volume);
}

void replay_file(const std::string& path) {
  const auto began = SteadyClock::now();
  const double processor = processor_seconds();
  const auto text = am::kernel::read_file(path, {.most = std::size_t{4} << 30U});
  if (!text) throw am::Error(am::ErrorKind::no_input, path + ": " + text.error().reason);
  const std::vector<Bar> bars = parse_bars_csv(*text, path);
  const double read = seconds_since(began);
  const ReplayResult result = replay(cross(), bars, {.symbol = "BENCH"});
  fmt::print(stderr, "read and parsed in {:.3f} s\n", read);
  print_replay("replay-file", result, seconds_since(began), processor_seconds() - processor);
}

void fan_out(std::size_t sessions, std::size_t count) {
  const std::vector<Bar> bars = walk(count);
  StrategyManager manager;
  for (std::size_t i = 0; i < sessions; ++i) {
    const std::string id = std::to_string(i);
    manager.start_session({.session_id = id, .strategy_id = "bench", .symbol = "BENCH"}, calm());
    manager.join(id, {}, 0);
  }
  std::vector<Decision> decisions;
  std::uint64_t signals = 0;
  const auto began = SteadyClock::now();
  const double processor = processor_seconds();
  for (const Bar& bar : bars) {
    manager.on_bar("BENCH", "1m", bar, bar.start + kMinute);
    manager.take_decisions(decisions);
    signals += decisions.size();
  }
  const double seconds = seconds_since(began);
  const std::uint64_t callbacks = manager.counts().callbacks;
  fmt::print(
      R"({{"mode":"fan-out","sessions":{},"bars":{},"callbacks":{},"signals":{},"seconds":{:.6f},"processor_s":{:.6f},"callbacks_per_s":{:.0f}}})"
      "\n",
      sessions, bars.size(), callbacks, signals, seconds, processor_seconds() - processor,
      static_cast<double>(callbacks) / seconds);
}

std::size_t number(const std::vector<std::string>& args, std::size_t at, std::size_t otherwise) {
  return args.size() > at ? std::stoul(args[at]) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  try {
    if (!args.empty() && args[0] == "replay-memory") {
      replay_memory(number(args, 1, 5'000'000));
    } else if (args.size() == 2 && args[0] == "replay-file") {
      replay_file(args[1]);
    } else if (!args.empty() && args[0] == "bars") {
      print_bars(number(args, 1, 5'000'000));
    } else if (!args.empty() && args[0] == "fan-out") {
      fan_out(number(args, 1, 1000), number(args, 2, 20'000));
    } else {
      fmt::print(
          stderr,
          "usage: strategy_driver replay-memory [BARS] | replay-file FILE | bars [BARS] | fan-out [SESSIONS] [BARS]\n");
      return 64;
    }
  } catch (const std::exception& e) {
    fmt::print(stderr, "strategy_driver: {}\n", e.what());
    return 1;
  }
  return 0;
}
