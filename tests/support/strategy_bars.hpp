#pragma once
// Bars, strategies and workers for the tests of routing and replay.

#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "am/strategy/routing.hpp"

namespace am::test {

inline constexpr strategy::Micros kMinute = 60'000'000;
/// 2026-01-26T14:30:00Z.
inline constexpr strategy::Micros kOpen = 1'769'437'800'000'000;

/// A bar of one minute around a close.
inline strategy::Bar bar_at(int minute, double close, double volume = 100) {
  return {.start = kOpen + minute * kMinute,
          .open = close,
          .high = close + 1,
          .low = close - 1,
          .close = close,
          .volume = volume};
}

/// The same walk for the same seed, in cents, above 10 and below 1000.
inline std::vector<strategy::Bar> walk(int count, std::uint32_t seed = 1, int first = 0) {
  std::vector<strategy::Bar> bars;
  std::uint64_t state = seed;
  long long cents = 10'000;
  for (int i = 0; i < count; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    cents += static_cast<long long>((state >> 33U) % 101) - 50;
    if (cents < 1000) cents = 2000 - cents;
    if (cents > 99'000) cents = 198'000 - cents;
    bars.push_back(bar_at(first + i, static_cast<double>(cents) / 100));
  }
  return bars;
}

/// Asks as it is told, and keeps what it has seen; its state is the number of its bars.
class ScriptedStrategy : public strategy::Strategy {
 public:
  using Asks = std::function<std::vector<strategy::Intent>(const strategy::Bar&)>;
  explicit ScriptedStrategy(Asks on_bar = {}, int warm_up = 0)
      : on_bar_(std::move(on_bar)), warm_up_(warm_up) {}

  int warm_up_bars() const override { return warm_up_; }
  void on_start() override { ++starts; }
  void on_stop() override {
    if (stops != nullptr) ++*stops;
  }
  void on_bar(const strategy::Bar& bar, const strategy::Position& position,
              std::vector<strategy::Intent>& out) override {
    seen->push_back(bar.start);
    held = position;
    if (on_bar_)
      for (auto& intent : on_bar_(bar)) out.push_back(std::move(intent));
  }
  void on_trade(const strategy::Trade& trade, const strategy::Position&,
                std::vector<strategy::Intent>& out) override {
    trades->push_back(trade.at);
    if (ask_at_trades) out.push_back({.price = trade.price, .quantity = 1});
  }
  std::string snapshot() const override { return std::to_string(seen->size()); }
  void restore(std::string_view snapshot) override { restored = snapshot; }

  // Shared, so that they outlive the strategy.
  std::shared_ptr<std::vector<strategy::Micros>> seen = std::make_shared<std::vector<strategy::Micros>>();
  std::shared_ptr<std::vector<strategy::Micros>> trades = std::make_shared<std::vector<strategy::Micros>>();
  strategy::Position held{};
  std::string restored{};
  int starts = 0;
  int* stops = nullptr;
  bool ask_at_trades = false;

 private:
  Asks on_bar_;
  int warm_up_;
};

/// A worker that is told what to answer. It takes `room` events.
class ScriptedWorker : public strategy::Worker {
 public:
  bool offer(const strategy::WorkerEvent& event) override {
    if (events.size() >= room) return false;
    events.push_back(event);
    return true;
  }
  void position(const strategy::Position& position) override { held = position; }
  int fd() const override { return -1; }
  bool wants_write() const override { return false; }
  void pump(std::vector<strategy::Evaluated>& out) override {
    while (!events.empty()) {
      const strategy::WorkerEvent event = events.front();
      events.pop_front();
      strategy::Evaluated answer{.kind = event.kind, .muted = event.muted};
      if (event.kind == strategy::EventKind::bar) {
        answer.at = event.bar.start;
        if (on_bar) answer.intents = on_bar(event.bar);
        ++bars;
      } else if (event.kind == strategy::EventKind::trade) {
        answer.at = event.trade.at;
        answer.intents.push_back({.price = event.trade.price, .quantity = 1});
      }
      kinds.push_back(event.kind);
      out.push_back(std::move(answer));
    }
    state_text = std::to_string(bars);
  }
  kernel::SteadyTime wake_at() const override { return kernel::SteadyTime::max(); }
  strategy::WorkerState state() const override { return strategy::WorkerState::live; }
  const std::string& reason() const override { return why; }
  std::size_t pending() const override { return events.size(); }
  std::optional<int> warm_up_bars() const override { return wants; }
  const std::string& snapshot() const override { return state_text; }

  std::deque<strategy::WorkerEvent> events{};
  std::size_t room = 1024;
  std::optional<int> wants{};
  std::function<std::vector<strategy::Intent>(const strategy::Bar&)> on_bar{};
  std::vector<strategy::EventKind> kinds{};
  int bars = 0;
  std::string state_text{}, why{};
  strategy::Position held{};
};

}  // namespace am::test
