// The registry: sessions come and go, and join their lane.

#include <algorithm>

#include "am/base/error.hpp"
#include "am/strategy/bars.hpp"
#include "am/strategy/routing.hpp"
#include "strategy/engine/routing_state.hpp"

namespace am::strategy {

namespace {

std::optional<Micros> moment(Micros value) {
  return value == kNoMoment ? std::nullopt : std::optional(value);
}

RoutedLane& lane_for(RoutedSymbol& symbol, const SessionSpec& spec, Micros length, Micros now) {
  const bool rehearsal = spec.mode == Mode::rehearsal;
  for (const auto& lane : symbol.lanes)
    if (lane->rehearsal == rehearsal && lane->timeframe == spec.timeframe) return *lane;
  auto lane = std::make_unique<RoutedLane>();
  lane->symbol = spec.symbol;
  lane->timeframe = spec.timeframe;
  lane->length = length;
  lane->rehearsal = rehearsal;
  lane->last_seen = now;
  return *symbol.lanes.emplace_back(std::move(lane));
}

}  // namespace

StrategyManager::StrategyManager() : StrategyManager(Settings()) {}
StrategyManager::StrategyManager(const Settings& settings) : state_(std::make_unique<State>(settings)) {}
StrategyManager::~StrategyManager() = default;

RoutedSymbol* StrategyManager::State::symbol_of(std::string_view name) {
  if (latest != nullptr && latest->name == name) return latest;
  const auto found = symbols.find(name);
  if (found == symbols.end()) return nullptr;
  return latest = &found->second;
}

RoutedSession* StrategyManager::State::find(std::string_view session_id) const {
  const auto found = by_id.find(session_id);
  return found == by_id.end() ? nullptr : found->second.get();
}

RoutedSession& StrategyManager::State::require(std::string_view session_id) const {
  RoutedSession* const session = find(session_id);
  if (session == nullptr)
    throw Error(ErrorKind::bug, "routing: there is no session " + std::string(session_id));
  return *session;
}

void StrategyManager::State::add(std::unique_ptr<RoutedSession> session,
                                 const std::optional<SessionSnapshot>& from, Micros now) {
  const SessionSpec& spec = session->spec;
  const auto length = timeframe_length(spec.timeframe);
  if (!length)
    throw Error(ErrorKind::usage, "session " + spec.session_id +
                                      ": no timeframe (expected as 1m, 15m, 1h, 1d, got " + spec.timeframe +
                                      ")");
  if (find(spec.session_id) != nullptr)
    throw Error(ErrorKind::bug, "routing: session " + spec.session_id + " is there already");
  RoutedEntry entry;
  entry.session = session.get();
  entry.strategy = session->strategy.get();
  session->warm_up = spec.warm_up;
  if (session->strategy) session->warm_up = std::max(spec.warm_up, session->strategy->warm_up_bars());
  if (from) {
    session->is_new = false;
    session->muted_to = from->muted_to;
    session->answered_bar = from->last_bar;
    entry.last_bar = from->last_bar.value_or(kNoMoment);
    entry.last_trade = from->last_trade.value_or(kNoMoment);
    session->offered_trade = entry.last_trade;
    entry.asked_at_trade = from->asked_at_trade;
    entry.seen = from->seen;
    if (session->strategy) session->strategy->restore(from->strategy);
  }
  if (session->strategy) {
    session->strategy->on_start();
  } else {
    session->outbox.push_back({.kind = EventKind::start, .muted = true});
    push_outbox(*session);
  }
  RoutedSymbol& symbol = symbols.try_emplace(spec.symbol, RoutedSymbol{.name = spec.symbol}).first->second;
  RoutedLane& lane = lane_for(symbol, spec, *length, now);
  session->lane = &lane;
  auto& entries = lane.entries_of(*session);
  session->entry = entries.size();
  entries.push_back(entry);
  ++lane.waiting;
  by_id.emplace(spec.session_id, std::move(session));
}

void StrategyManager::State::remove(RoutedSession& session) {
  RoutedLane& lane = *session.lane;
  auto& entries = lane.entries_of(session);
  if (!entries[session.entry].live && !session.retired) --lane.waiting;
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(session.entry));
  for (std::size_t i = session.entry; i < entries.size(); ++i) entries[i].session->entry = i;
  if (lane.waiting == 0) lane.kept.clear();
  if (lane.sessions() == 0) {
    const auto symbol = symbols.find(session.spec.symbol);
    std::erase_if(symbol->second.lanes, [&](const auto& each) { return each.get() == &lane; });
    if (symbol->second.lanes.empty()) {
      latest = nullptr;
      symbols.erase(symbol);
    }
  }
  by_id.erase(session.spec.session_id);
}

void StrategyManager::start_session(const SessionSpec& spec, std::unique_ptr<Strategy> strategy,
                                    const std::optional<SessionSnapshot>& from, Micros now) {
  auto session = std::make_unique<RoutedSession>();
  session->spec = spec;
  session->strategy = std::move(strategy);
  state_->add(std::move(session), from, now);
}

void StrategyManager::start_session(const SessionSpec& spec, std::unique_ptr<Worker> worker,
                                    const std::optional<SessionSnapshot>& from, Micros now) {
  auto session = std::make_unique<RoutedSession>();
  session->spec = spec;
  session->worker = std::move(worker);
  state_->add(std::move(session), from, now);
}

void StrategyManager::retire(std::string_view session_id) {
  RoutedSession* const session = state_->find(session_id);
  if (session == nullptr || !session->worker || session->retired) return;
  RoutedEntry& entry = session->lane->entry_of(*session);
  if (!entry.live) --session->lane->waiting;
  entry.live = false;
  session->retired = true;
  if (session->lane->waiting == 0) session->lane->kept.clear();
  session->outbox.push_back({.kind = EventKind::stop, .muted = true});
  push_outbox(*session);
}

bool StrategyManager::stop_session(std::string_view session_id) {
  RoutedSession* const session = state_->find(session_id);
  if (session == nullptr) return false;
  if (session->strategy) session->strategy->on_stop();
  state_->remove(*session);
  return true;
}

void StrategyManager::join(std::string_view session_id, std::span<const Bar> history, Micros now) {
  RoutedSession& session = state_->require(session_id);
  RoutedLane& lane = *session.lane;
  RoutedEntry& entry = lane.entry_of(session);
  if (entry.live || session.retired) return;
  // In rehearsal what was missed is late by the clock of the bar that showed it, or of the newest there is.
  Micros clock = now;
  if (lane.rehearsal && !lane.kept.empty())
    clock = lane.kept.front().start + lane.length;
  else if (lane.rehearsal && !history.empty())
    clock = history.back().start + lane.length;
  for (const Bar& bar : history) {
    const Micros over = bar.start + lane.length;
    if (bar.start <= entry.last_bar || !is_possible(bar)) continue;
    if (over > clock + state_->settings.future_slack) continue;
    if (session.is_new) session.muted_to = bar.start;
    state_->evaluate_one(lane, entry, bar, clock - over > state_->settings.signal_ttl);
  }
  for (const Bar& bar : lane.kept) {
    if (bar.start <= entry.last_bar) continue;
    state_->evaluate_one(lane, entry, bar, state_->is_late(lane, bar.start + lane.length, now));
  }
  session.is_new = false;
  session.gap = Gap::none;
  entry.live = true;
  lane.check_each = true;
  if (--lane.waiting == 0) lane.kept.clear();
}

std::size_t StrategyManager::mark_stale(std::string_view symbol, Gap gap) {
  std::size_t marked = 0;
  if (RoutedSymbol* const of = state_->symbol_of(symbol))
    for (const auto& lane : of->lanes) marked += state_->make_stale(*lane, gap);
  return marked;
}

std::size_t StrategyManager::mark_all_stale(Gap gap) {
  std::size_t marked = 0;
  for (auto& [name, symbol] : state_->symbols)
    for (const auto& lane : symbol.lanes) marked += state_->make_stale(*lane, gap);
  return marked;
}

bool StrategyManager::mark_session_stale(std::string_view session_id, Gap gap) {
  RoutedSession* const session = state_->find(session_id);
  return session != nullptr && state_->make_stale(*session->lane, session->lane->entry_of(*session), gap);
}

void StrategyManager::position(std::string_view session_id, const Position& position) {
  RoutedSession* const session = state_->find(session_id);
  if (session == nullptr) return;
  session->lane->entry_of(*session).position = position;
  if (session->worker) session->worker->position(position);
}

Worker* StrategyManager::worker(std::string_view session_id) {
  RoutedSession* const session = state_->find(session_id);
  return session == nullptr ? nullptr : session->worker.get();
}

std::vector<Decision> StrategyManager::take_decisions() { return std::exchange(state_->decisions, {}); }
void StrategyManager::take_decisions(std::vector<Decision>& into) {
  into.clear();
  into.swap(state_->decisions);
}
bool StrategyManager::has_decisions() const { return !state_->decisions.empty(); }
std::vector<WorkerWord> StrategyManager::take_words() { return std::exchange(state_->words, {}); }

SessionSnapshot StrategyManager::snapshot(std::string_view session_id) const {
  const RoutedSession& session = state_->require(session_id);
  const RoutedEntry& entry = session.lane->entry_of(session);
  return {.last_bar = session.worker ? session.answered_bar : moment(entry.last_bar),
          .last_trade = moment(entry.last_trade),
          .asked_at_trade = entry.asked_at_trade,
          .seen = entry.seen,
          .muted_to = session.muted_to,
          .strategy = session.worker ? session.worker->snapshot() : session.strategy->snapshot()};
}

std::optional<SessionInfo> StrategyManager::find(std::string_view session_id) const {
  const RoutedSession* const session = state_->find(session_id);
  if (session == nullptr) return std::nullopt;
  const RoutedEntry& entry = session->lane->entry_of(*session);
  return SessionInfo{.spec = session->spec,
                     .live = entry.live,
                     .gap = session->gap,
                     .last_bar = moment(entry.last_bar),
                     .last_trade = moment(entry.last_trade),
                     .seen = entry.seen,
                     .warm_up = warm_up_of(*session),
                     .warm = entry.seen >= static_cast<std::uint64_t>(warm_up_of(*session)),
                     .has_worker = session->worker != nullptr};
}

std::vector<std::string> StrategyManager::sessions() const {
  std::vector<std::string> ids;
  for (const auto& [id, session] : state_->by_id) ids.push_back(id);
  return ids;
}

std::vector<std::string> StrategyManager::waiting() const {
  std::vector<std::string> ids;
  for (const auto& [id, session] : state_->by_id) {
    const bool has_enough = session->gap == Gap::behind && !session->outbox.empty();
    if (!session->retired && !has_enough && !session->lane->entry_of(*session).live) ids.push_back(id);
  }
  return ids;
}

std::vector<Lane> StrategyManager::lanes() const {
  std::vector<Lane> all;
  for (const auto& [name, symbol] : state_->symbols) {
    for (const auto& lane : symbol.lanes) {
      all.push_back({.symbol = name,
                     .timeframe = lane->timeframe,
                     .rehearsal = lane->rehearsal,
                     .last_bar = lane->last ? std::optional(lane->last->start) : std::nullopt,
                     .last_seen = lane->last_seen,
                     .sessions = lane->sessions(),
                     .waiting = lane->waiting,
                     .kept = lane->kept.size()});
    }
  }
  std::ranges::sort(all, {},
                    [](const Lane& lane) { return std::tie(lane.symbol, lane.timeframe, lane.rehearsal); });
  return all;
}

const RoutingCounts& StrategyManager::counts() const { return state_->counts; }

}  // namespace am::strategy
