#pragma once
// When things are due, in New York time: Mondays and their 14 days.

#include <string>

#include "am/base/date.hpp"

namespace am::picks {

/// The Monday of the New York week (Monday to Sunday) in which `now` lies.
Date current_run_date(Instant now);
/// "live" when the picks are made in their own week by the machine's clock, else "backfill": what is run with --now,
/// or late, can have seen what came of it, and reports keep the two apart.
std::string origin_of(Date run_date);
/// The last NYSE session strictly before run_date.
Date baseline_session(Date run_date);
/// 9:00 in New York on the run date.
Instant weekly_due_at(Date run_date);
/// 9:00 in New York on run_date + N days.
Instant checkpoint_due_at(Date run_date, int day);
/// How many of the 14 days are due at `now` (0..14).
int days_due(Date run_date, Instant now);
/// Errors:  usage, when it is not a Monday (naming the Monday of that week); no_input, when the week has not begun.
void check_run_date(Date run_date, Instant now);

}  // namespace am::picks
