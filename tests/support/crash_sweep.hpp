#pragma once
// The crash sweep: for n = 1, 2, … a job fails at its n-th call to the database or a vendor and is then run again
// undisturbed; afterwards the database must be the one that an undisturbed run leaves, byte for byte (ids, times,
// epochs and attempts aside). Where a job has many points, only some are taken, the first and the last always.

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "am/kernel/db.hpp"
#include "support/pg.hpp"

namespace am::test {

/// The picks desk's rows, origins, cached closes, runs, steps and events as sorted lines. Batches are named by their
/// run date. The leases under which closes are fetched (fetch_closes_v1) are left out: they guard, they are no work.
std::string dump_picks(kernel::Sql& sql);

enum class Crash {
  error_once,       ///< one call throws Error{unavailable}, the rest of the process goes on and can tidy up
  death,            ///< that call and every later one throws; afterwards the process counts as gone
  lost_connection,  ///< the server ends every connection to the database just before the call
};
std::string_view crash_name(Crash crash);

/// Counts the calls and fails at the n-th (0: never).
/// Threads: any.
class CrashPoint {
 public:
  CrashPoint(const TestDb& home, Crash crash, int n) : home_(home), crash_(crash), n_(n) {}
  void operator()(std::string_view what);
  int count() const { return count_; }
  bool fired() const { return n_ > 0 && count_ >= n_; }

 private:
  const TestDb& home_;
  Crash crash_;
  int n_;
  std::atomic<int> count_{0};
};

/// One job under the sweep. A call of `run` is one process: whatever it needs is made anew inside.
struct SweptJob {
  /// What is there before the job (a batch); may be empty.
  std::function<void(const TestDb& home)> prepare;
  std::function<void(const TestDb& home, CrashPoint& point)> run;
  /// Called after the crash, before the rerun, and after the rerun: whatever else must hold (vendor calls).
  std::function<void(kernel::Sql& sql)> after_crash;
  std::function<void(kernel::Sql& sql)> after_rerun;
};

/// Sweeps, at most about `most` points; failures are reported to GoogleTest. Returns how many points the undisturbed
/// job has.
int sweep(const SweptJob& job, Crash crash, int most);

/// Removes every row of the picks desk and of the ledger.
void empty_all(kernel::Sql& sql);

/// Runs that are held by "this process" count as held by one that is gone.
void bury_holders(kernel::Sql& sql);

/// Which points to take: 1, the last one, and in between so many that there are about `most`.
int sweep_step(int points, int most);

}  // namespace am::test
