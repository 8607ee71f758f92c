#pragma once
// The closes that a batch begins with. Private to the jobs.

#include <map>
#include <string>
#include <vector>

#include "am/picks/jobs.hpp"

namespace am::picks {

/// The final closes of the baseline session, one for each symbol; the benchmark first. way_out: for the hint, when no
/// waiting helps a pick.
///
/// Errors:  data, with the event batch_failed: a close that cannot be right; data: the source's answer does not reach
///          back so far, or it does not know a symbol, has had no close of one for more than five sessions, or still
///          lacks one a day after the batch was due; deferred: a close is missing (yet); what the source throws.
std::map<std::string, Decimal> take_baseline(Workbench& bench, kernel::Run& run, Date run_date,
                                             const std::string& source,
                                             const std::vector<std::string>& symbols,
                                             const std::string& way_out);

}  // namespace am::picks
