// The way of an event: which sessions of a lane see it, which are stale before it.

#include <algorithm>
#include <utility>

#include "am/strategy/bars.hpp"
#include "strategy/engine/routing_state.hpp"

namespace am::strategy {

namespace {

/// Of two lanes of one symbol and timeframe what is worth telling.
Routed more_telling(Routed a, Routed b) {
  for (const Routed first : {Routed::gap, Routed::evaluated})
    if (a == first || b == first) return first;
  return a == Routed::unrouted ? b : a;
}

}  // namespace

Sequence SequenceWatch::observe(std::uint64_t its_epoch, std::uint64_t seq) {
  const bool was_any = std::exchange(any, true);
  if (!was_any || its_epoch != epoch) {
    epoch = its_epoch;
    last = seq;
    return was_any ? Sequence::restarted : Sequence::first;
  }
  if (seq <= last) return Sequence::repeated;
  const bool is_next = seq == last + 1;
  last = seq;
  return is_next ? Sequence::next : Sequence::broken;
}

Routed StrategyManager::on_bar(std::string_view symbol, std::string_view timeframe, const Bar& bar,
                               Micros now) {
  ++state_->counts.bars;
  Routed routed = Routed::unrouted;
  if (RoutedSymbol* const of = state_->symbol_of(symbol)) {
    for (const auto& lane : of->lanes)
      if (lane->timeframe == timeframe) routed = more_telling(routed, state_->bar_to_lane(*lane, bar, now));
  }
  if (routed == Routed::unrouted) ++state_->counts.unrouted;
  return routed;
}

Routed StrategyManager::State::bar_to_lane(RoutedLane& lane, const Bar& bar, Micros now) {
  if (!is_possible(bar)) {
    ++counts.impossible;
    return Routed::impossible;
  }
  const Micros over = bar.start + lane.length;
  if (!lane.rehearsal && over > now + settings.future_slack) {
    ++counts.far_future;
    return Routed::far_future;
  }
  if (lane.last && bar.start <= lane.last->start) {
    if (bar.start < lane.last->start) {
      ++counts.older;
      return Routed::older;
    }
    if (bar == *lane.last) {
      ++counts.repeated;
      return Routed::repeated;
    }
    ++counts.revised;
    return Routed::revised;
  }
  const bool jumped = settings.gaps && find_jump(lane, bar);
  lane.last = bar;
  lane.last_seen = now;
  evaluate_bar(lane, bar, is_late(lane, over, now));
  if (lane.waiting > 0) keep(lane, bar);
  return jumped ? Routed::gap : Routed::evaluated;
}

bool StrategyManager::State::find_jump(RoutedLane& lane, const Bar& bar) {
  if (std::exchange(lane.check_each, false)) {
    bool found = false;
    for (auto* const entries : {&lane.natives, &lane.workers}) {
      for (RoutedEntry& entry : *entries) {
        if (entry.last_bar != kNoMoment && bar.start > entry.last_bar + lane.length)
          found = make_stale(lane, entry, Gap::jump) || found;
      }
    }
    return found;
  }
  return lane.last && bar.start > lane.last->start + lane.length && make_stale(lane, Gap::jump) > 0;
}

void StrategyManager::State::evaluate_bar(RoutedLane& lane, const Bar& bar, bool late) {
  std::uint64_t called = 0;
  for (RoutedEntry& entry : lane.natives) {
    if (!entry.live || bar.start <= entry.last_bar) continue;
    entry.last_bar = bar.start;
    ++entry.seen;
    ++called;
    entry.strategy->on_bar(bar, entry.position, intents);
    if (!intents.empty()) [[unlikely]]
      decide(entry, {.kind = EventKind::bar,
                     .event = bar.start,
                     .over = bar.start + lane.length,
                     .what = what_of(entry, bar.start, late)});
  }
  counts.callbacks += called;
  for (RoutedEntry& entry : lane.workers) {
    if (!entry.live || bar.start <= entry.last_bar) continue;
    if (entry.session->outbox.size() >= settings.most_kept)
      make_stale(lane, entry, Gap::behind);
    else
      evaluate_one(lane, entry, bar, late);
  }
}

void StrategyManager::State::evaluate_one(RoutedLane& lane, RoutedEntry& entry, const Bar& bar, bool late) {
  entry.last_bar = bar.start;
  ++counts.callbacks;
  RoutedSession& session = *entry.session;
  if (session.worker) {
    const bool muted = late || (session.muted_to && bar.start <= *session.muted_to);
    session.outbox.push_back({.kind = EventKind::bar, .muted = muted, .bar = bar});
    push_outbox(session);
    return;
  }
  ++entry.seen;
  entry.strategy->on_bar(bar, entry.position, intents);
  if (intents.empty()) return;
  decide(entry, {.kind = EventKind::bar,
                 .event = bar.start,
                 .over = bar.start + lane.length,
                 .what = what_of(entry, bar.start, late)});
}

Routed StrategyManager::on_trade(std::string_view symbol, const Trade& trade, Micros now) {
  ++state_->counts.trades;
  RoutedSymbol* const of = state_->symbol_of(symbol);
  if (of == nullptr) {
    ++state_->counts.unrouted;
    return Routed::unrouted;
  }
  if (!is_possible(trade)) {
    ++state_->counts.impossible;
    return Routed::impossible;
  }
  if (trade.at < of->last_trade) {
    ++state_->counts.older;
    return Routed::older;
  }
  Routed routed = Routed::unrouted;
  for (const auto& lane : of->lanes) routed = more_telling(routed, state_->trade_to_lane(*lane, trade, now));
  if (routed == Routed::evaluated) of->last_trade = trade.at;
  return routed;
}

Routed StrategyManager::State::trade_to_lane(RoutedLane& lane, const Trade& trade, Micros now) {
  if (!lane.rehearsal && trade.at > now + settings.future_slack) {
    ++counts.far_future;
    return Routed::far_future;
  }
  const bool late = is_late(lane, trade.at, now);
  for (RoutedEntry& entry : lane.natives) native_trade(entry, trade, late);
  for (RoutedEntry& entry : lane.workers) worker_trade(entry, trade, late);
  return Routed::evaluated;
}

void StrategyManager::State::native_trade(RoutedEntry& entry, const Trade& trade, bool late) {
  if (!entry.live) {
    ++counts.trades_passed;
    return;
  }
  if (trade.at < entry.last_trade) return;
  if (trade.at != entry.last_trade) entry.asked_at_trade = 0;
  entry.last_trade = trade.at;
  ++counts.callbacks;
  entry.strategy->on_trade(trade, entry.position, intents);
  if (intents.empty()) return;
  const auto asked = static_cast<std::uint32_t>(intents.size());
  decide(entry, {.kind = EventKind::trade,
                 .event = trade.at,
                 .over = trade.at,
                 .first = entry.asked_at_trade,
                 .what = what_of(entry, kNoMoment, late)});
  entry.asked_at_trade += asked;
}

void StrategyManager::State::worker_trade(RoutedEntry& entry, const Trade& trade, bool late) {
  RoutedSession& session = *entry.session;
  if (!entry.live || session.outbox.size() >= settings.most_kept) {
    ++counts.trades_passed;
    return;
  }
  if (trade.at < session.offered_trade) return;
  session.offered_trade = trade.at;
  ++counts.callbacks;
  session.outbox.push_back({.kind = EventKind::trade, .muted = late, .trade = trade});
  push_outbox(session);
}

Sequence StrategyManager::observe(std::string_view symbol, EventKind kind, std::uint64_t epoch,
                                  std::uint64_t seq) {
  RoutedSymbol* const of = state_->symbol_of(symbol);
  if (of == nullptr) return Sequence::first;
  const Sequence sequence = (kind == EventKind::trade ? of->trades : of->bars).observe(epoch, seq);
  if (kind == EventKind::bar && (sequence == Sequence::broken || sequence == Sequence::restarted))
    mark_stale(symbol, Gap::sequence);
  return sequence;
}

void StrategyManager::evaluated(std::string_view session_id, std::span<const Evaluated> answers, Micros now) {
  RoutedSession* const session = state_->find(session_id);
  if (session == nullptr || !session->worker) return;
  RoutedLane& lane = *session->lane;
  for (const Evaluated& answer : answers) state_->answer(lane, lane.entry_of(*session), answer, now);
  push_outbox(*session);
}

void StrategyManager::State::answer(RoutedLane& lane, RoutedEntry& entry, const Evaluated& evaluated,
                                    Micros now) {
  RoutedSession& session = *entry.session;
  for (const std::string& line : evaluated.output)
    words.push_back({.session_id = session.spec.session_id, .event = evaluated.at, .text = line});
  if (!evaluated.error.empty())
    words.push_back({.session_id = session.spec.session_id,
                     .event = evaluated.at,
                     .is_error = true,
                     .text = evaluated.error});
  Asked asked{.kind = evaluated.kind, .event = evaluated.at, .over = evaluated.at};
  if (evaluated.kind == EventKind::bar) {
    ++entry.seen;
    session.answered_bar = evaluated.at;
    asked.over += lane.length;
  } else if (evaluated.kind == EventKind::trade) {
    if (evaluated.at != entry.last_trade) entry.asked_at_trade = 0;
    entry.last_trade = evaluated.at;
    asked.first = entry.asked_at_trade;
    entry.asked_at_trade += static_cast<std::uint32_t>(evaluated.intents.size());
  }
  const bool is_bar = evaluated.kind == EventKind::bar;
  asked.what =
      what_of(entry, is_bar ? evaluated.at : kNoMoment, evaluated.muted || is_late(lane, asked.over, now));
  decide_intents(session, asked, evaluated.intents, settings.ids, decisions, counts);
}

void StrategyManager::State::decide(const RoutedEntry& entry, const Asked& asked) {
  decide_intents(*entry.session, asked, intents, settings.ids, decisions, counts);
  intents.clear();
}

Decision::What StrategyManager::State::what_of(const RoutedEntry& entry, Micros event, bool late) const {
  const RoutedSession& session = *entry.session;
  const bool in_warm_up = session.muted_to && event != kNoMoment && event <= *session.muted_to;
  if (in_warm_up || entry.seen < static_cast<std::uint64_t>(warm_up_of(session)))
    return Decision::What::muted;
  return late ? Decision::What::missed : Decision::What::signal;
}

bool StrategyManager::State::make_stale(RoutedLane& lane, RoutedEntry& entry, Gap gap) {
  if (!entry.live) return false;
  entry.live = false;
  entry.session->gap = gap;
  ++lane.waiting;
  ++counts.gaps;
  return true;
}

std::size_t StrategyManager::State::make_stale(RoutedLane& lane, Gap gap) {
  std::size_t marked = 0;
  for (auto* const entries : {&lane.natives, &lane.workers})
    for (RoutedEntry& entry : *entries) marked += make_stale(lane, entry, gap) ? 1 : 0;
  return marked;
}

void StrategyManager::State::keep(RoutedLane& lane, const Bar& bar) {
  if (lane.kept.size() >= settings.most_kept) {
    lane.kept.pop_front();
    ++counts.kept_lost;
  }
  lane.kept.push_back(bar);
}

int warm_up_of(const RoutedSession& session) {
  if (!session.worker) return session.warm_up;
  return std::max(session.warm_up, session.worker->warm_up_bars().value_or(0));
}

void push_outbox(RoutedSession& session) {
  while (!session.outbox.empty() && session.worker->offer(session.outbox.front())) session.outbox.pop_front();
}

}  // namespace am::strategy
