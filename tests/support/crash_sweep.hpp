#pragma once
// The crash sweep: for n = 1, 2, … a job fails at its n-th call to the database or a vendor and is then run again
// undisturbed; afterwards the database must be the one that an undisturbed run leaves, byte for byte (ids, times,
// epochs and attempts aside). What a desk's rows are, it says itself (SweptDesk).
//
// A run of the tests takes one of eight rotations: each eighth point, the first and the last always. Which one follows
// from the number of commits, so that eight changes have swept all. AM_SWEEP=3/8 repeats a rotation, AM_SWEEP=all
// (`make sweep`) takes every point.

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/db.hpp"
#include "support/pg.hpp"

namespace am::test {

/// Which points are taken: those whose number is `rest` modulo `every`, the first and the last.
struct Rotation {
  int rest = 0;
  int every = 1;

  /// "3/8", or "all". Errors:  std::runtime_error for anything else.
  static Rotation parse(std::string_view text);
  /// Of this run: $AM_SWEEP, else by the commits of the source tree. A shallow clone has a hash of its HEAD instead, a
  /// tree without git one of its version.
  static Rotation current();

  std::string to_string() const;
  /// Of 1 to `points`, ascending.
  std::vector<int> of(int points) const;
};

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

/// What a sweep knows of a desk.
struct SweptDesk {
  std::string (*dump)(kernel::Sql& sql);  ///< its rows, and those of the ledger, as sorted lines
  void (*empty)(kernel::Sql& sql);        ///< removes them all
};

/// One job under the sweep. A call of `run` is one process: whatever it needs is made anew inside.
struct SweptJob {
  SweptDesk desk;
  /// What is there before the job (a batch); may be empty.
  std::function<void(const TestDb& home)> prepare{};
  std::function<void(const TestDb& home, CrashPoint& point)> run{};
  /// Called after the crash, before the rerun, and after the rerun: whatever else must hold (vendor calls).
  std::function<void(kernel::Sql& sql)> after_crash{};
  std::function<void(kernel::Sql& sql)> after_rerun{};
};

/// Sweeps; failures are reported to GoogleTest. Returns how many points the undisturbed job has.
int sweep(const SweptJob& job, Crash crash);

/// Runs that are held by "this process" count as held by one that is gone.
void bury_holders(kernel::Sql& sql);

/// Calls `at` with each point of the current rotation, until the test has failed, and says what it takes. A failure
/// names the point, and how to repeat it.
void for_each_point(std::string_view what, int points, const std::function<void(int n)>& at);

}  // namespace am::test
