#pragma once
// What commands of the feed desk work with. Private.

#include "am/feed/consolidate.hpp"
#include "am/kernel/config.hpp"

namespace am::cli {

feed::ConsolidationOptions consolidation_options(const kernel::Config& config);

}  // namespace am::cli
