#pragma once
// The batches of the picks desk: /latest, /batches, the pages that draw them, the report.

#include "am/web/section.hpp"

namespace am::web {

/// Threads: any.
const Section& picks_section();

}  // namespace am::web
