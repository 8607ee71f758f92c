#pragma once
// One session and its lane, as the manager keeps them. Private.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "am/strategy/routing.hpp"

namespace am::strategy {

struct RoutedLane;
inline constexpr Micros kNoMoment = INT64_MIN;

/// Everything of a session but what the hot path needs.
struct RoutedSession {
  SessionSpec spec{};
  RoutedLane* lane = nullptr;
  std::unique_ptr<Strategy> strategy{};  ///< or
  std::unique_ptr<Worker> worker{};
  int warm_up = 0;
  bool is_new = true;  ///< it has not joined yet, and goes on from nothing
  bool retired = false;
  Gap gap = Gap::none;
  std::optional<Micros> muted_to{};
  std::size_t entry = 0;  ///< where it is in lane->natives or lane->workers

  // Of a worker alone: what it was not offered yet, and how far its answers are.
  std::deque<WorkerEvent> outbox{};
  std::optional<Micros> answered_bar{};
  Micros offered_trade = kNoMoment;
};

/// What the hot path looks at, side by side for all sessions of a lane.
struct RoutedEntry {
  Strategy* strategy = nullptr;  ///< null: a worker's
  RoutedSession* session = nullptr;
  Micros last_bar = kNoMoment;  ///< of a worker's session the last one that it was or will be offered
  std::uint64_t seen = 0;       ///< bars evaluated; of a worker's: answered
  Position position{};
  Micros last_trade = kNoMoment;     ///< evaluated or answered
  std::uint32_t asked_at_trade = 0;  ///< at that moment
  bool live = false;
};

/// One symbol and timeframe, for sessions whose clock is the same.
struct RoutedLane {
  std::string symbol, timeframe;
  Micros length = 0;
  bool rehearsal = false;
  std::optional<Bar> last{};  ///< the newest that came
  Micros last_seen = 0;
  bool check_each =
      false;  ///< a session has joined since the last bar: whether it misses bars is its own matter
  std::deque<Bar> kept{};  ///< while a session waits
  std::size_t waiting = 0;
  std::vector<RoutedEntry> natives{}, workers{};

  std::size_t sessions() const { return natives.size() + workers.size(); }
  std::vector<RoutedEntry>& entries_of(const RoutedSession& session) {
    return session.worker ? workers : natives;
  }
  RoutedEntry& entry_of(const RoutedSession& session) { return entries_of(session)[session.entry]; }
};

/// What was asked for at one event of one session.
struct Asked {
  EventKind kind = EventKind::bar;
  Micros event = 0, over = 0;                    ///< over: a bar's end, a trade's moment
  std::uint32_t first = 0;                       ///< ordinal of the first intent
  Decision::What what = Decision::What::signal;  ///< unless it has to be rejected
};

/// What the intents of one event become, appended in their order; counts.
void decide_intents(const RoutedSession& session, const Asked& asked, std::span<const Intent> intents,
                    bool ids, std::vector<Decision>& out, RoutingCounts& counts);

/// Whether it can be a trade: a positive price, a size ≥ 0, both finite and below kMostAmount.
bool is_possible(const Trade& trade);

}  // namespace am::strategy
