#pragma once
// Values that are well-formed by the table of keys and that a command would refuse all the same. Private.

#include <vector>

#include "am/base/error.hpp"
#include "am/cli/context.hpp"

namespace am::cli {

/// What `config check` and `doctor` tell before a command stumbles over it, each naming its key. Looks into the
/// directory of a csv: source; asks nobody else.
std::vector<Error> unusable_values(Context& context);

}  // namespace am::cli
