#include "am/picks/due.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "am/kernel/ledger.hpp"
#include "am/market/calendar.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/schedule.hpp"

namespace am::picks {

namespace {

Due daily(const std::string& batch_id, Date run_date, int day) {
  return {std::string(kCheckpointJob), checkpoint_slot(batch_id, day), run_date, day,
          checkpoint_due_at(run_date, day)};
}

/// What is due, and the first of what is not; `slots` by due_at.
void take(std::vector<Due>& out, const std::vector<Due>& slots, Instant now) {
  for (const Due& slot : slots) {
    out.push_back(slot);
    if (!slot.is_due(now)) return;
  }
}

/// How long a slot rests after its n-th attempt came to nothing.
std::chrono::minutes pause_after(int attempt) {
  constexpr std::chrono::minutes kFirst(5);
  constexpr std::chrono::minutes kLongest(240);
  return std::min(kLongest, std::chrono::minutes(kFirst * (1LL << std::clamp(attempt - 1, 0, 10))));
}

/// Somebody may be alive who works on it.
bool is_held(const kernel::OpenRun& run) {
  if (run.status != "running" || !run.lease_live) return false;
  const auto holder = kernel::Holder::from_json(run.holder);
  return !holder || !holder->is_certainly_gone();
}

/// When the next attempt at a run may begin. The first two that were killed or asked to end are taken up at once.
Instant rests_until(const kernel::OpenRun& run, Instant now) {
  constexpr int kTakenUpAtOnce = 2;
  const Instant ended = run.ended_at.value_or(run.started_at);
  // A rehearsal of later (--now) puts nothing off today.
  if (ended > now + std::chrono::hours(1)) return now;
  const bool ended_by_itself = run.status == "failed" || run.status == "deferred";
  const int counted = ended_by_itself ? run.attempt : run.attempt - kTakenUpAtOnce;
  if (counted < 1) return now;
  return std::max(ended + pause_after(counted), run.not_before.value_or(now));
}

bool earlier(const Due& a, const Due& b) {
  return std::tie(a.due_at, a.run_date) < std::tie(b.due_at, b.run_date);
}

}  // namespace

std::vector<kernel::Statement> due_statements(Instant now) {
  return {
      {"SELECT to_char(run_date, 'YYYY-MM-DD') AS run_date FROM public.batches WHERE run_date >= $1::date",
       kernel::sql_values(current_run_date(now))},
      {"SELECT b.id::text AS id, to_char(b.run_date, 'YYYY-MM-DD') AS run_date, day.n AS day FROM public.batches b "
       "CROSS JOIN generate_series(1, $1::int) AS day (n) WHERE b.status = 'active' AND NOT EXISTS (SELECT 1 FROM "
       "public.checkpoints c WHERE c.batch_id = b.id AND c.checkpoint_date = b.run_date + day.n - 1)",
       kernel::sql_values(kDays)}};
}

Due weekly_due(Date run_date) {
  return {std::string(kWeeklyJob), run_date.to_string(), run_date, 0, weekly_due_at(run_date)};
}

DueState due_state(const std::vector<kernel::Rows>& results) {
  DueState state;
  const kernel::Rows& batches = results.at(0);
  for (std::size_t i = 0; i < batches.size(); ++i)
    state.made.insert(market::week_monday(batches[i].date("run_date")));
  const kernel::Rows& missing = results.at(1);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    const kernel::Row row = missing[i];
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

std::string_view due_count_sql() {
  return R"sql(SELECT (SELECT count(*) FROM public.batches b CROSS JOIN generate_series(1, 14) AS day (n)
WHERE b.status = 'active' AND (b.run_date + day.n + time '09:00') AT TIME ZONE 'America/New_York' <= now()
AND NOT EXISTS (SELECT 1 FROM public.checkpoints c
WHERE c.batch_id = b.id AND c.checkpoint_date = b.run_date + day.n - 1))
+ (SELECT count(*) FROM (SELECT date_trunc('week', now() AT TIME ZONE 'America/New_York')::date) AS week (monday)
WHERE (week.monday + time '09:00') AT TIME ZONE 'America/New_York' <= now()
AND NOT EXISTS (SELECT 1 FROM public.batches b WHERE b.run_date BETWEEN week.monday AND week.monday + 6)))sql";
}

std::string_view readiness_name(Readiness readiness) {
  switch (readiness) {
    case Readiness::ready:
      return "due";
    case Readiness::waiting:
      return "waiting";
    case Readiness::running:
      return "running";
    case Readiness::abandoned:
      return "abandoned";
    case Readiness::to_come:
      return "to come";
  }
  return "due";
}

std::vector<DueWork> due_work(const std::vector<Due>& due, const std::vector<kernel::OpenRun>& open,
                              Instant now) {
  std::map<std::pair<std::string, std::string>, const kernel::OpenRun*> by_slot;
  for (const kernel::OpenRun& run : open) by_slot[{run.job, run.slot}] = &run;
  std::vector<DueWork> all;
  for (const Due& slot : due) {
    DueWork& work = all.emplace_back(DueWork{.due = slot});
    if (!slot.is_due(now)) {
      work.readiness = Readiness::to_come;
      continue;
    }
    const auto found = by_slot.find({slot.job, slot.slot});
    if (found == by_slot.end()) continue;
    const kernel::OpenRun& run = *found->second;
    if (run.status == "abandoned") work.readiness = Readiness::abandoned;
    if (is_held(run)) work.readiness = Readiness::running;
    if (work.readiness != Readiness::ready) continue;
    const Instant again = rests_until(run, now);
    if (again <= now) continue;
    work.readiness = Readiness::waiting;
    work.not_before = again;
  }
  return all;
}

}  // namespace am::picks
