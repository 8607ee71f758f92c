#pragma once
// The feed's part of `am due --run`, and how its runs of the ledger go on. Private.

#include "am/cli/context.hpp"
#include "cli/desks.hpp"

namespace am::cli {

Outcome feed_tick(Context& context, long long& left);
Outcome feed_resume(Context& context, const kernel::RunInfo& run);
/// What every worker and tick ends with: by e-mail or in the log, of each run that failed once.
void tell_failed_runs(Context& context);

}  // namespace am::cli
