#pragma once
// The desk's mails, as the tick, the night and a worker's end send them. Private.

#include "am/cli/context.hpp"

namespace am::cli {

/// Sends what people are to be told and were not yet; of all jobs that died since the last time one mail. Nothing under
/// --now. It fails no work: what could not be sent is logged, and tried again with the next tick.
void tell_forecast_notices(Context& context) noexcept;

}  // namespace am::cli
