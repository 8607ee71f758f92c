#pragma once
// Keeps leases (of queue items, of runs, of a desk's own rows) while what holds them computes or waits: a thread of its
// own renews them over a connection of its own. The connection is opened only when something is held longer than a third
// of its lease, so a short command never pays for it.
//
// Whether a lease is still held is decided here by this machine's steady clock, which is asked before the statement is
// sent: so it ends here before anyone else can have it. Only a fence in the transaction that writes is proof.
// Design: docs/architecture.md, "Heartbeat".

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/kernel/log.hpp"

namespace am::kernel {

/// What became of a lease that was to be renewed.
enum class Renewal {
  renewed,
  lost,     ///< somebody else has it, it ran out, or it is over
  unknown,  ///< a transaction has the row, mostly the one that finishes it: ask again
};

/// One lease that is being kept; let go when destroyed.
/// Threads: held and check from any.
class Lease {
 public:
  struct State;
  Lease(std::string subject, std::shared_ptr<State> state);
  ~Lease();
  Lease(Lease&&) noexcept = default;
  Lease& operator=(Lease&&) = delete;

  /// Never waits. False once it was taken over, or not renewed in time; then it stays so.
  bool held() const noexcept;
  /// Errors:  busy: it was taken over, or is over; unavailable: it was not renewed in time.
  void check() const;

 private:
  std::string subject_;
  std::shared_ptr<State> state_;
};

/// Threads: hold from any. Leases may outlive it: then nothing renews them.
class Heartbeat {
 public:
  /// Renews those of a group that are still kept: their positions in the group, and what became of each, in that order.
  /// It runs on the heartbeat's thread, also a moment after the leases were let go: it owns what it uses.
  using Renew = std::function<std::vector<Renewal>(Sql&, std::span<const std::size_t> kept)>;

  /// options: for its connection. Its limits are lowered to what a lease leaves, and a signal does not end it: what is
  /// computed to its end when the process is asked to end keeps its lease.
  Heartbeat(DbOptions options, Log& log);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  /// Keeps leases of the same length that were claimed together, one a subject ("queue item 2026-01-26 of forecast").
  /// claimed: this machine's steady clock before the claim was sent.
  std::vector<Lease> hold(std::chrono::milliseconds length, SteadyTime claimed,
                          const std::vector<std::string>& subjects, Renew renew);

 private:
  class Beat;
  std::shared_ptr<Beat> beat_;
};

}  // namespace am::kernel
