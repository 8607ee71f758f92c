#pragma once
// One group on the page: the verdict in plain words, its figures, charts, and the list of its batches. Private.

#include <string>
#include <vector>

#include "am/picks/report.hpp"

namespace am::picks {

/// <section>. `id` must be unique on the page.
std::string group_section(const GroupLine& group, const std::vector<const BatchLine*>& batches,
                          const std::string& id, bool is_range, const ReportLinks& links);

/// Where a batch is: its page, or its place on this one.
std::string batch_address(const BatchLine& line, const std::string& id, const ReportLinks& links);

/// The list of a group's batches, newest first: the newest of them open, the older ones folded by year. Without pages of
/// their own the newest have their prices and reasons here.
std::string batch_list(const std::vector<const BatchLine*>& batches, const std::string& id,
                       const ReportLinks& links);

}  // namespace am::picks
