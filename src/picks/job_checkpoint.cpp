#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/kernel/ids.hpp"
#include "am/market/calendar.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/moves.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "day_closes.hpp"
#include "json_dump.hpp"
#include "store_pg.hpp"

namespace am::picks {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kStep = "compute_checkpoint";

/// One day on its way: what it measures and what came of it.
struct DayWork {
  Workbench& bench;
  const Batch& batch;
  const CheckpointOptions& options;
  DayResult result;
  Instant due;
  std::string checkpoint_id;
  DayCloses closes;
  std::vector<DayPrice> prices{};     ///< of a computed day
  std::vector<market::Move> moves{};  ///< likewise

  std::string subject() const {
    return "batch " + batch.run_date.to_string() + " day " + std::to_string(result.day);
  }

  /// A rehearsal of later (--now) gives up no close that is still to come.
  Instant real_now() const { return std::min(bench.clock.now(), bench.clock.host()); }

  [[noreturn]] void fail_batch(kernel::Run& run, const std::string& problem) {
    fail_batch(run, problem,
               "check the price source, then: am checkpoint --batch " + batch.run_date.to_string() +
                   " --day " + std::to_string(result.day));
  }

  [[noreturn]] void fail_batch(kernel::Run& run, const std::string& problem, const std::string& hint) {
    bench.db.transact([&](kernel::Transaction& tx) {
      run.fence(tx);
      if (!store::mark_failed(tx, batch.id)) return;
      kernel::Ledger::event(
          tx, "batch_failed", batch.id, {},
          dump(Json{{"day", result.day}, {"date", result.date.to_string()}, {"problem", problem}}));
    });
    bench.log.error("batch failed", {{"problem", problem}});
    throw Error(ErrorKind::data, subject() + ": " + problem, hint);
  }

  /// The day's checkpoint from what is known about its closes. Rejected: one of them cannot be right.
  Result<Checkpoint> decide(bool session, const market::ClosesOnDay& found) {
    bench.guard.require();
    result.unexplained = found.unexplained;
    for (const market::Move& move : found.unexplained)
      bench.log.warn(move.text(), {{"hint", way_out(batch.run_date, move.symbol, move.day, false)}});
    if (!found.refused.empty()) return Reject{found.refused.begin()->second};
    if (!found.out_of_reach.empty()) {
      const auto& [symbol, reach] = *found.out_of_reach.begin();
      throw Error(ErrorKind::data,
                  subject() + ": " + batch.price_source + " no longer reaches " + result.date.to_string() +
                      " for " + symbol + " (its answer begins " + reach.to_string() + ")",
                  "nothing was skipped; the closes of this batch must come from its own source");
    }
    switch (decide_day(session, found.complete(), due, real_now())) {
      case DayDecision::skip_closed:
        result.reason = std::string(*market::closed_reason(result.date));
        break;
      case DayDecision::skip_late:
        if (options.force) {
          throw Error(
              ErrorKind::data,
              subject() + ": no close of " + found.missing.front() + " for " + result.date.to_string(),
              "what was stored before is kept");
        }
        result.reason = "no close of " + found.missing.front();
        result.gap = true;
        break;
      case DayDecision::wait: {
        const Instant again = std::min<Instant>(bench.clock.now() + std::chrono::hours(1), due + kGrace);
        throw Error(
            ErrorKind::deferred,
            subject() + ": no final close of " + found.missing.front() + " for " + result.date.to_string() +
                " yet",
            "run it again later; without a close by " + format_rfc3339(due + kGrace) + " the day is skipped")
            .retry_after(again);
      }
      case DayDecision::compute:
        prices = closes.prices(found);
        moves = found.moves;
        return compute_checkpoint(batch, result.date, by_ticker(prices));
    }
    return Checkpoint{result.date, false, {}, {}, {}};
  }

  /// Step output and event data of the day.
  std::string summary(const Checkpoint& checkpoint) const {
    Json json{{"day", result.day},
              {"date", result.date.to_string()},
              {"status", checkpoint.computed ? "computed" : "skipped"}};
    if (!result.reason.empty()) json["reason"] = result.reason;
    for (const market::Move& move : result.unexplained) json["warnings"].push_back(move.text());
    if (closes.adjusted()) json["adjusted"] = true;
    if (Json prices_then = Json::parse(prices_json(prices)); !prices_then.empty())
      json["prices"] = std::move(prices_then);
    return dump(json);
  }

  /// The domain rows, in the caller's transaction. False: the day is stored already.
  bool write(kernel::Sql& sql, const Checkpoint& checkpoint) {
    store::lock(sql, batch.id);
    if (!store::write(sql, batch.id, checkpoint_id, checkpoint, options.force)) return false;
    kernel::Ledger::event(sql, checkpoint.computed ? "checkpoint_computed" : "checkpoint_skipped", batch.id,
                          result.run_id, summary(checkpoint));
    if (checkpoint.computed) {
      closes.note_own(sql, moves);
      record_actions(sql, batch, result.run_id, result.date, prices, result.unexplained);
    }
    result.batch_status = store::settle_status(sql, batch.id).value_or("");
    if (result.batch_status == "completed")
      kernel::Ledger::event(sql, "batch_completed", batch.id, result.run_id);
    return true;
  }

  void done(Checkpoint checkpoint, bool written) {
    result.outcome = !written              ? DayOutcome::unchanged
                     : checkpoint.computed ? DayOutcome::computed
                                           : DayOutcome::skipped;
    if (written) {
      bench.log.info("checkpoint stored", {{"day", result.day},
                                           {"checkpoint_date", result.date.to_string()},
                                           {"status", day_outcome_name(result.outcome)},
                                           {"reason", result.reason}});
      result.checkpoint = std::move(checkpoint);
    }
  }
};

/// No vendor is needed: run, step and domain rows are one commit. False: another process is at this slot, or its run
/// has to be taken over with a claim.
bool commit_at_once(DayWork& work, const Checkpoint& checkpoint) {
  bool written = false;
  bool recorded = false;
  work.result.run_id = kernel::new_id();
  const std::string slot = CheckpointSlot{work.batch.id, work.result.day}.text();
  const kernel::Log::Scope scope(work.bench.log,
                                 {{"workflow", kCheckpointJob},
                                  {"workflow_run_id", work.result.run_id},
                                  {"slot", slot},
                                  {"step_name", kStep},
                                  {"step_run_id", work.result.run_id + "/" + std::string(kStep)}});
  const auto start = std::chrono::steady_clock::now();
  work.bench.log.info("step started");
  work.bench.db.transact([&](kernel::Transaction& tx) {
    recorded = work.bench.ledger.record(tx, work.result.run_id, kCheckpointJob, slot, kStep,
                                        work.summary(checkpoint), work.options.force);
    if (recorded) written = work.write(tx, checkpoint);
  });
  if (!recorded) return false;
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  work.bench.log.info("step finished", {{"duration", taken.count()}});
  work.done(checkpoint, written);
  return true;
}

bool is_stored(const DayWork& work) {
  return !store::day_state(work.bench.db, store::Selector(work.batch.id), work.result.day).status.empty();
}

void claim_and_commit(DayWork& work, bool session) {
  const std::string slot = CheckpointSlot{work.batch.id, work.result.day}.text();
  kernel::Claim claim = work.bench.ledger.claim(kCheckpointJob, slot, "{}", work.options.force);
  work.result.run_id = claim.run_id;
  if (!claim.run) {
    if (is_stored(work)) return;  // another process finished it while this one waited: unchanged
    claim =
        work.bench.ledger.claim(kCheckpointJob, slot, "{}", true);  // its rows are gone: they are made again
  }
  kernel::Run& run = *claim.run;
  const kernel::Log::Scope scope(
      work.bench.log, {{"workflow", kCheckpointJob}, {"workflow_run_id", run.id()}, {"slot", slot}});
  try {
    if (!work.options.force && is_stored(work)) return run.finish_found();
    if (session && !work.batch.baseline_problem.empty()) {
      work.fail_batch(run, work.batch.baseline_problem,
                      "take the baseline again: am run-weekly --run-date " +
                          market::week_monday(work.batch.run_date).to_string());
    }
    market::ClosesOnDay closes;
    if (session) {
      work.bench.guard.require();
      closes = work.closes.ask();
    }
    Result<Checkpoint> checkpoint = work.decide(session, closes);
    if (!checkpoint) work.fail_batch(run, checkpoint.error().reason);
    bool written = false;
    run.finish_with([&](kernel::Transaction& tx) {
      run.step_in(tx, kStep, "", [&](kernel::Transaction& sql) {
        written = work.write(sql, *checkpoint);
        return work.summary(*checkpoint);
      });
    });
    work.done(std::move(checkpoint).value(), written);
  } catch (const Error& error) {
    run.fail(error);
    throw error.of_run(run.id());
  }
}

}  // namespace

std::string CheckpointSlot::text() const { return batch_id + ":" + std::to_string(day); }

std::optional<CheckpointSlot> CheckpointSlot::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  const auto day = parse_integer(text.substr(colon + 1), 1, kDays);
  if (!day) return std::nullopt;
  return CheckpointSlot{std::string(text.substr(0, colon)), static_cast<int>(*day)};
}

std::span<const kernel::Job> jobs() {
  static constexpr std::array kJobs = {
      kernel::Job{.name = kWeeklyJob, .command = "am run-weekly", .keeps_evidence = true},
      kernel::Job{.name = kCheckpointJob, .command = "am checkpoint --due"}};
  return kJobs;
}

std::string_view day_outcome_name(DayOutcome outcome) {
  switch (outcome) {
    case DayOutcome::computed:
      return "computed";
    case DayOutcome::skipped:
      return "skipped";
    case DayOutcome::unchanged:
      return "unchanged";
    case DayOutcome::planned:
      return "planned";
  }
  return "unchanged";
}

DayResult run_checkpoint(Workbench& bench, const Batch& batch, int day, const CheckpointOptions& options) {
  const std::optional<std::string> stored =
      options.force ? store::checkpoint_id(bench.db, batch.id, checkpoint_date(batch.run_date, day))
                    : std::nullopt;
  DayWork work{bench,
               batch,
               options,
               {},
               checkpoint_due_at(batch.run_date, day),
               stored.value_or(kernel::new_id()),
               {bench, batch, checkpoint_date(batch.run_date, day)}};
  const kernel::Log::Scope scope(bench.log, {{"batch_id", batch.id}, {"checkpoint_id", work.checkpoint_id}});
  DayResult& result = work.result;
  result.batch_id = batch.id;
  result.run_date = batch.run_date;
  result.day = day;
  result.date = checkpoint_date(batch.run_date, day);
  if (bench.clock.now() < work.due) {
    throw Error(ErrorKind::no_input, work.subject() + ": not due until " + format_rfc3339(work.due),
                "day N is due at 9:00 in New York, N days after the run date")
        .retry_after(work.due);
  }
  bench.guard.require();
  const bool session = market::is_session(result.date);
  if (options.dry_run) {
    result.outcome = DayOutcome::planned;
    if (!session) result.reason = std::string(*market::closed_reason(result.date));
    return result;
  }
  if (options.skip_reason) {
    if (session && work.real_now() < work.due + kGrace) {
      throw Error(
          ErrorKind::usage,
          work.subject() + ": still waits for its closes (until " + format_rfc3339(work.due + kGrace) + ")",
          "give a day up only after that");
    }
    result.reason = "given up by hand: " + *options.skip_reason;
    result.gap = session;
    if (commit_at_once(work, Checkpoint{result.date, false, {}, {}, {}})) return result;
    throw Error(ErrorKind::busy, work.subject() + ": another process is at it",
                "wait for it, then look at the day again");
  }
  std::optional<market::ClosesOnDay> known = market::ClosesOnDay{};
  if (session && batch.baseline_problem.empty()) {
    known = work.closes.known();
  }
  if (known && (!session || (batch.baseline_problem.empty() && known->complete()))) {
    const Result<Checkpoint> checkpoint = work.decide(session, *known);
    if (checkpoint && commit_at_once(work, *checkpoint)) return result;
  }
  claim_and_commit(work, session);
  return result;
}

std::optional<DayResult> find_checkpoint(kernel::Db& db, const std::string& batch, int day) {
  const store::DayState state = store::day_state(db, store::Selector(batch), day);
  if (state.status.empty()) return std::nullopt;
  DayResult result;
  result.batch_id = state.batch_id;
  result.run_date = state.run_date;
  result.day = day;
  result.date = checkpoint_date(state.run_date, day);
  return result;
}

}  // namespace am::picks
