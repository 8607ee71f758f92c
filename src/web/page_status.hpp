#pragma once
// What the status page shows, apart from where it is read, so that it is tested without a database. Private.

#include <vector>

#include "am/kernel/metrics.hpp"
#include "am/picks/due.hpp"
#include "am/picks/stale.hpp"
#include "page_layout.hpp"

namespace am::web {

struct StatusView {
  Instant now{};                       ///< business time
  std::vector<picks::Due> due;         ///< as due_of gives it
  std::vector<kernel::JobState> jobs;  ///< by name
  std::vector<kernel::OpenRun> open;
  std::vector<kernel::BudgetState> budgets;
};

/// Threads: pure.
PageFrame status_frame(const StatusView& view);

}  // namespace am::web
