#pragma once
// --from and --to, read together. Private.

#include <optional>

#include "am/base/date.hpp"

namespace am::cli {

/// Errors:  usage: --to lies before --from.
DateRange range_of(Date from, Date to);
/// What is left out is open: from 1990 on, to `today`. nullopt: neither was given.
/// Errors:  as above.
std::optional<DateRange> range_of(const std::optional<Date>& from, const std::optional<Date>& to, Date today);

}  // namespace am::cli
