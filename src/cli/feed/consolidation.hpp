#pragma once
// Consolidating runs that are due, for the command and the tick. Private.

#include <optional>
#include <string>

#include "am/cli/context.hpp"
#include "am/cli/outcome.hpp"

namespace am::cli {

/// Runs of this feed whose time has come: their stones are typed and priced, and they are closed. run: that one, also
/// before its time with `force`, also one of which too little came.
/// Errors:  no_input: no such run; usage: it can't be consolidated, and why.
Outcome consolidate_runs(Context& context, const std::optional<std::string>& run, bool force);

}  // namespace am::cli
