#pragma once
// Reading for servers: several statements in one read-only snapshot and one round trip, with a deadline, and a small
// pool of threads that each keep a connection for it. Writes go through db.hpp; this can't write (BEGIN … READ ONLY).
// Works through a transaction-mode pooler: statements are prepared under a name that is a hash of their text, so what
// another client left on a shared session under that name is the same statement.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "am/base/result.hpp"
#include "am/kernel/db.hpp"

namespace am::kernel {

struct SnapshotOptions {
  DbOptions db;
  std::chrono::milliseconds timeout{2000};  ///< for connecting and reading together; the server is told, too
};

/// One connection, made when it is first needed and again when it was lost.
/// Threads: one at a time.
class SnapshotReader {
 public:
  virtual ~SnapshotReader() = default;
  /// Shape:   one result per statement, in their order.
  /// Errors:  as Sql::query; Error{unavailable} when it took longer than the timeout; as Stop::check when asked to end
  ///          meanwhile. A connection that was lost
  ///          while idle is replaced and the statements are run again, once.
  virtual std::vector<Rows> read(const std::vector<Statement>& statements) = 0;
};

/// Connects at the first read. Errors: config, for a URL that is missing or malformed.
std::unique_ptr<SnapshotReader> open_snapshots(const SnapshotOptions& options);

/// Threads with a reader each, and a bounded queue before them.
class SnapshotPool {
 public:
  using Work = std::function<void(SnapshotReader&)>;
  using Taken = std::function<void(const Result<std::vector<Rows>, Error>&)>;
  /// Errors:  as open_snapshots.
  SnapshotPool(const SnapshotOptions& options, int threads, std::size_t max_waiting);
  ~SnapshotPool();  ///< finishes what runs (or ends it, when asked to end: DbOptions::stop), drops what waits
  SnapshotPool(const SnapshotPool&) = delete;
  SnapshotPool& operator=(const SnapshotPool&) = delete;

  /// False: the queue is full and the work was not taken. The work must not throw.
  [[nodiscard]] bool submit(Work work);
  /// Statements, and who takes their results (or the error). Those that wait together are read together, in one
  /// transaction and one round trip, which under load is most of what a short read costs. `taken` must not throw.
  [[nodiscard]] bool read(std::vector<Statement> statements, Taken taken);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace am::kernel
