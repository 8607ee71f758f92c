// What one sandboxed Python strategy costs: start, memory, bars a second in batches, and how long an answer takes while ten
// of them are asked in turn. Prints one line each; run by hand, since what it says depends on the machine.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <poll.h>

#include "am/base/error.hpp"
#include "am/strategy/worker.hpp"

namespace {

using namespace am::strategy;
using std::chrono::steady_clock;

double ms(steady_clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

WorkerOptions options_of(const char* code, int batch) {
  WorkerOptions options;
  options.code = code;
  options.symbol = "TEST";
  options.strategy_id = options.session_id = "bench";
  options.batch = batch;
  options.most_pending = 4096;
  return options;
}

Bar bar_of(int i) {
  const double close = 100 + i % 97 * 0.25;
  return {i * Micros{60'000'000}, close, close + 0.5, close - 0.5, close, 1000};
}

void turn(Worker& worker, std::vector<Evaluated>& out) {
  pollfd socket{worker.fd(), static_cast<short>(POLLIN | (worker.wants_write() ? POLLOUT : 0)), 0};
  poll(&socket, 1, 20);
  worker.pump(out);
}

std::unique_ptr<Worker> started(const char* code, int batch, const SandboxOptions& sandbox,
                                const char* what) {
  const auto began = steady_clock::now();
  auto worker = make_python_worker(options_of(code, batch), sandbox);
  std::vector<Evaluated> none;
  while (worker->state() == WorkerState::starting) turn(*worker, none);
  if (worker->state() != WorkerState::live) throw am::Error(am::ErrorKind::bug, worker->reason());
  std::printf("start%s_ms %.1f\n", what, ms(steady_clock::now() - began));
  return worker;
}

void replay_speed(const char* name, const char* code, const SandboxOptions& sandbox) {
  const auto worker = started(code, 100, sandbox, "");
  constexpr int kBars = 500'000;
  std::vector<Evaluated> out;
  std::size_t answered = 0, signals = 0;
  const auto began = steady_clock::now();
  for (int offered = 0; answered < kBars && worker->state() == WorkerState::live;) {
    while (offered < kBars && worker->offer({EventKind::bar, false, bar_of(offered), {}})) ++offered;
    out.clear();
    turn(*worker, out);
    answered += out.size();
    for (const Evaluated& each : out) signals += each.intents.size();
  }
  std::printf("replay_%s_bars_per_s %.0f (%zu signals)\n", name,
              static_cast<double>(answered) / (ms(steady_clock::now() - began) / 1000), signals);
}

void live_latency(const char* code, const SandboxOptions& sandbox) {
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0; i < 10; ++i) workers.push_back(started(code, 1, sandbox, "_of_ten"));
  std::vector<double> took;
  std::vector<Evaluated> out;
  for (int round = 0; round < 1000; ++round) {
    const auto began = steady_clock::now();
    for (const auto& worker : workers) {
      worker->offer({EventKind::bar, false, bar_of(round), {}});
      worker->pump(out);
    }
    std::vector<pollfd> sockets(workers.size());
    for (std::size_t left = workers.size(); left > 0;) {
      for (std::size_t i = 0; i < workers.size(); ++i)
        sockets[i] = {workers[i]->pending() > 0 ? workers[i]->fd() : -1, POLLIN, 0};
      poll(sockets.data(), sockets.size(), 20);
      for (std::size_t i = 0; i < workers.size(); ++i) {
        if (workers[i]->pending() == 0) continue;
        workers[i]->pump(out);
        if (workers[i]->pending() > 0) continue;
        took.push_back(ms(steady_clock::now() - began));
        --left;
      }
    }
  }
  std::sort(took.begin(), took.end());
  std::printf("live_ten_sessions_ms p50 %.3f p99 %.3f worst %.3f\n", took[took.size() / 2],
              took[took.size() * 99 / 100], took.back());
}

}  // namespace

int main(int argc, char** argv) {
  SandboxOptions sandbox;
  if (argc > 1 && std::string(argv[1]) == "landlock") sandbox.kind = SandboxKind::landlock;
  constexpr const char* kScript =
      "closes = (state.get('c', []) + [bar.close])[-15:]\n"
      "state['c'] = closes\n"
      "if len(closes) == 15 and bar.close > 2 * sum(closes) / 15: send_signal('BUY', bar.close, 1, 1)\n";
  constexpr const char* kFunctions =
      "from collections import deque\n"
      "closes = deque(maxlen=15)\n"
      "above = None\n"
      "def on_bar(bar):\n"
      "    global above\n"
      "    closes.append(bar.close)\n"
      "    if len(closes) < 15: return\n"
      "    now = bar.close > sum(closes) / 15\n"
      "    if above is not None and now != above: send_signal('BUY' if now else 'SELL', bar.close, 1, 1)\n"
      "    above = now\n";
  try {
    probe_sandbox(sandbox);
    started("import numpy\ndef on_bar(bar): pass\n", 1, sandbox, "_numpy");
    replay_speed("script", kScript, sandbox);
    replay_speed("functions", kFunctions, sandbox);
    live_latency(kFunctions, sandbox);
  } catch (const am::Error& error) {
    std::fprintf(stderr, "%s\n%s\n", error.message().c_str(), error.hint().c_str());
    return 1;
  }
}
