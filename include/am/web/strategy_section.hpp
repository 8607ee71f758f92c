#pragma once
// The sessions of the strategy desk: /strategy/…, the pages that show what they trade.

#include "am/web/section.hpp"

namespace am::web {

/// Threads: any.
const Section& strategy_section();

}  // namespace am::web
