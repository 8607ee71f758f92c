#pragma once
// What a worker over a queue tells at its end. Private.

#include <cstddef>
#include <string>

#include "am/cli/outcome.hpp"
#include "am/kernel/drain.hpp"

namespace am::cli {

/// Of two drains, or of two threads.
void add(kernel::Drained& sum, const kernel::Drained& more);
/// Items that were claimed.
std::size_t taken(const kernel::Drained& drained);
/// none: what is said when nothing was ready ("no job is ready").
Outcome outcome_of_work(const kernel::Drained& drained, const std::string& none);

}  // namespace am::cli
