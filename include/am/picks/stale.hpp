#pragma once
// When a job of the desk is stale: what should have happened did not, and somebody should look. One rule for
// `am status` and the status page. Pure: whoever asks has read the ledger before.
//
// Time:    business time decides what is overdue; whether a lease is live is the database's to say.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "am/kernel/metrics.hpp"
#include "am/picks/due.hpp"

namespace am::picks {

/// Due for longer than this is overdue. The schedules that come with am start within it, winter and summer.
inline constexpr std::chrono::hours kOverdueAfter{2};
/// What has been put off is overdue all the same once it is a day later than that.
inline constexpr std::chrono::hours kOverdueAfterPutOff{26};

/// work: as due_work gives it; what waits has been put off.
bool is_overdue(const DueWork& work, Instant now);

/// One thing that is stale, and what to do.
struct Stale {
  enum class Code { overdue, failed, abandoned, lost, clock } code;
  std::string job;      ///< empty: not about one job
  std::string message;  ///< lower case, no full stop
  std::string hint;
};
/// "overdue", "failed", "abandoned", "lost"; "clock" is for whoever has compared the clocks (kernel/clock_guard.hpp).
std::string_view stale_code_name(Stale::Code code);

/// Shape:   empty when all is well. Overdue slots, runs that failed, and runs that were abandoned while their slot is
///          due: one element for all of a job's; then each run whose process died and that nobody took up. A run that
///          failed is stale until it is done or abandoned, however many came after it.
std::vector<Stale> stale_of(const std::vector<Due>& due, const std::vector<kernel::OpenRun>& open,
                            Instant now);

}  // namespace am::picks
