#pragma once
// The engine: holds sessions of one asset type for a part of a day, feeds them what comes through Redis, and carries what
// they ask for to the gateway. Everything that it knows is in PostgreSQL: one that is killed is gone on from.
//
//   strategy thread   frames of MarketStream ─▶ StrategyManager ─▶ decisions; Python workers by epoll. It waits for nobody.
//   clerk             snapshots and signals in one transaction, claims, bars of before, positions: the database, in order
//   courier           POST {gateway}/internal/execute, of each session in order, until answered or too old
//   herald            alerts
//   heartbeat         the leases of the run and of the sessions
//
// Design: docs/architecture.md, "The strategy desk".

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "am/base/date.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/heartbeat.hpp"
#include "am/kernel/http_client.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/stop.hpp"
#include "am/strategy/day_slot.hpp"
#include "am/strategy/sessions.hpp"
#include "am/strategy/stream.hpp"
#include "am/strategy/worker.hpp"

namespace am::strategy {

struct EngineOptions {
  DaySlot slot{};
  TimeSpan window{};                                ///< of the slot
  std::optional<Instant> until{};                   ///< ends then, if that is earlier
  std::optional<std::chrono::milliseconds> idle{};  ///< ends when nothing came for so long
  StreamOptions stream{};
  std::string gateway_url, gateway_token;  ///< the token is a secret
  SandboxOptions sandbox{};
  Micros signal_ttl = 30'000'000;
  std::chrono::milliseconds session_lease = kSessionLease;
  std::chrono::milliseconds snapshot_every{10'000}, reconcile_every{30'000}, positions_every{2'000};
  /// How long bars that are missing are waited for in market.bars, and how often it is looked.
  std::chrono::milliseconds backfill_wait{20'000}, backfill_again{1'000};
  /// How long after the end of a crypto day the next slot's engine is waited for.
  std::chrono::milliseconds linger{600'000};
  /// At an end that nobody asked for: how long answers of workers and of the gateway are waited for.
  std::chrono::milliseconds settle{10'000};
};

struct EngineParts {
  kernel::DbOptions db;  ///< for connections of its own
  kernel::Transport& transport;
  kernel::Log& log;
  const kernel::Stop& stop;
  kernel::Heartbeat& heartbeat;
  std::string run_id;
  /// Throws when the run is no longer this process's.
  std::function<void()> check_run;
  /// Business time; it moves, also under --now. Threads: any.
  std::function<Instant()> now;
  /// Tells people of something that has a name of its own, on a thread of its own; may be empty.
  std::function<void(kernel::Db&, const std::string& name, const std::string& problem,
                     const std::string& text)>
      tell{};
  std::function<void(std::string_view)> probe{};  ///< before each request to the gateway, for crash sweeps
};

/// Units: nanoseconds. From reading the socket on.
struct LatencyFigures {
  std::uint64_t count = 0;
  std::int64_t p50 = 0, p90 = 0, p99 = 0, p999 = 0;
};

struct EngineResult {
  enum class End { day_over, until, idle, stopped } end = End::stopped;
  std::uint64_t sessions = 0;  ///< claimed, each time
  std::uint64_t bars = 0, trades = 0, bad_messages = 0;
  std::uint64_t repeated = 0, revised = 0, older = 0, impossible = 0, far_future = 0;
  std::uint64_t signals = 0, missed = 0, rejected = 0;
  std::uint64_t taken = 0, refused = 0, expired = 0;  ///< signals, as the gateway answered
  std::uint64_t gaps = 0, silences = 0, lost = 0, failed = 0;
  std::uint64_t hints_without_session = 0, hints_still_running = 0;
  std::uint64_t coalesced = 0, dropped = 0, connects = 0;
  LatencyFigures evaluated{};  ///< events of native strategies
  LatencyFigures queued{};     ///< signals, until they are on their way to the clerk
};

/// Returns when the day is over, when until or idle says so, or when this process is asked to end; its sessions are let go.
/// Errors:  as check_run, with the sessions let go; denied, config: of the database or of the stream's URL.
EngineResult run_engine(const EngineParts& parts, const EngineOptions& options);

}  // namespace am::strategy
