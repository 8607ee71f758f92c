#include "am/strategy/check.hpp"

#include <algorithm>
#include <utility>

#include <poll.h>

#include "am/base/date.hpp"
#include "strategy/sandbox/python_worker.hpp"

namespace am::strategy {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kOutputKept = 20;

/// One worker and what it is asked, an event at a time.
class Checked {
 public:
  Checked(const CheckOptions& options, const std::string& state, const Position& held, CheckRun& run)
      : stop_(options.stop), held_(held), run_(run) {
    WorkerOptions of_worker;
    of_worker.code = options.code;
    of_worker.symbol = options.symbol;
    of_worker.timeframe = options.timeframe;
    of_worker.params = options.params;
    of_worker.strategy_id = of_worker.session_id = "check";
    of_worker.snapshot = state;
    worker_ = make_watched_worker(of_worker, options.sandbox);
    worker_->position(held_);
  }

  /// False: it failed.
  bool take(const WorkerEvent& event) {
    const auto before = worker_->processor_time();
    worker_->offer(event);
    std::vector<Evaluated> answers;
    while (answers.empty()) {
      if (!worker_->reason().empty()) {
        run_.failure = worker_->reason();
        return false;
      }
      if (stop_ != nullptr) stop_->check();
      wait();
      worker_->pump(answers);
    }
    const auto after = worker_->processor_time();
    record(answers.front());
    if (event.kind == EventKind::bar) {
      ++run_.bars;
      if (before && after) run_.took.push_back(*after - *before);
    }
    return true;
  }

  void finish() {
    run_.state = worker_->snapshot();
    run_.warm_up_bars = worker_->warm_up_bars();
  }
  const Position& held() const { return held_; }

 private:
  void wait() const {
    const auto most =
        std::min<steady_clock::duration>(worker_->wake_at() - steady_clock::now(), milliseconds(100));
    pollfd socket{worker_->fd(), static_cast<short>(POLLIN | (worker_->wants_write() ? POLLOUT : 0)), 0};
    poll(&socket, 1, std::max(0, static_cast<int>(std::chrono::ceil<milliseconds>(most).count())));
  }

  void record(const Evaluated& answer) {
    if (!answer.error.empty()) ++run_.errors[answer.error];
    run_.lines += answer.output.size();
    for (const std::string& line : answer.output)
      if (run_.output.size() < kOutputKept) run_.output.push_back(line);
    for (const Intent& intent : answer.intents) {
      run_.signals.push_back({answer.at, intent});
      fill(intent);
    }
    if (!answer.intents.empty()) worker_->position(held_);
  }

  void fill(const Intent& intent) {
    if (intent.side == Side::buy) {
      held_.quantity += intent.quantity;
      held_.cost += intent.quantity * intent.price;
    } else if (intent.quantity >= held_.quantity) {
      held_ = {};
    } else {
      held_.cost -= held_.cost * intent.quantity / held_.quantity;
      held_.quantity -= intent.quantity;
    }
  }

  const kernel::Stop* stop_;
  Position held_;
  CheckRun& run_;
  std::unique_ptr<PythonWorker> worker_;
};

/// Bars of [from, to), with on_start before them. State and what is held go from one part to the next.
void run_part(const CheckOptions& options, std::span<const Bar> bars, Position& held, CheckRun& run) {
  Checked checked(options, run.state, held, run);
  bool well = checked.take({.kind = EventKind::start});
  for (std::size_t i = 0; well && i < bars.size(); ++i)
    well = checked.take({.kind = EventKind::bar, .bar = bars[i]});
  checked.finish();
  held = checked.held();
}

std::string signal_text(const std::vector<CheckedSignal>& signals, std::size_t i) {
  if (i >= signals.size()) return "none";
  const Intent& intent = signals[i].intent;
  return std::string(name_of(intent.side)) + " " + std::to_string(intent.quantity) + " at " +
         std::to_string(intent.price) + " in the bar of " +
         format_rfc3339(Instant(std::chrono::microseconds(signals[i].at)));
}

std::optional<std::string> difference_of(const CheckRun& whole, const CheckRun& restarted) {
  std::size_t same = 0;
  while (same < std::min(whole.signals.size(), restarted.signals.size()) &&
         whole.signals[same] == restarted.signals[same])
    ++same;
  if (same < std::max(whole.signals.size(), restarted.signals.size()))
    return "signal " + std::to_string(same + 1) + ": whole " + signal_text(whole.signals, same) +
           ", restarted " + signal_text(restarted.signals, same);
  if (whole.errors != restarted.errors) return "its errors differ";
  if (whole.state != restarted.state) return "its state at the end differs";
  return std::nullopt;
}

}  // namespace

StrategyCheck check_strategy(const CheckOptions& options, std::span<const Bar> bars) {
  StrategyCheck check;
  Position held;
  run_part(options, bars, held, check.whole);
  if (!check.whole.failure.empty()) return check;
  check.restarted_after = bars.size() / 2;
  held = {};
  run_part(options, bars.first(check.restarted_after), held, check.restarted);
  if (check.restarted.failure.empty())
    run_part(options, bars.subspan(check.restarted_after), held, check.restarted);
  if (check.restarted.failure.empty()) check.difference = difference_of(check.whole, check.restarted);
  return check;
}

}  // namespace am::strategy
