#pragma once
// Writing for servers: threads with a connection each, behind a bounded queue; the writing twin of SnapshotPool. What is
// written, in which transaction and what is done about an error is the work's business.

#include <cstddef>
#include <functional>
#include <memory>

#include "am/kernel/db.hpp"

namespace am::kernel {

class DbPool {
 public:
  /// Runs on one of the pool's threads, with that thread's connection for itself: nothing of it is left open when the work
  /// returns. It must not throw: whoever waits for it is told by the work itself.
  using Work = std::function<void(Db&)>;

  /// A thread connects when its first work asks for something. While the database is away each work is told so
  /// (Error{unavailable}, as open_db), and the next one tries again; a connection that was lost is replaced as Db does it.
  /// Errors:  config, for a URL that is missing or malformed.
  DbPool(const DbOptions& options, int threads, std::size_t max_waiting);
  /// Finishes what runs (or ends it, when asked to end: DbOptions::stop) and drops what waits, without calling it.
  ~DbPool();
  DbPool(const DbPool&) = delete;
  DbPool& operator=(const DbPool&) = delete;

  /// False: the queue is full and the work was not taken. Threads: any.
  [[nodiscard]] bool submit(Work work);
  std::size_t waiting() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace am::kernel
