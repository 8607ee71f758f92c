#include "am/picks/due.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "am/market/calendar.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/schedule.hpp"

namespace am::picks {

namespace {

Due due_slot(std::string_view job, std::string slot, Date run_date, std::optional<int> day, Instant due_at) {
  const std::string date = run_date.to_string();
  Due due;
  due.job = job;
  due.slot = std::move(slot);
  due.text = day ? "day " + std::to_string(*day) + " of " + date : "the batch of " + date;
  if (day) due.page = "/pages/batches/" + date;  // one that is still to be made has none
  due.data = "\"run_date\":\"" + date + "\",\"day\":" + (day ? std::to_string(*day) : "null");
  due.due_at = due_at;
  due.run_date = run_date;
  due.day = day;
  return due;
}

Due daily(const std::string& batch_id, Date run_date, int day) {
  return due_slot(kCheckpointJob, CheckpointSlot{batch_id, day}.text(), run_date, day,
                  checkpoint_due_at(run_date, day));
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
      {"SELECT to_char(run_date, 'YYYY-MM-DD') AS run_date FROM public.batches WHERE run_date >= $1::date AND isfinite(run_date)",
       kernel::sql_values(current_run_date(now))},
      {"SELECT b.id::text AS id, to_char(b.run_date, 'YYYY-MM-DD') AS run_date, day.n AS day FROM public.batches b "
       "CROSS JOIN generate_series(1, $1::int) AS day (n) WHERE b.status = 'active' AND isfinite(b.run_date) AND NOT EXISTS (SELECT 1 FROM "
       "public.checkpoints c WHERE c.batch_id = b.id AND c.checkpoint_date = b.run_date + day.n - 1)",
       kernel::sql_values(kDays)}};
}

Due weekly_due(Date run_date) {
  return due_slot(kWeeklyJob, run_date.to_string(), run_date, {}, weekly_due_at(run_date));
}

DueState due_state(const std::vector<kernel::Rows>& results) {
  DueState state;
  const kernel::Rows& batches = results.at(0);
  for (const kernel::Row row : batches) state.made.insert(market::week_monday(row.date("run_date")));
  const kernel::Rows& missing = results.at(1);
  for (const kernel::Row row : missing) {
    state.missing.push_back({row.text("id"), row.date("run_date"), static_cast<int>(row.integer("day"))});
  }
  return state;
}

std::vector<Due> due_of(const DueState& state, Instant now) {
  std::vector<Due> weeks;
  for (Date monday = current_run_date(now); weeks.empty() || weeks.back().is_due(now); monday = monday + 7) {
    if (!state.made.contains(monday)) weeks.push_back(weekly_due(monday));
  }
  std::vector<Due> days;
  for (const MissingDay& day : state.missing) days.push_back(daily(day.batch_id, day.run_date, day.day));
  std::ranges::sort(days, earlier);
  std::vector<Due> due;
  take(due, weeks, now);
  take(due, days, now);
  std::ranges::stable_sort(due, earlier);
  return due;
}

std::vector<Due> due_of(const std::vector<kernel::Rows>& results, Instant now) {
  return due_of(due_state(results), now);
}

std::vector<Due> read_due(kernel::Sql& sql, Instant now) {
  std::vector<kernel::Rows> results;
  for (const kernel::Statement& statement : due_statements(now))
    results.push_back(sql.query(statement.sql, statement.values));
  return due_of(results, now);
}

std::vector<kernel::Duty> duties_of(const std::vector<Due>& due) { return {due.begin(), due.end()}; }

}  // namespace am::picks
