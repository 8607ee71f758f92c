#pragma once
// Being asked to end: SIGTERM and SIGINT set a flag, work looks at it between items. What waits (for the database, a
// vendor, a pipe) is given a moment to come to its end, then it is ended, so that the process is gone within a second;
// computing and writing are never cut.

#include <atomic>
#include <chrono>

namespace am::kernel {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Threads: safe from any; request() also from a signal handler.
class Stop {
 public:
  /// How long a wait may still last once the process is asked to end: many times what a healthy database takes, and
  /// together with what it takes to end the wait less than a second.
  struct Grace {
    std::chrono::milliseconds under_way{300};
    std::chrono::milliseconds afterwards{
        800};  ///< counted from the same moment: to record what became of the work
  };
  Stop() : Stop(Grace{}) {}
  explicit Stop(Grace grace);
  ~Stop();
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;

  /// Routes SIGTERM and SIGINT of this process to `stop` (one per process) and ignores SIGPIPE.
  static void install(Stop& stop);

  void request(int signal) noexcept;
  bool requested() const noexcept { return signal_.load() != 0; }
  /// Errors:  Error{interrupted} after SIGINT, Error{terminated} after SIGTERM.
  void check() const;
  /// Sleeps so long; returns early, and then throws as check(), when asked to end.
  void sleep(std::chrono::milliseconds duration) const;

  /// Readable once it is requested, for poll().
  int descriptor() const noexcept { return descriptor_; }
  /// When a wait that began then has to be over: never, until it is requested.
  SteadyTime end_of_wait(SteadyTime began) const noexcept;

 private:
  const Grace grace_;
  std::atomic<int> signal_{0};
  std::atomic<std::chrono::steady_clock::rep> requested_at_{0};
  int descriptor_;
};

}  // namespace am::kernel
