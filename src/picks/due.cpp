#include "am/picks/due.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "am/kernel/new_york.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/schedule.hpp"

namespace am::picks {

namespace {

Due weekly(Date run_date) {
  return {std::string(kWeeklyJob), run_date.to_string(), run_date, 0,
          kernel::new_york_instant(run_date, std::chrono::hours(9))};
}

Due daily(const std::string& batch_id, Date run_date, int day) {
  return {std::string(kCheckpointJob), batch_id + ":" + std::to_string(day), run_date, day,
          checkpoint_due_at(run_date, day)};
}

/// What is due, and the first of what is not; `slots` by due_at.
void take(std::vector<Due>& out, const std::vector<Due>& slots, Instant now) {
  for (const Due& slot : slots) {
    out.push_back(slot);
    if (!slot.is_due(now)) return;
  }
}

bool earlier(const Due& a, const Due& b) {
  return std::tie(a.due_at, a.run_date) < std::tie(b.due_at, b.run_date);
}

}  // namespace

std::vector<kernel::Statement> due_statements(Instant now) {
  return {
      {"SELECT to_char(run_date, 'YYYY-MM-DD') AS run_date FROM batches WHERE run_date >= $1::date",
       kernel::sql_values(current_run_date(now))},
      {"SELECT b.id::text AS id, to_char(b.run_date, 'YYYY-MM-DD') AS run_date, day.n AS day FROM batches b "
       "CROSS JOIN generate_series(1, $1::int) AS day (n) WHERE b.status = 'active' AND NOT EXISTS (SELECT 1 FROM "
       "checkpoints c WHERE c.batch_id = b.id AND c.checkpoint_date = b.run_date + day.n - 1)",
       kernel::sql_values(kDays)}};
}

std::vector<Due> due_of(const std::vector<kernel::Rows>& results, Instant now) {
  const kernel::Rows& batches = results.at(0);
  std::set<Date> made;
  for (std::size_t i = 0; i < batches.size(); ++i) made.insert(batches[i].date("run_date"));
  std::vector<Due> weeks;
  for (Date monday = current_run_date(now); weeks.empty() || weeks.back().is_due(now); monday = monday + 7) {
    if (!made.contains(monday)) weeks.push_back(weekly(monday));
  }
  const kernel::Rows& missing = results.at(1);
  std::vector<Due> days;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    const kernel::Row row = missing[i];
    days.push_back(daily(row.text("id"), row.date("run_date"), static_cast<int>(row.integer("day"))));
  }
  std::ranges::sort(days, earlier);
  std::vector<Due> due;
  take(due, weeks, now);
  take(due, days, now);
  std::ranges::stable_sort(due, earlier);
  return due;
}

}  // namespace am::picks
