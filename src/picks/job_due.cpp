// Everything that is due, slot by slot: the days of some batches, or one tick of a scheduler.

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "am/market/calendar.hpp"
#include "am/picks/due.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "day_prices.hpp"
#include "store_pg.hpp"

namespace am::picks {

namespace {

/// A day of a batch, with all the days of it that are to be done.
struct DaySlot {
  const Batch* batch = nullptr;
  int day = 0;
  const std::vector<int>* of_batch = nullptr;
};

/// Runs days one after the other and remembers what need not be tried again.
class Days {
 public:
  Days(Workbench& bench, const CheckpointOptions& options) : bench_(bench), options_(options) {}

  void run(const DaySlot& slot, DueResult& all) {
    const Batch& batch = *slot.batch;
    bench_.stop.check();
    bench_.guard.require();  // a wrong clock is about all slots, not about this one
    if (failed_.contains(batch.id)) return;
    const bool session = market::is_session(checkpoint_date(batch.run_date, slot.day));
    const auto useless = useless_.find(batch.price_source);
    const bool is_useless = session && useless != useless_.end();
    // Not even set up, or another process is asking it: no attempt was made, so there is none to rest from.
    if (is_useless &&
        (useless->second.kind() == ErrorKind::config || useless->second.kind() == ErrorKind::busy))
      return;
    try {
      if (session && !options_.dry_run && needs_source(slot)) {
        if (is_useless) return put_off(slot, useless->second);
        if (asked_ahead_.insert(batch.id).second) ask_ahead(slot);
      }
      all.days.push_back(run_checkpoint(bench_, batch, slot.day, options_));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
      all.failures.push_back({batch.run_date, slot.day, error});
      if (cannot_answer(error)) useless_.emplace(batch.price_source, error);
      if (error.kind() == ErrorKind::data &&
          store::find_by_date(bench_.db, batch.run_date)->status == "failed") {
        failed_.insert(batch.id);  // its other days wait for a human
      }
    }
  }

 private:
  /// After a gap: one call per symbol for all missing sessions, instead of one per symbol and session.
  void ask_ahead(const DaySlot& slot) {
    const Batch& batch = *slot.batch;
    const DateRange range{checkpoint_date(batch.run_date, slot.of_batch->front()),
                          checkpoint_date(batch.run_date, slot.of_batch->back())};
    if (market::count_sessions(range) < 2) return;
    try {
      bench_.closes(batch.price_source).prefetch(symbols_on(bench_, batch, range.last), range);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::interrupted && error.kind() != ErrorKind::terminated)
        put_off(slot, error);
      throw;
    }
  }

  /// A vendor has to be asked: not every close of the session is at hand.
  bool needs_source(const DaySlot& slot) {
    market::Closes& closes = bench_.closes(slot.batch->price_source);
    if (closes.local()) return false;
    const Date date = checkpoint_date(slot.batch->run_date, slot.day);
    const std::vector<std::string> symbols = symbols_on(bench_, *slot.batch, date);
    if (symbols.empty()) return false;
    const auto known = closes.known(date, symbols);
    return !known || !known->complete();
  }

  /// A day for which its source need not be asked now: the attempt is in the ledger all the same, so that it rests.
  void put_off(const DaySlot& slot, const Error& error) {
    try {
      const kernel::Claim claim =
          bench_.ledger.claim(kCheckpointJob, CheckpointSlot{slot.batch->id, slot.day}.text(), "{}");
      if (claim.run) claim.run->fail(error);
    } catch (const Error& busy) {
      if (busy.kind() != ErrorKind::busy && busy.kind() != ErrorKind::needs_human)
        throw;  // held, or abandoned
    }
  }

  /// The error is about the whole source, not about one day's closes.
  static bool cannot_answer(const Error& error) {
    switch (error.kind()) {
      case ErrorKind::unavailable:
      case ErrorKind::denied:
      case ErrorKind::config:
        return true;
      case ErrorKind::busy:
      case ErrorKind::deferred:
        return error.is_of_the_source();
      default:
        return false;
    }
  }

  Workbench& bench_;
  const CheckpointOptions& options_;
  /// Sources that are away, refused, out of budget or held by another process, and why.
  std::map<std::string, Error> useless_;
  std::set<std::string> asked_ahead_;
  std::set<std::string> failed_;
};

/// The days that are due and not stored, ascending.
std::vector<int> missing_days(Workbench& bench, const Batch& batch) {
  const std::set<Date> stored = store::checkpoint_dates(bench.db, batch.id);
  const int due = days_due(batch.run_date, bench.clock.now());
  std::vector<int> missing;
  for (int day = 1; day <= due; ++day) {
    if (!stored.contains(checkpoint_date(batch.run_date, day))) missing.push_back(day);
  }
  return missing;
}

using Slot = std::pair<std::string, std::string>;

/// One round of a tick: what is due and ready now and was not tried before.
struct Round {
  std::vector<Due> ready;
  std::map<std::string, std::vector<int>> days;  // by batch
};

Round next_round(Workbench& bench, const std::set<Slot>& tried, TickResult& result) {
  const Instant now = bench.clock.now();
  const std::vector<Due> due = read_due(bench.db, now);
  Round round;
  result.waiting = result.running = result.left = 0;
  if (std::ranges::none_of(due, [&](const Due& slot) { return slot.is_due(now); })) return round;
  const std::vector<kernel::OpenRun> open =
      kernel::open_runs(bench.db.query(kernel::open_runs_statement().sql));
  const std::vector<kernel::Standing> standings = kernel::standings(duties_of(due), open, now);
  for (std::size_t i = 0; i < due.size(); ++i) {
    if (tried.contains({due[i].job, due[i].slot})) continue;
    const kernel::Readiness readiness = standings[i].readiness;
    result.waiting += readiness == kernel::Readiness::waiting ? 1 : 0;
    result.running += readiness == kernel::Readiness::running ? 1 : 0;
    if (readiness != kernel::Readiness::ready) continue;
    round.ready.push_back(due[i]);
    if (const auto day = CheckpointSlot::parse(due[i].slot); due[i].day && day)
      round.days[day->batch_id].push_back(day->day);
  }
  return round;
}

/// What ended before it had a run takes nobody's place.
long long runs_of(const TickResult& result) {
  const auto has_run = [](const auto& each) { return !each.run_id.empty(); };
  return std::ranges::count_if(result.weeks, has_run) + std::ranges::count_if(result.slots.days, has_run) +
         std::ranges::count_if(result.slots.failures,
                               [](const DayFailure& failure) { return !failure.error.run_id().empty(); });
}

}  // namespace

DueResult run_due(Workbench& bench, const std::vector<Batch>& batches, const CheckpointOptions& options) {
  std::map<std::string, std::vector<int>> missing;
  std::vector<DaySlot> slots;
  for (const Batch& batch : batches) {
    const std::vector<int>& days = missing[batch.id] = missing_days(bench, batch);
    for (const int day : days) slots.push_back({&batch, day, &days});
  }
  std::ranges::stable_sort(slots, [](const DaySlot& a, const DaySlot& b) {
    return std::tuple(a.batch->run_date + a.day, a.batch->run_date) <
           std::tuple(b.batch->run_date + b.day, b.batch->run_date);
  });
  DueResult all;
  Days days(bench, options);
  for (const DaySlot& slot : slots) days.run(slot, all);
  return all;
}

DueResult run_again(Workbench& bench, const Batch& batch, const CheckpointOptions& options) {
  const std::set<Date> stored = store::checkpoint_dates(bench.db, batch.id);
  std::vector<int> again;
  for (int day = 1; day <= kDays; ++day) {
    const Date date = checkpoint_date(batch.run_date, day);
    if (stored.contains(date) && market::is_session(date)) again.push_back(day);
  }
  DueResult all;
  Days days(bench, options);
  for (const int day : again) days.run({&batch, day, &again}, all);
  return all;
}

TickResult run_tick(Workbench& bench, const std::function<WeeklyResult(Date run_date)>& weekly,
                    long long most) {
  TickResult result;
  const CheckpointOptions options;
  Days days(bench, options);
  std::set<Slot> tried;
  std::map<std::string, Batch> batches;
  bool made = true;
  while (std::exchange(made, false)) {  // a batch that was made late has days that are due already
    const Round round = next_round(bench, tried, result);
    for (const Due& due : round.ready) {
      bench.stop.check();
      result.worked = runs_of(result);
      if (result.worked >= most) {
        ++result.left;
        continue;
      }
      tried.insert({due.job, due.slot});
      if (const auto day = CheckpointSlot::parse(due.slot); due.day && day) {
        const std::string& id = day->batch_id;
        auto batch = batches.find(id);
        if (batch == batches.end()) batch = batches.emplace(id, load_batch(bench.db, id)).first;
        days.run({&batch->second, day->day, &round.days.at(id)}, result.slots);
        continue;
      }
      bench.guard.require();
      try {
        result.weeks.push_back(weekly(due.run_date));
        made = made || result.weeks.back().created;
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
        result.slots.failures.push_back({due.run_date, 0, error});
      }
    }
  }
  result.worked = runs_of(result);
  return result;
}

}  // namespace am::picks
