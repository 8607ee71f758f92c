// A batch's baseline: taken when the batch is made, and again when what an earlier version stored cannot be right.

#include <nlohmann/json.hpp>

#include "am/kernel/ids.hpp"
#include "am/market/calendar.hpp"
#include "am/market/price.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "baseline.hpp"
#include "json_dump.hpp"
#include "store_pg.hpp"

namespace am::picks {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kBenchmarkHint = "the picks are kept, a rerun goes on";

/// A price that cannot be right: the event says so, since there may be no batch to mark.
[[noreturn]] void refuse_prices(Workbench& bench, kernel::Run& run, Date run_date, const std::string& problem,
                                std::string_view way_out) {
  bench.db.transact([&](kernel::Transaction& tx) {
    run.fence(tx);
    kernel::Ledger::event(tx, "batch_failed", {}, run.id(),
                          dump(Json{{"run_date", run_date.to_string()}, {"problem", problem}}));
  });
  bench.log.error("batch failed", {{"run_date", run_date.to_string()}, {"problem", problem}});
  throw Error(ErrorKind::data, "baseline of " + run_date.to_string() + ": " + problem,
              "check the price source; " + std::string(way_out));
}

/// Whether the source has the benchmark's close, so that what it refused is a pick: the benchmark is asked first.
bool has_benchmark(market::Closes& closes, Date baseline, const std::string& benchmark) {
  try {
    return closes.last_close(benchmark, baseline + 1) == baseline;
  } catch (const Error&) {
    return false;  // a file without it; the first error is told
  }
}

/// A symbol that the source does not know is told with the way out; other picks help only when it is a pick.
market::ClosesOnDay closes_on(market::Closes& closes, Date baseline, const std::vector<std::string>& symbols,
                              const std::string& way_out) {
  try {
    return closes.on(baseline, symbols);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::data) throw;
    const std::string_view next =
        has_benchmark(closes, baseline, symbols.front()) ? std::string_view(way_out) : kBenchmarkHint;
    throw error.with_text(error.message(),
                          (error.hint().empty() ? "" : error.hint() + "; ") + std::string(next));
  }
}

/// A close that is not there. A late one comes; but of a symbol that has none for a week (its listing ended, or the
/// source never knew it), or none a day after the batch was due, somebody is told while the week can still be saved.
[[noreturn]] void refuse_missing(Workbench& bench, market::Closes& closes, Date run_date,
                                 const std::string& symbol, const std::string& hint) {
  constexpr int kLongestHalt = 5;  ///< sessions
  const Date baseline = baseline_session(run_date);
  const std::string problem = "baseline of " + run_date.to_string() + ": no final close of " + symbol +
                              " for " + baseline.to_string();
  const std::optional<Date> last = closes.last_close(symbol, baseline);
  const Instant now = std::min(bench.clock.now(), bench.clock.host());
  const bool ended = now >= market::final_at(baseline) &&
                     (!last || market::count_sessions({*last + 1, baseline}) > kLongestHalt);
  if (!ended && now < weekly_due_at(run_date) + kGrace) {
    const Instant soon = std::max(market::final_at(baseline), bench.clock.now() + std::chrono::minutes(15));
    throw Error(ErrorKind::deferred, problem, "the picks are kept; run the same command again later")
        .retry_after(soon);
  }
  throw Error(ErrorKind::data,
              problem +
                  (last ? " (the last one that " + closes.source() + " has is of " + last->to_string()
                        : " (" + closes.source() + " has none of it") +
                  ")",
              hint);
}

/// The batch with these closes as its baseline, its measured days derived again from their own stored closes.
void write_baseline(kernel::Sql& sql, Batch& batch, const std::map<std::string, Decimal>& closes) {
  batch.benchmark_initial_price = closes.at(batch.benchmark_symbol);
  for (StoredPick& stored : batch.picks) stored.initial_price = closes.at(stored.pick.ticker);
  batch.baseline_problem.clear();
  store::write_baseline(sql, batch, baseline_session(batch.run_date));
  for (const auto& [date, day] : store::closes_by_day(sql, batch)) {
    // A day whose own closes cannot be right stays as it is: it is measured again with --force.
    const Result<Checkpoint> checkpoint = compute_checkpoint(batch, date, day);
    if (checkpoint) store::write(sql, batch.id, kernel::new_id(), *checkpoint, true);
  }
  if (const auto status = store::settle_status(sql, batch.id)) batch.status = *status;
}

}  // namespace

std::map<std::string, Decimal> take_baseline(Workbench& bench, kernel::Run& run, Date run_date,
                                             const std::string& source,
                                             const std::vector<std::string>& symbols,
                                             const std::string& way_out) {
  bench.guard.require();  // by the clock it is decided which close is final
  market::Closes& closes = bench.closes(source);
  const Date baseline = baseline_session(run_date);
  const market::ClosesOnDay day = closes_on(closes, baseline, symbols, way_out);
  for (const market::Move& move : day.unexplained) bench.log.warn(move.text());
  const auto next = [&](const std::string& symbol) {
    return symbol == symbols.front() ? kBenchmarkHint : std::string_view(way_out);
  };
  if (!day.refused.empty()) {
    const auto& [symbol, problem] = *day.refused.begin();
    refuse_prices(bench, run, run_date, problem, next(symbol));
  }
  if (!day.out_of_reach.empty()) {
    const auto& [symbol, reach] = *day.out_of_reach.begin();
    throw Error(ErrorKind::data,
                closes.source() + " " + symbol + ": the session " + baseline.to_string() +
                    " is out of reach (its answer begins " + reach.to_string() + ")",
                "use a source with a longer history: --prices csv:DIR, or --prices stooq, which needs a key "
                "(STOOQ_API_KEY)");
  }
  if (!day.complete()) {
    const std::string& symbol = day.missing.front();
    refuse_missing(
        bench, closes, run_date, symbol,
        (symbol == symbols.front() ? "check the price source and the benchmark; "
                                   : "check whether its listing ended or the ticker is another one; ") +
            std::string(next(symbol)));
  }
  for (const auto& [symbol, close] : day.closes) {
    if (const auto problem = market::price_problem(close))
      refuse_prices(bench, run, run_date,
                    symbol + ": close " + market::short_number(close.to_string()) + " " + *problem,
                    next(symbol));
  }
  return day.closes;
}

WeeklyResult retake_baseline(Workbench& bench, const Batch& batch) {
  bench.guard.require();
  const std::string slot = market::week_monday(batch.run_date).to_string();
  const Json params{
      {"picker", batch.picker}, {"prices", batch.price_source}, {"benchmark", batch.benchmark_symbol}};
  const kernel::Claim claim = bench.ledger.claim(kWeeklyJob, slot, dump(params), true);
  kernel::Run& run = *claim.run;
  const kernel::Log::Scope scope(bench.log,
                                 {{"workflow", kWeeklyJob}, {"workflow_run_id", run.id()}, {"slot", slot}});
  const auto retaken = [&](const Batch& now) {
    return WeeklyResult{
        .created = false, .run_id = run.id(), .batch = now, .baseline = baseline_session(now.run_date)};
  };
  try {
    Batch now = load_batch(bench.db, batch.id);
    if (now.baseline_problem.empty()) {  // another process was faster
      run.finish();
      return retaken(now);
    }
    const auto initial = store::checkpoint_id(bench.db, now.id, baseline_session(now.run_date));
    bench.log.warn(
        "the baseline is taken again",
        {{"batch_id", now.id}, {"checkpoint_id", initial.value_or("")}, {"problem", now.baseline_problem}});
    const std::string problem = now.baseline_problem;
    const auto closes = take_baseline(bench, run, now.run_date, now.price_source, symbols_of(now),
                                      "the batch and its picks are kept; run the same command again");
    run.finish_with([&](kernel::Transaction& tx) {
      run.step_in(tx, "retake_baseline", slot, [&](kernel::Transaction& sql) {
        store::lock(sql, now.id);
        write_baseline(sql, now, closes);
        kernel::Ledger::event(sql, "baseline_retaken", now.id, run.id(), dump(Json{{"problem", problem}}));
        return dump(Json{{"batch_id", now.id}});
      });
    });
    return retaken(now);
  } catch (const Error& error) {
    run.fail(error);
    throw error.of_run(run.id());
  }
}

}  // namespace am::picks
