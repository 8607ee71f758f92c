#pragma once
// Ends statements that the driver waits for: it waits without an end, and no signal wakes it. A thread watches the one
// statement that is under way; at its deadline, or shortly after the process was asked to end, it asks the server to
// cancel it, and when that does not help either, cuts the connection, which the driver then reports as lost. Private.

#include <memory>

#include "libpq.hpp"

namespace am::kernel {

/// What it takes to cancel a connection's statement and to cut the connection, while another thread waits in it.
class Lifeline {
 public:
  explicit Lifeline(PGconn* connection);
  ~Lifeline();
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;

  /// Asks for it and does not wait for the answer, which a silent server never gives.
  void cancel() const;
  void cut() const;

 private:
  std::shared_ptr<PGcancel> cancel_;
  int socket_;  ///< our own descriptor of it: the driver may close its own at any moment
};

/// Threads: arm and disarm from one. Its own begins with the first statement.
class Watchdog {
 public:
  explicit Watchdog(const Stop* stop) : stop_(stop) {}
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// From here on the statement under way on this connection is watched. The lifeline has to live until disarm().
  void arm(const Lifeline& lifeline, SteadyTime deadline);
  /// The statement is over. True: it was cancelled, or its connection cut.
  bool disarm();

 private:
  class Watcher;
  const Stop* stop_;
  /// Shared with its thread, which nobody waits for: that would cost each short command a turn of the scheduler.
  std::shared_ptr<Watcher> watcher_;
};

}  // namespace am::kernel
