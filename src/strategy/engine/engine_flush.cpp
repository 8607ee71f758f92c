// What is decided: snapshot and signals go to the clerk together, then the signals to the courier, then what became of them
// comes back.

#include <algorithm>
#include <utility>

#include "engine_loop.hpp"

namespace am::strategy {

namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

/// So long after an answer a fill may still come.
constexpr std::chrono::minutes kFillsCome{5};

std::optional<Instant> event_of(const SessionSnapshot& snapshot) {
  if (!snapshot.last_bar && !snapshot.last_trade) return std::nullopt;
  return instant_of(std::max(snapshot.last_bar.value_or(INT64_MIN), snapshot.last_trade.value_or(INT64_MIN)));
}

}  // namespace

/// read_at: of the frame that it comes of; nothing: of a worker's answer, or of bars that were missed.
void Engine::flush(std::optional<SteadyTime> read_at) {
  if (!manager_.has_decisions()) return;
  Flush flush;
  std::vector<SteadyTime> since;
  std::set<std::string_view> seen;
  for (Decision& decision : manager_.take_decisions()) {
    HeldSession* const session = held(decision.signal.session_id);
    if (session == nullptr || !session->hold->held()) continue;
    if (decision.what == Decision::What::rejected)
      parts_.log.warn("what the strategy asks for can't be a signal: " + decision.reason, about(*session));
    if (seen.insert(session->id()).second) flush.states.push_back(state_of(*session));
    if (decision.what == Decision::What::signal) {
      ++session->unanswered;
      if (read_at) {
        since.push_back(*read_at);
      } else {
        const auto asked =
            std::ranges::find(session->asked, decision.event, &std::pair<Micros, SteadyTime>::first);
        if (asked != session->asked.end()) since.push_back(asked->second);
      }
    }
    flush.decisions.push_back(std::move(decision));
  }
  if (flush.states.empty()) return;
  submit_flush(std::move(flush));
  const SteadyTime queued = steady_clock::now();
  for (const SteadyTime each : since) queued_.add(queued - each);
}

/// As of its last event; what it says counts as stored.
SessionState Engine::state_of(HeldSession& session) {
  const SessionSnapshot snapshot = manager_.snapshot(session.id());
  session.saved_seen = snapshot.seen;
  session.saved_trade = snapshot.last_trade;
  session.changed = false;
  return {.token = session.hold->token(),
          .state = snapshot.to_text(),
          .last_event_at = event_of(snapshot),
          .stale_since = session.stale_since};
}

void Engine::submit_flush(Flush flush) {
  std::map<std::string, HoldPtr, std::less<>> holds;
  for (const SessionState& state : flush.states)
    holds.emplace(state.token.id, sessions_.at(state.token.id).hold);
  const auto shared = std::make_shared<const Flush>(std::move(flush));
  const auto needed = [holds] {
    return std::ranges::any_of(holds, [](const auto& each) { return each.second->held(); });
  };
  const bool taken = clerk_.submit(
      "snapshots",
      [this, shared, holds](kernel::Db& db) -> Clerk::Reply {
        return [this, shared, holds, flushed = store_flush(db, *shared)] {
          for (const std::string& id : flushed.lost) holds.at(id)->let_go();
          if (!flushed.lost.empty()) sweep_now_ = true;
          for (const Decision& decision : shared->decisions) {
            if (decision.what != Decision::What::signal) continue;
            if (std::ranges::find(flushed.pending, decision.signal.signal_id) != flushed.pending.end())
              send(holds.at(decision.signal.session_id), decision.signal);
            else  // it was answered in an earlier life
              answered(decision.signal.session_id, {}, std::nullopt);
          }
        };
      },
      needed);
  if (taken) return;
  // Too much waits: whoever has these sessions next goes on from the snapshots that are stored.
  parts_.log.error("the database is too far behind, sessions are let go",
                   {{"sessions", static_cast<std::int64_t>(holds.size())}});
  for (const auto& [id, hold] : holds) hold->let_go();
  sweep_now_ = true;
}

void Engine::flush_states() {
  Flush flush;
  for (auto& [id, session] : sessions_) {
    if (!session.hold->held()) continue;
    const auto info = manager_.find(id);
    if (session.changed || info->seen != session.saved_seen || info->last_trade != session.saved_trade)
      flush.states.push_back(state_of(session));
  }
  if (!flush.states.empty()) submit_flush(std::move(flush));
}

/// In rehearsal the bars are the clock, and each is over before the next: there a signal is as old as its way.
void Engine::send(const HoldPtr& hold, const Signal& signal) {
  const HeldSession* const session = held(signal.session_id);
  const bool is_rehearsal = session != nullptr && session->mode() == Mode::rehearsal;
  const Micros age = is_rehearsal ? 0 : std::max<Micros>(now() - signal.generated_at, 0);
  courier_.carry({.hold = hold,
                  .signal = signal,
                  .until = steady_clock::now() + microseconds(options_.signal_ttl - age)});
}

/// On the courier's thread.
void Engine::delivered(const Parcel& parcel, const Delivery& delivery) {
  const bool taken = clerk_.submit(
      "answer of the gateway",
      [this, hold = parcel.hold, signal = parcel.signal.signal_id, delivery](kernel::Db& db) -> Clerk::Reply {
        const SessionToken& token = hold->token();
        if (delivery.what == Delivery::What::refused || delivery.what == Delivery::What::expired)
          close_signal(db, token, signal, delivery);
        std::optional<Position> position;
        if (delivery.what == Delivery::What::taken) {
          const auto found = positions_of(db, std::span(&token.id, 1));
          position = found.empty() ? Position{} : found.begin()->second;
        }
        return [this, id = token.id, delivery, position] { answered(id, delivery, position); };
      },
      [hold = parcel.hold] { return hold->held(); });
  if (!taken) parcel.hold->let_go();  // whoever has the session next asks the gateway again
}

void Engine::answered(const std::string& id, const Delivery& delivery,
                      const std::optional<Position>& position) {
  HeldSession* const session = held(id);
  switch (delivery.what) {
    case Delivery::What::taken:
      ++counts_.taken;
      position_hurry_ = steady_clock::now() + kFillsCome;
      break;
    case Delivery::What::refused:
      ++counts_.refused;
      break;
    case Delivery::What::expired:
      ++counts_.expired;
      break;
    case Delivery::What::dropped:
      break;
  }
  if (session == nullptr) return;
  session->unanswered = std::max(session->unanswered - 1, 0);
  if (position) manager_.position(id, *position);
  if (delivery.what == Delivery::What::refused || delivery.what == Delivery::What::expired) {
    kernel::Fields fields = about(*session);
    fields.emplace_back("status", delivery.status);
    fields.emplace_back("reason", delivery.reason);
    parts_.log.warn(delivery.what == Delivery::What::refused ? "the gateway refuses a signal"
                                                             : "a signal is too old, it is not sent any more",
                    fields);
  }
}

void Engine::read_positions() {
  if (reading_positions_ || sessions_.empty()) return;
  std::vector<std::string> ids;
  for (const auto& [id, session] : sessions_) ids.push_back(id);
  reading_positions_ =
      clerk_.submit("positions", [this, ids = std::move(ids)](kernel::Db& db) -> Clerk::Reply {
        return [this, ids, found = positions_of(db, ids)] {
          reading_positions_ = false;
          for (const std::string& id : ids) {
            const auto each = found.find(id);
            if (held(id) != nullptr) manager_.position(id, each == found.end() ? Position{} : each->second);
          }
        };
      });
}

}  // namespace am::strategy
