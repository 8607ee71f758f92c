#pragma once
// The feed's part of `am due --run`, and how its runs of the ledger go on. Private.

#include <functional>

#include "am/cli/context.hpp"
#include "cli/desks.hpp"

namespace am::cli {

/// What ends a piece of work is its outcome: a supplier that is away stops no consolidation, nor one kind of plan the other.
/// Errors:  interrupted, terminated.
Outcome attempt(const std::function<Outcome()>& work);
Outcome feed_tick(Context& context, long long& left);
Outcome feed_resume(Context& context, const kernel::RunInfo& run);
/// What every worker and tick ends with: by e-mail or in the log, of each run that failed once.
void tell_failed_runs(Context& context);

}  // namespace am::cli
