#pragma once
// The report's charts as inline SVG: drawn by hand, no script, coloured by the page's style sheet. Each is empty when there
// is nothing to draw; `id` must be unique on the page.
// Private.

#include <functional>
#include <string>
#include <vector>

#include "am/picks/report.hpp"

namespace am::picks {

/// Mean excess by day with its interval as a band.
std::string chart_by_day(const GroupLine& group, const std::string& id);

/// The e-value week by week on a logarithmic scale, with the line at which it decides.
std::string chart_of_e_values(const GroupLine& group, const std::string& id);

/// The mean of all weeks up to each one, with the interval that may be read every week as a band.
std::string chart_of_mean(const GroupLine& group, const std::string& id);

/// One bar per batch that has a mean excess; complete ones full, running ones pale. Each links to its address.
std::string chart_by_batch(const std::vector<const BatchLine*>& batches, const std::string& id,
                           const std::function<std::string(const BatchLine&)>& address);

}  // namespace am::picks
