#pragma once
// What is inside of a StrategyManager. Private.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "strategy/engine/routed_session.hpp"

namespace am::strategy {

/// The numbers of one channel.
struct SequenceWatch {
  bool any = false;
  std::uint64_t epoch = 0, last = 0;

  Sequence observe(std::uint64_t its_epoch, std::uint64_t seq);
};

struct RoutedSymbol {
  std::string name;
  std::vector<std::unique_ptr<RoutedLane>> lanes{};
  Micros last_trade = kNoMoment;
  SequenceWatch bars{}, trades{};
};

struct TextHash {
  using is_transparent = void;  // NOLINT(readability-identifier-naming): the standard library asks for it
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

struct StrategyManager::State {
  explicit State(const Settings& chosen) : settings(chosen) {}

  Settings settings;
  std::unordered_map<std::string, RoutedSymbol, TextHash, std::equal_to<>> symbols{};
  RoutedSymbol* latest = nullptr;  ///< bars of one symbol come in a row, in replay all of them
  std::map<std::string, std::unique_ptr<RoutedSession>, std::less<>> by_id{};
  std::vector<Intent> intents{};  ///< of the callback at hand
  std::vector<Decision> decisions{};
  std::vector<WorkerWord> words{};
  RoutingCounts counts{};

  RoutedSymbol* symbol_of(std::string_view name);
  RoutedSession* find(std::string_view session_id) const;
  RoutedSession& require(std::string_view session_id) const;
  void add(std::unique_ptr<RoutedSession> session, const std::optional<SessionSnapshot>& from, Micros now);
  void remove(RoutedSession& session);

  Routed bar_to_lane(RoutedLane& lane, const Bar& bar, Micros now);
  /// Marks whoever misses bars before this one. True: somebody does.
  bool find_jump(RoutedLane& lane, const Bar& bar);
  void evaluate_bar(RoutedLane& lane, const Bar& bar, bool late);
  void evaluate_one(RoutedLane& lane, RoutedEntry& entry, const Bar& bar, bool late);
  Routed trade_to_lane(RoutedLane& lane, const Trade& trade, Micros now);
  void native_trade(RoutedEntry& entry, const Trade& trade, bool late);
  void worker_trade(RoutedEntry& entry, const Trade& trade, bool late);

  /// What the intents at hand become; they are taken.
  void decide(const RoutedEntry& entry, const Asked& asked);
  Decision::What what_of(const RoutedEntry& entry, Micros event, bool late) const;
  bool is_late(const RoutedLane& lane, Micros over, Micros now) const {
    return !lane.rehearsal && now - over > settings.signal_ttl;
  }

  bool make_stale(RoutedLane& lane, RoutedEntry& entry, Gap gap);
  std::size_t make_stale(RoutedLane& lane, Gap gap);
  void keep(RoutedLane& lane, const Bar& bar);
  void answer(RoutedLane& lane, RoutedEntry& entry, const Evaluated& evaluated, Micros now);
};

/// A worker says its own once it is loaded.
int warm_up_of(const RoutedSession& session);
/// Offers a worker what it has room for.
void push_outbox(RoutedSession& session);

}  // namespace am::strategy
