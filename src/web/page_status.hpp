#pragma once
// What the status page shows, apart from where it is read, so that it is tested without a database. Private.

#include <span>
#include <vector>

#include "am/kernel/overview.hpp"
#include "am/kernel/stale.hpp"
#include "page_layout.hpp"

namespace am::web {

struct StatusView {
  Instant now{};                       ///< business time
  std::span<const kernel::Job> kinds;  ///< whose slots fall due
  std::vector<kernel::Duty> due;       ///< of these, by due_at
  std::vector<kernel::JobState> jobs;  ///< by name
  std::vector<kernel::OpenRun> open;
  std::vector<kernel::BudgetState> budgets;
};

/// Threads: pure.
PageFrame status_frame(const StatusView& view);

}  // namespace am::web
