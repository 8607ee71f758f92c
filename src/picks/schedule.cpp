#include "am/picks/schedule.hpp"

#include "am/kernel/clock.hpp"
#include "am/kernel/new_york.hpp"
#include "am/market/calendar.hpp"
#include "am/picks/types.hpp"

namespace am::picks {

Date current_run_date(Instant now) { return market::week_monday(kernel::new_york_date(now)); }

std::string origin_of(Date run_date) {
  return run_date >= current_run_date(kernel::SystemClock().now()) ? "live" : "backfill";
}

Date baseline_session(Date run_date) { return market::previous_session(run_date); }

Instant weekly_due_at(Date run_date) { return kernel::new_york_instant(run_date, std::chrono::hours(9)); }

Instant checkpoint_due_at(Date run_date, int day) {
  return kernel::new_york_instant(run_date + day, std::chrono::hours(9));
}

int days_due(Date run_date, Instant now) {
  int days = 0;
  while (days < kDays && checkpoint_due_at(run_date, days + 1) <= now) ++days;
  return days;
}

void check_run_date(Date run_date, Instant now) {
  const Date monday = market::week_monday(run_date);
  if (monday != run_date) {
    throw Error(ErrorKind::usage,
                "run date " + run_date.to_string() + ": not a Monday (expected " + monday.to_string() + ")",
                "a batch is named by the Monday of its week");
  }
  if (run_date > current_run_date(now)) {
    throw Error(ErrorKind::no_input, "run date " + run_date.to_string() + ": that week has not begun",
                "rehearse it with --now " + run_date.to_string() + "T14:00:00Z")
        .retry_after(weekly_due_at(run_date));
  }
}

}  // namespace am::picks
