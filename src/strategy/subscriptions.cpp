#include "am/strategy/subscriptions.hpp"

#include <algorithm>

namespace am::strategy {

namespace {

/// Of one symbol. Another command may change the rows between our reading and our writing, and write first: so they are read
/// once more afterwards, until both agree.
void keep_symbol(kernel::Sql& sql, Redis& redis, AssetType asset, const std::string& symbol) {
  constexpr int kMostTurns = 5;
  const std::string set = subscription_set(asset);
  bool written = false;
  for (int turn = 0; turn < kMostTurns; ++turn) {
    const bool runs = is_traded(sql, asset, symbol);
    if (turn > 0 && runs == written) return;
    if (runs)
      redis.add(set, symbol);
    else
      redis.remove(set, symbol);
    written = runs;
  }
}

}  // namespace

long long announce_session(kernel::Sql& sql, Redis& redis, const Session& session) {
  keep_symbol(sql, redis, session.asset, session.symbol);
  std::string event;
  write_message(event, ControlEvent{.action = session.is_running() ? ControlEvent::Action::subscribe
                                                                   : ControlEvent::Action::unsubscribe,
                                    .symbol = session.symbol,
                                    .type = session.asset,
                                    .strategy_id = session.strategy_id,
                                    .session_id = session.id});
  return redis.publish(kControlChannel, event);
}

std::size_t restore_subscriptions(kernel::Sql& sql, Redis& redis, AssetType asset) {
  const std::vector<std::string> there = redis.members(subscription_set(asset));
  std::size_t missing = 0;
  for (const std::string& symbol : running_symbols(sql, asset)) {
    if (std::ranges::find(there, symbol) != there.end()) continue;
    keep_symbol(sql, redis, asset, symbol);
    ++missing;
  }
  return missing;
}

}  // namespace am::strategy
