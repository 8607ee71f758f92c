// Intents become decisions.

#include <cmath>
#include <utility>

#include "strategy/engine/routed_session.hpp"

namespace am::strategy {

namespace {

constexpr std::string_view kTradeEvents = "trade";

/// The reason why it can't be a signal; empty: the signal has its amounts.
std::string make_exact(const Asked& asked, const Intent& intent, Signal& signal) {
  if (asked.kind != EventKind::bar && asked.kind != EventKind::trade)
    return "it was asked for outside of a bar and a trade";
  if (!std::isfinite(intent.confidence)) return "confidence: it is not finite";
  auto price = exact_amount(intent.price, "price");
  if (!price) return price.error().reason;
  auto quantity = exact_amount(intent.quantity, "quantity");
  if (!quantity) return quantity.error().reason;
  signal.price = *price;
  signal.quantity = *quantity;
  return {};
}

void count_decision(Decision::What what, RoutingCounts& counts) {
  switch (what) {
    case Decision::What::signal:
      ++counts.signals;
      return;
    case Decision::What::missed:
      ++counts.missed;
      return;
    case Decision::What::rejected:
      ++counts.rejected;
      return;
    case Decision::What::muted:
      ++counts.muted;
      return;
  }
}

}  // namespace

void decide_intents(const RoutedSession& session, const Asked& asked, std::span<const Intent> intents,
                    bool ids, std::vector<Decision>& out, RoutingCounts& counts) {
  std::uint32_t ordinal = asked.first;
  for (const Intent& intent : intents) {
    Decision& decision = out.emplace_back();
    decision.what = asked.what;
    decision.kind = asked.kind;
    decision.event = asked.event;
    decision.ordinal = ordinal++;
    Signal& signal = decision.signal;
    signal.session_id = session.spec.session_id;
    signal.epoch = session.spec.epoch;
    signal.strategy_id = session.spec.strategy_id;
    signal.symbol = session.spec.symbol;
    signal.side = intent.side;
    signal.confidence = intent.confidence;
    signal.generated_at = asked.over;
    signal.metadata = intent.metadata;
    decision.reason = make_exact(asked, intent, signal);
    if (!decision.reason.empty())
      decision.what = Decision::What::rejected;
    else if (ids)
      name_signal(decision, session.spec.timeframe);
    count_decision(decision.what, counts);
  }
}

void name_signal(Decision& decision, std::string_view timeframe) {
  Signal& signal = decision.signal;
  SignalIds ids = signal_ids({.session_id = signal.session_id,
                              .strategy_id = signal.strategy_id,
                              .timeframe = decision.kind == EventKind::trade ? kTradeEvents : timeframe,
                              .event = decision.event,
                              .ordinal = decision.ordinal});
  signal.signal_id = std::move(ids.signal_id);
  signal.client_order_id = std::move(ids.client_order_id);
}

bool is_possible(const Trade& trade) {
  return trade.price > 0 && trade.price < kMostAmount && trade.size >= 0 && trade.size < kMostAmount;
}

std::string_view name_of(Gap gap) {
  switch (gap) {
    case Gap::none:
      return "none";
    case Gap::sequence:
      return "sequence";
    case Gap::jump:
      return "jump";
    case Gap::reconnect:
      return "reconnect";
    case Gap::coalesced:
      return "coalesced";
    case Gap::silence:
      return "silence";
    case Gap::behind:
      return "behind";
  }
  return "none";
}

}  // namespace am::strategy
