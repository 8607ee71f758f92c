#pragma once
// What the program says of itself to Prometheus, for /metrics and the textfile alike: the kernel's families about the
// ledger and the budgets, and the desk's about its rows and what is due. Counts nothing itself: queries over what is
// stored.

#include <functional>
#include <optional>
#include <vector>

#include "am/base/error.hpp"
#include "am/kernel/metrics.hpp"

namespace am::picks {

/// Runs statements in one snapshot: a reader or a connection.
using ReadStatements = std::function<std::vector<kernel::Rows>(const std::vector<kernel::Statement>&)>;

struct ProgramMetrics {
  std::vector<kernel::MetricFamily> families;
  std::optional<Error> error;  ///< why the database did not answer; its families are left out then
};

/// am_build_info, am_database_up, and what the database knows: am_job_*, am_rate_limit_*, am_batches, am_checkpoints.
/// Time:    business time decides what is due.
/// Errors:  none: what read throws is the result's error.
ProgramMetrics program_metrics(const ReadStatements& read, const std::vector<kernel::RateLimit>& limits,
                               Instant now);

}  // namespace am::picks
