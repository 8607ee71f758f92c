#pragma once
// What Redis is told of sessions: an event on system:subscription_updates, and the symbols of sessions that run in the set
// active_subscriptions:<type>. Both are hints that may be lost: engines and ingest read the rows.
//
// Errors:  those of Redis and of Sql::query.

#include <cstddef>

#include "am/kernel/db.hpp"
#include "am/strategy/messages.hpp"
#include "am/strategy/redis.hpp"
#include "am/strategy/sessions.hpp"

namespace am::strategy {

/// subscribe for a session that runs, unsubscribe for one that has ended. Returns how many listeners it reached.
/// sql: not in a transaction that changes sessions: what is told has to be committed before.
long long announce_session(kernel::Sql& sql, Redis& redis, const Session& session);

/// Puts back what is missing from the set, as after a Redis that lost its data; what others put there stays. Returns how
/// many symbols were missing.
std::size_t restore_subscriptions(kernel::Sql& sql, Redis& redis, AssetType asset);

}  // namespace am::strategy
