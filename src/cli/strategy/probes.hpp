#pragma once
// What am doctor tries for the strategy desk. Private.

#include <vector>

#include "am/cli/context.hpp"
#include "am/kernel/doctor.hpp"

namespace am::cli {

/// Redis answers; a sandbox can be made here, and holds.
std::vector<kernel::Check> strategy_probes(Context& context, bool offline);

}  // namespace am::cli
