#include <algorithm>
#include <set>

#include "am/market/calendar.hpp"
#include "am/picks/import.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "store_pg.hpp"

namespace am::picks {

namespace {

std::vector<Date> mondays(DateRange range, Instant now) {
  std::vector<Date> all;
  Date monday = market::week_monday(range.first);
  if (monday < range.first) monday = monday + 7;
  const Date last = std::min(range.last, current_run_date(now));
  for (; monday <= last; monday = monday + 7) all.push_back(monday);
  return all;
}

/// Ends everything at once, or is recorded and the next week goes on.
bool ends_all(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::data:
    case ErrorKind::deferred:
    case ErrorKind::busy:
    case ErrorKind::needs_human:
      return false;
    default:
      return true;
  }
}

/// How many of the due days are stored; the baseline is none of them.
int days_stored(Workbench& bench, const Batch& batch, int due) {
  const std::set<Date> dates = store::checkpoint_dates(bench.db, batch.id);
  return static_cast<int>(std::ranges::count_if(dates, [&](Date date) {
    return batch.run_date <= date && date < checkpoint_date(batch.run_date, due + 1);
  }));
}

/// What a day that is only planned will be, unless its closes never come.
void foretell(BackfillResult& result, Date date) {
  ++(market::is_session(date) ? result.computed : result.skipped);
}

void note(BackfillResult& result, const DueResult& due) {
  for (const DayResult& day : due.days) {
    if (day.outcome == DayOutcome::computed) ++result.computed;
    if (day.outcome == DayOutcome::skipped) ++result.skipped;
    if (day.outcome == DayOutcome::planned) foretell(result, day.date);
    if (day.gap) ++result.gaps;
    if (day.outcome == DayOutcome::unchanged) ++result.unchanged;
    result.unexplained.insert(result.unexplained.end(), day.unexplained.begin(), day.unexplained.end());
  }
  result.failures.insert(result.failures.end(), due.failures.begin(), due.failures.end());
}

}  // namespace

BackfillResult run_backfill(Workbench& bench, Picker& picker, const BackfillOptions& options) {
  std::vector<Date> weeks = mondays(options.run_dates, bench.clock.now());
  if (weeks.empty()) {
    throw Error(ErrorKind::usage,
                "--from " + options.run_dates.first.to_string() + " --to " +
                    options.run_dates.last.to_string() + ": no Monday in it that has come",
                "a batch is named by the Monday of its week");
  }
  if (options.picker_spec == kImported) {
    const std::vector<Date> given = imported_mondays(bench.db, options.run_dates);
    std::erase_if(weeks, [&](Date week) { return !std::ranges::binary_search(given, week); });
  }
  BackfillResult result;
  std::size_t done = 0;
  for (const Date week : weeks) {
    bench.stop.check();
    try {
      WeeklyOptions weekly;
      weekly.run_date = week;
      weekly.benchmark = options.benchmark;
      weekly.price_source = options.price_source;
      weekly.picker_spec = options.picker_spec;
      weekly.allow_lookahead = options.allow_lookahead;
      weekly.dry_run = options.dry_run;
      weekly.origin = origin_of(week);
      const WeeklyResult made = run_weekly(bench, picker, weekly);
      if (made.created || !made.batch) {
        result.created.push_back(week.to_string());
      } else {
        ++result.batches_unchanged;
      }
      if (made.batch) {
        const int due = days_due(made.batch->run_date, bench.clock.now());
        const int stored = days_stored(bench, *made.batch, due);
        note(result, run_due(bench, {*made.batch}, {false, {}, options.dry_run}));
        result.unchanged += stored;
      } else {
        for (int day = 1; day <= days_due(week, bench.clock.now()); ++day)
          foretell(result, checkpoint_date(week, day));
      }
    } catch (const Error& error) {
      if (ends_all(error)) throw;
      result.failures.push_back({week, 0, error});
      if (error.kind() == ErrorKind::deferred) break;  // a spent budget is spent for the next week too
    }
    ++done;
    if (options.progress) options.progress(done, weeks.size());
  }
  return result;
}

}  // namespace am::picks
