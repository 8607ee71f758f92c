#pragma once
// A connected socket to a Redis.

#include "am/kernel/stop.hpp"
#include "am/strategy/redis.hpp"

namespace am::strategy {

/// Blocking, not inherited by programs, without delay, with keep-alive; the caller's to close.
///
/// Errors:  unavailable: no such host, nobody listens, not until then.
int connect_socket(const RedisTarget& target, kernel::SteadyTime until);

}  // namespace am::strategy
