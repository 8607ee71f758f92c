#include "am/strategy/replay.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <poll.h>

#include "am/base/error.hpp"
#include "strategy/replay/equity_track.hpp"
#include "strategy/replay/replay_account.hpp"

namespace am::strategy {

namespace {

constexpr std::size_t kBarsBetweenLooks = 1U << 16U;
constexpr std::size_t kBarsOfATrade = 4;

SessionSpec spec_of(const ReplayOptions& options) {
  return {.session_id = options.session_id,
          .strategy_id = options.strategy_id,
          .symbol = options.symbol,
          .timeframe = options.timeframe,
          .mode = Mode::rehearsal};
}

/// One replay under way: what becomes of a bar once it is evaluated.
class Replay {
 public:
  Replay(std::span<const Bar> bars, const ReplayOptions& options)
      : options_(options),
        bars_(bars),
        manager_({.gaps = false, .ids = false}),
        account_(options),
        track_(options.cash.to_double(), bars.size()) {
    const auto length = timeframe_length(options.timeframe);
    if (!length)
      throw Error(ErrorKind::usage,
                  "timeframe " + options.timeframe + ": there is none such (expected as 1m, 15m, 1h, 1d)");
    length_ = *length;
    result_.trades.reserve(bars.size() / kBarsOfATrade);  // memory is taken when it is written to
    result_.cash = account_.cash();
  }

  StrategyManager& manager() { return manager_; }

  /// bars[i] was evaluated: its decisions, its close, and then what waits for the next open.
  void evaluated(std::size_t i) {
    const Bar& bar = bars_[i];
    if (result_.bars++ == 0) result_.first = bar.start;
    result_.last = bar.start + length_;
    last_close_ = bar.close;
    const bool decided = manager_.has_decisions();
    if (decided) take(bar);
    track_.at_close(bar.start, bar.start + length_, bar.close);
    if (decided && !pending_.empty()) open_next(i + 1);
  }

  void worker_said(const Evaluated& answer) {
    if (!answer.error.empty()) ++result_.errors;
    for (const WorkerWord& word : manager_.take_words())
      if (options_.log_line) options_.log_line(word.text);
  }

  ReplayResult finish() {
    result_.routing = manager_.counts();
    result_.waiting = pending_.size();
    result_.cash = account_.cash();
    result_.held = account_.held().quantity;
    result_.cost = account_.held().cost;
    result_.value = result_.cash;
    if (result_.held.is_positive() && last_close_ > 0) {
      const auto close = exact_amount(last_close_, "close");
      if (close) result_.value += rounded(result_.held * *close, kMoneyPlaces);
    }
    const bool is_pair = options_.symbol.find('/') != std::string::npos;
    track_.finish(is_pair ? AssetType::crypto : AssetType::stock, result_);
    if (result_.sells > 0)
      result_.figures.win_rate_pct =
          100 * static_cast<double>(account_.won()) / static_cast<double>(result_.sells);
    if (account_.losses() > 0) result_.figures.profit_factor = account_.gains() / account_.losses();
    return std::move(result_);
  }

 private:
  void take(const Bar& bar) {
    manager_.take_decisions(decisions_);
    for (Decision& decision : decisions_) {
      if (decision.what == Decision::What::rejected) {
        refuse(decision, "rejected: " + decision.reason);
      } else if (decision.what == Decision::What::signal) {
        if (options_.fill == FillRule::next_open)
          pending_.push_back(std::move(decision));
        else
          execute(decision, decision.signal.price, bar.start + length_);
      }
    }
  }

  void open_next(std::size_t next) {
    if (next >= bars_.size()) return;
    const auto open = exact_amount(bars_[next].open, "open");
    for (const Decision& decision : pending_) {
      if (open)
        execute(decision, *open, bars_[next].start);
      else
        refuse(decision, open.error().reason);
    }
    pending_.clear();
  }

  void refuse(const Decision& decision, std::string reason) {
    result_.refusals.push_back({.event = decision.event,
                                .ordinal = decision.ordinal,
                                .side = decision.signal.side,
                                .reason = std::move(reason)});
  }

  void execute(const Decision& decision, const Decimal& base, Micros at) {
    if (account_.execute(decision, base, at, result_)) return;
    const Position position = account_.position();
    track_.holds(account_.cash().to_double(), position.quantity);
    manager_.position(options_.session_id, position);
  }

  const ReplayOptions& options_;
  std::span<const Bar> bars_;
  Micros length_ = 0;
  StrategyManager manager_;
  ReplayAccount account_;
  EquityTrack track_;
  ReplayResult result_{};
  std::vector<Decision> decisions_{}, pending_{};
  double last_close_ = 0;
};

/// A worker over bars: it is offered some, answers, and is waited for.
class WorkerReplay {
 public:
  WorkerReplay(Replay& run, std::span<const Bar> bars, const ReplayOptions& options, const kernel::Stop* stop)
      : run_(run), bars_(bars), options_(options), stop_(stop) {}

  void go() {
    run_.manager().join(options_.session_id, {}, 0);
    while (answered_ < bars_.size()) {
      if (offered_ == bars_.size() && worker().pending() == 0) break;  // the rest are no bars that can be
      offer_some();
      step();
    }
    run_.manager().retire(options_.session_id);
    while (worker().pending() > 0) step();
  }

 private:
  static constexpr std::size_t kInFlight = 512;
  static constexpr std::chrono::milliseconds kLongestWait{200};

  Worker& worker() { return *run_.manager().worker(options_.session_id); }

  void offer_some() {
    for (; offered_ < bars_.size() && worker().pending() < kInFlight; ++offered_)
      run_.manager().on_bar(options_.symbol, options_.timeframe, bars_[offered_], 0);
  }

  void step() {
    if (stop_ != nullptr) stop_->check();
    if (worker().state() == WorkerState::failed)
      throw Error(ErrorKind::data, "the strategy failed: " + worker().reason());
    answers_.clear();
    worker().pump(answers_);
    if (answers_.empty()) return wait();
    for (const Evaluated& answer : answers_) take(answer);
  }

  void take(const Evaluated& answer) {
    run_.manager().evaluated(options_.session_id, std::span(&answer, 1), 0);
    run_.worker_said(answer);
    if (answer.kind != EventKind::bar) return;
    while (answered_ < bars_.size() && bars_[answered_].start != answer.at) ++answered_;
    if (answered_ < bars_.size()) run_.evaluated(answered_++);
  }

  void wait() {
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(worker().wake_at() - std::chrono::steady_clock::now());
    const auto wait = std::clamp(left, milliseconds(0), kLongestWait);
    const auto events = static_cast<short>(POLLIN | (worker().wants_write() ? POLLOUT : 0));
    std::array<pollfd, 2> ready{
        {{.fd = worker().fd(), .events = events, .revents = 0},
         {.fd = stop_ == nullptr ? -1 : stop_->descriptor(), .events = POLLIN, .revents = 0}}};
    (void)poll(ready.data(), ready.size(), static_cast<int>(wait.count()));
  }

  Replay& run_;
  std::span<const Bar> bars_;
  const ReplayOptions& options_;
  const kernel::Stop* stop_;
  std::size_t offered_ = 0, answered_ = 0;
  std::vector<Evaluated> answers_{};
};

}  // namespace

std::string_view name_of(FillRule rule) { return rule == FillRule::next_open ? "next-open" : "signal"; }

std::optional<FillRule> fill_rule_of(std::string_view name) {
  for (const FillRule rule : {FillRule::next_open, FillRule::signal})
    if (name == name_of(rule)) return rule;
  return std::nullopt;
}

ReplayResult replay(std::unique_ptr<Strategy> strategy, std::span<const Bar> bars,
                    const ReplayOptions& options, const kernel::Stop* stop) {
  Replay run(bars, options);
  StrategyManager& manager = run.manager();
  manager.start_session(spec_of(options), std::move(strategy));
  manager.join(options.session_id, {}, 0);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (stop != nullptr && i % kBarsBetweenLooks == 0) stop->check();
    if (manager.on_bar(options.symbol, options.timeframe, bars[i], 0) == Routed::evaluated) run.evaluated(i);
  }
  ReplayResult result = run.finish();
  manager.stop_session(options.session_id);
  return result;
}

ReplayResult replay(std::unique_ptr<Worker> worker, std::span<const Bar> bars, const ReplayOptions& options,
                    const kernel::Stop* stop) {
  Replay run(bars, options);
  run.manager().start_session(spec_of(options), std::move(worker));
  WorkerReplay(run, bars, options, stop).go();
  return run.finish();
}

}  // namespace am::strategy
