#pragma once
// Checks of the desk's stored rows.

#include "am/kernel/verification.hpp"

namespace am::forecast {

/// As kernel::Verify: every prediction has its job, every day of a job's range is there, sums are those of their days.
kernel::Verification verify_data(kernel::Db& db, std::optional<DateRange> days,
                                 const kernel::VerifyProgress& progress);

}  // namespace am::forecast
