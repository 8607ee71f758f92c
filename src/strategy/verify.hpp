#pragma once
// Whether the strategy desk's money and positions follow from its trades. Private to the desk.

#include "am/kernel/verification.hpp"

namespace am::strategy {

/// As kernel::Verify. Subjects are users, by their address; days: of users with sessions that began on these (UTC).
kernel::Verification verify_strategy(kernel::Db& db, std::optional<DateRange> days,
                                     const kernel::VerifyProgress& progress);

}  // namespace am::strategy
