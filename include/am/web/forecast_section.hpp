#pragma once
// The series of the forecast desk: /forecast/…, the pages that draw them.

#include "am/web/section.hpp"

namespace am::web {

/// Threads: any.
const Section& forecast_section();

}  // namespace am::web
