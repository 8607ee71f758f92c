#pragma once
// When a job is stale: what should have happened did not, and somebody should look. One rule for `am status` and the
// status page. Pure: whoever asks has read the ledger before.
//
// Time:    business time decides what is overdue; whether a lease is live is the database's to say.

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/duty.hpp"

namespace am::kernel {

/// A kind of run in the ledger whose slots fall due.
struct Job {
  std::string_view name;     ///< "weekly_pick_v1"
  std::string_view command;  ///< "am run-weekly": what does its due slots
  /// Due for longer than this is overdue. The schedules that come with am start within it, winter and summer.
  std::chrono::minutes overdue_after{120};
  /// What has been put off is overdue all the same once it is a day later than that.
  std::chrono::minutes overdue_after_put_off{26 * 60};
  /// What its steps hold is evidence: its runs are never pruned, and what a discarded one had finished is kept.
  bool keeps_evidence = false;
};

bool is_overdue(const Job& job, const Duty& duty, const Standing& standing, Instant now);

/// One thing that is stale, and what to do.
struct Stale {
  enum class Code { overdue, failed, abandoned, lost, clock } code;
  std::string job;      ///< empty: not about one job
  std::string message;  ///< lower case, no full stop
  std::string hint;
};
/// "overdue", "failed", "abandoned", "lost"; "clock" is for whoever has compared the clocks (clock_guard.hpp).
std::string_view stale_code_name(Stale::Code code);

/// Shape:   empty when all is well. Overdue slots, runs that failed, and runs that were abandoned while their slot is
///          due: one element for all of a job's; then each run whose process died and that nobody took up. A run that
///          failed is stale until it is done or abandoned, however many came after it. duties: of these jobs, by due_at.
std::vector<Stale> stale_of(std::span<const Job> jobs, std::span<const Duty> duties,
                            std::span<const OpenRun> open, Instant now);

}  // namespace am::kernel
