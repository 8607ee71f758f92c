#pragma once
// Whether the feed's rows agree with each other. Private.

#include "am/kernel/verification.hpp"

namespace am::feed {

/// As kernel::Verify. Subjects are runs, days those on which they were planned (UTC).
kernel::Verification verify_feed(kernel::Db& db, std::optional<DateRange> days,
                                 const kernel::VerifyProgress& progress);

}  // namespace am::feed
