#pragma once
// How dates read for people. Whatever is for programs stays ISO 8601.

#include <string>

#include "am/base/date.hpp"

namespace am {

/// "Monday, 26 January 2026", "Mon 26 Jan", "26 Jan".
std::string long_date(Date date);
std::string weekday_date(Date date);
std::string day_month(Date date);
/// "Mon".
std::string weekday_name(Date date);

}  // namespace am
