#pragma once
// Waiting that always ends: by its deadline, or because the process was asked to end. Private.

#include <functional>
#include <thread>

#include <poll.h>

#include "am/base/error.hpp"
#include "am/kernel/stop.hpp"

namespace am::kernel {

/// One wait, from its construction on.
/// Owns:    nothing; `stop` (may be null) outlives it.
/// Threads: one at a time.
class Wait {
 public:
  explicit Wait(const Stop* stop, SteadyTime deadline = SteadyTime::max())
      : stop_(stop), deadline_(deadline), began_(std::chrono::steady_clock::now()) {}
  Wait(const Stop* stop, std::chrono::milliseconds longest);

  /// poll(2) for POLLIN or POLLOUT (or both). False: it is over.
  bool for_events(int descriptor, short events) const;
  /// When it is over, as far as that is known now.
  SteadyTime end() const;
  /// The rest of it for calls that take milliseconds; -1: no end.
  int milliseconds_left() const;
  bool is_over() const { return milliseconds_left() == 0; }
  const Stop* stop() const { return stop_; }
  /// A part of it, which may not take longer than that.
  Wait within(std::chrono::milliseconds longest) const;
  /// When it is over.
  /// Errors:  as Stop::check, if that is why; else `too_late`.
  [[noreturn]] void give_up(const Error& too_late) const;

 private:
  const Stop* stop_;
  SteadyTime deadline_;
  SteadyTime began_;
};

/// Errors:  Error{unavailable} when there may be no more threads.
std::thread start_thread(std::function<void()> work);

/// Runs what nothing can interrupt (looking up a name, libpq's cancel) on a thread of its own. False: the wait was over
/// first; then the thread is left to itself, so `work` owns whatever it touches, and must not throw.
bool run_apart(std::function<void()> work, const Wait& wait);

}  // namespace am::kernel
