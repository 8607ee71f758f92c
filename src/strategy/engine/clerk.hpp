#pragma once
// The engine's work on the database, on a thread of its own, in the order in which it was asked for: what is read and
// written must not stop the market. What comes of it goes back to the thread that asked. Private.

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "am/kernel/db_pool.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/stop.hpp"

namespace am::strategy {

using kernel::SteadyTime;

/// Threads: submit from any; run_replies from the engine's.
class Clerk {
 public:
  /// Runs in the engine's thread. Empty: nothing to say.
  using Reply = std::function<void()>;
  using Work = std::function<Reply(kernel::Db&)>;

  struct Options {
    std::size_t most_waiting = 4096;
    std::chrono::milliseconds first_wait{50}, most_wait{1000};  ///< before work is tried again
  };
  /// wake: called when there is a reply; from any thread.
  Clerk(const kernel::DbOptions& db, kernel::Log& log, const kernel::Stop& stop, std::function<void()> wake);
  Clerk(const kernel::DbOptions& db, kernel::Log& log, const kernel::Stop& stop, std::function<void()> wake,
        const Options& options);
  ~Clerk();
  Clerk(const Clerk&) = delete;
  Clerk& operator=(const Clerk&) = delete;

  /// While the database is away the work is repeated, as long as it is needed: so it is fenced, or idempotent. Any other
  /// error of it is thrown by run_replies. False: too much waits, nothing is taken.
  bool submit(std::string_view what, Work work, std::function<bool()> needed = {});
  void run_replies();
  std::size_t waiting() const;
  /// Waits until nothing is under way, or until then. False: something still is.
  bool settle(SteadyTime until);

 private:
  void serve(kernel::Db& db, const std::string& what, const Work& work, const std::function<bool()>& needed);
  Reply attempt(kernel::Db& db, const std::string& what, const Work& work,
                const std::function<bool()>& needed);

  kernel::Log& log_;
  const kernel::Stop& stop_;
  const std::function<void()> wake_;
  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Reply> replies_;
  std::size_t under_way_ = 0;
  bool ending_ = false;
  kernel::DbPool pool_;  // the last: its thread uses what is above
};

}  // namespace am::strategy
