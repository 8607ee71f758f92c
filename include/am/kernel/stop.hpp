#pragma once
// Being asked to end: SIGTERM and SIGINT set a flag, work looks at it between items. Nothing is
// cancelled in the middle; what is running is finished or released.

#include <atomic>
#include <chrono>

namespace am::kernel {

class Stop {
 public:
  /// Routes SIGTERM and SIGINT of this process to `stop` (one per process) and ignores SIGPIPE.
  static void install(Stop& stop);

  void request(int signal) noexcept { signal_.store(signal, std::memory_order_relaxed); }
  bool requested() const noexcept { return signal_.load(std::memory_order_relaxed) != 0; }
  /// Errors:  Error{interrupted} after SIGINT, Error{terminated} after SIGTERM.
  void check() const;
  /// Sleeps so long; returns early, and then throws as check(), when asked to end.
  void sleep(std::chrono::milliseconds duration) const;

 private:
  std::atomic<int> signal_{0};
};

}  // namespace am::kernel
