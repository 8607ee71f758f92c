#pragma once
// A night, as the command, the tick and a resumed run do it. Private.

#include "am/cli/context.hpp"
#include "am/forecast/night.hpp"

namespace am::cli {

/// Errors:  as forecast::run_night.
Outcome do_night(Context& context, Date night);

}  // namespace am::cli
