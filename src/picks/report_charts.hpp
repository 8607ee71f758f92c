#pragma once
// The report's two charts as inline SVG: drawn by hand, no script, coloured by the page's style sheet.
// Private.

#include <string>
#include <vector>

#include "am/picks/report.hpp"

namespace am::picks {

/// Mean excess by day with its interval as a band; empty when no day was computed. `id` must be unique on the
/// page.
std::string chart_by_day(const GroupLine& group, const std::string& id);

/// One bar per batch that has a mean excess; complete ones full, running ones pale. Empty without any.
std::string chart_by_batch(const std::vector<const BatchLine*>& batches, const std::string& id);

}  // namespace am::picks
