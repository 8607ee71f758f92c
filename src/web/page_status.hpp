#pragma once
// What the status page shows, apart from where it is read, so that it is tested without a database. Private.

#include <vector>

#include "am/kernel/metrics.hpp"
#include "am/picks/due.hpp"
#include "page_layout.hpp"

namespace am::web {

struct StatusView {
  Instant now{};                       ///< business time
  std::vector<picks::Due> due;         ///< as due_of gives it
  std::vector<kernel::JobState> jobs;  ///< by name
  std::vector<kernel::BudgetState> budgets;
};

/// Due for longer than this is overdue. The schedules that come with am start within it, winter and summer.
inline constexpr std::chrono::hours kOverdueAfter{2};

/// Threads: pure.
PageFrame status_frame(const StatusView& view);

}  // namespace am::web
