#include <map>

#include <nlohmann/json.hpp>

#include "am/kernel/ids.hpp"
#include "am/market/calendar.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "json_dump.hpp"
#include "store_pg.hpp"

namespace am::picks {

namespace {

using Json = nlohmann::ordered_json;

Json picks_json(const std::vector<Pick>& picks) {
  Json list = Json::array();
  for (const Pick& pick : picks) {
    list.push_back(
        {{"ticker", pick.ticker}, {"action", action_name(pick.action)}, {"reasoning", pick.reasoning}});
  }
  return list;
}

void refuse_lookahead(const Picker& picker, const WeeklyOptions& options, Instant now) {
  if (!picker.sees_the_future() || options.allow_lookahead || options.run_date >= current_run_date(now))
    return;
  throw Error(ErrorKind::usage,
              "run date " + options.run_date.to_string() + ": the picker " + picker.name() +
                  " has read about what came after it",
              "use --picker momentum or file:PATH, or accept the lookahead with --allow-lookahead");
}

std::string picks_output(Desk& desk, const Picked& picked) {
  for (const Pick& pick : picked.picks) {
    desk.log.info(
        "pick",
        {{"ticker", pick.ticker}, {"action", action_name(pick.action)}, {"reasoning", pick.reasoning}});
  }
  Json output{{"picker", picked.picker},
              {"model", picked.model},
              {"prompt_hash", picked.prompt_hash},
              {"picks", picks_json(picked.picks)}};
  if (!picked.record_json.empty()) output["record"] = Json::parse(picked.record_json);
  return dump(output);
}

/// The input of the picks is the date alone: another picker, model or prompt never asks again.
Json generate_picks(Desk& desk, kernel::Run& run, Picker& picker, Date run_date) {
  std::string paid;  // the model that has answered
  try {
    return Json::parse(run.step("generate_picks", run_date.to_string(), [&] {
      const Picked picked = picker.pick(run_date);
      paid = picked.model;
      return picks_output(desk, picked);
    }));
  } catch (const Error& error) {
    if (paid.empty() || error.kind() == ErrorKind::busy) throw;
    throw error.within("picks of " + run_date.to_string() + ": the answer of " + paid +
                       " was paid for, and a rerun asks again");
  }
}

/// A price that cannot be right, before there is a batch to mark: the event says so.
[[noreturn]] void refuse_prices(Desk& desk, kernel::Run& run, Date run_date, const std::string& problem) {
  desk.db.transact([&](kernel::Transaction& tx) {
    run.fence(tx);
    kernel::Ledger::event(tx, "batch_failed", {}, run.id(),
                          dump(Json{{"run_date", run_date.to_string()}, {"problem", problem}}));
  });
  desk.log.error("batch failed", {{"run_date", run_date.to_string()}, {"problem", problem}});
  throw Error(ErrorKind::data, "baseline of " + run_date.to_string() + ": " + problem,
              "check the price source; a rerun keeps the picks and asks for the prices again");
}

std::string snapshot_prices(Desk& desk, kernel::Run& run, const WeeklyOptions& options,
                            const std::vector<Pick>& picks) {
  market::Closes& closes = desk.closes(options.price_source);
  const Date baseline = baseline_session(options.run_date);
  std::vector<std::string> symbols{options.benchmark};
  for (const Pick& pick : picks) symbols.push_back(pick.ticker);
  const market::ClosesOnDay day = closes.on(baseline, symbols);
  for (const std::string& warning : day.warnings) desk.log.warn(warning);
  if (!day.refused.empty()) {
    refuse_prices(desk, run, options.run_date, day.refused.begin()->second);
  }
  if (!day.out_of_reach.empty()) {
    const auto& [symbol, reach] = *day.out_of_reach.begin();
    throw Error(ErrorKind::data,
                closes.source() + " " + symbol + ": the session " + baseline.to_string() +
                    " is out of reach (its answer begins " + reach.to_string() + ")",
                "use a source with a longer history: --prices stooq or --prices csv:DIR");
  }
  if (!day.complete()) {
    const Instant soon = std::max(market::final_at(baseline), desk.clock.now() + std::chrono::minutes(15));
    throw Error(ErrorKind::deferred,
                "baseline of " + options.run_date.to_string() + ": no final close of " + day.missing.front() +
                    " for " + baseline.to_string(),
                "the picks are kept; run the same command again later")
        .retry_after(soon);
  }
  Json prices = Json::object();
  for (const auto& [symbol, close] : day.closes) {
    if (!close.is_positive())
      refuse_prices(desk, run, options.run_date, symbol + ": close " + close.to_string());
    prices[symbol] = close.to_string();
  }
  return dump(Json{{"source", closes.source()},
                   {"benchmark", options.benchmark},
                   {"baseline", baseline.to_string()},
                   {"closes", prices}});
}

Batch assemble(const WeeklyOptions& options, const Json& generated, const Json& snapshot) {
  Batch batch;
  batch.id = kernel::new_id();
  batch.run_date = options.run_date;
  batch.benchmark_symbol = snapshot.at("benchmark").get<std::string>();
  batch.benchmark_initial_price =
      Decimal::of(snapshot.at("closes").at(batch.benchmark_symbol).get<std::string>());
  batch.status = "active";
  batch.picker = generated.at("picker").get<std::string>();
  batch.model = generated.at("model").get<std::string>();
  batch.price_source = snapshot.at("source").get<std::string>();
  batch.origin = options.origin;
  const Result<std::vector<Pick>> picks = parse_picks(generated.dump());
  if (!picks)
    throw Error(ErrorKind::needs_human,
                "stored picks of " + options.run_date.to_string() + ": " + picks.error().reason);
  for (const Pick& pick : *picks) {
    batch.picks.push_back(
        {kernel::new_id(), pick, Decimal::of(snapshot.at("closes").at(pick.ticker).get<std::string>())});
  }
  std::sort(batch.picks.begin(), batch.picks.end(),
            [](const StoredPick& a, const StoredPick& b) { return a.pick.ticker < b.pick.ticker; });
  return batch;
}

Batch persist_batch(Desk& desk, kernel::Run& run, const WeeklyOptions& options, const Json& generated,
                    const Json& snapshot) {
  Batch batch;
  run.finish_with([&](kernel::Transaction& tx) {
    run.step_in(tx, "persist_batch", options.run_date.to_string(), [&](kernel::Transaction& sql) {
      batch = assemble(options, generated, snapshot);
      const Date baseline = Date::of(snapshot.at("baseline").get<std::string>());
      store::insert(sql, batch, baseline, generated.at("prompt_hash").get<std::string>());
      kernel::Ledger::event(sql, "batch_created", batch.id, run.id(),
                            dump(Json{{"run_date", batch.run_date.to_string()}, {"picker", batch.picker}}));
      return dump(Json{{"batch_id", batch.id}});
    });
  });
  desk.log.info("batch created", {{"batch_id", batch.id}, {"run_date", batch.run_date.to_string()}});
  return batch;
}

}  // namespace

Error batch_exists(const Batch& batch) {
  return {ErrorKind::exists,
          "batch of " + batch.run_date.to_string() + ": it exists already (" + batch.id + ")",
          "leave --fail-if-exists out to treat that as done"};
}

WeeklyResult run_weekly(Desk& desk, Picker& picker, const WeeklyOptions& options) {
  const std::string slot = options.run_date.to_string();
  WeeklyResult result;
  result.baseline = baseline_session(options.run_date);
  const auto existing = [&]() -> bool {
    result.batch = store::find_by_date(desk.db, options.run_date);
    if (result.batch && options.fail_if_exists) {
      throw batch_exists(*result.batch);
    }
    return result.batch.has_value();
  };
  if (existing()) return result;
  refuse_lookahead(picker, options, desk.clock.now());
  if (options.dry_run) return result;

  const Json params{
      {"picker", options.picker_spec}, {"prices", options.price_source}, {"benchmark", options.benchmark}};
  const kernel::Claim claim = desk.ledger.claim(kWeeklyJob, slot, dump(params));
  result.run_id = desk.run_id = claim.run_id;
  if (!claim.run) {  // another process finished it while this one waited
    if (existing()) return result;
    throw Error(ErrorKind::needs_human,
                "batch of " + slot + ": run " + claim.run_id + " is done, but the batch is gone",
                "restore the batch, or forget the run: am runs abandon --discard " + claim.run_id);
  }
  kernel::Run& run = *claim.run;
  const kernel::Log::Scope scope(desk.log,
                                 {{"workflow", kWeeklyJob}, {"workflow_run_id", run.id()}, {"slot", slot}});
  try {
    if (store::find_by_date(desk.db, options.run_date)) {  // made between the look and the claim
      run.finish_found();
      existing();
      return result;
    }
    const Json generated = generate_picks(desk, run, picker, options.run_date);
    desk.stop.check();
    const Result<std::vector<Pick>> picks = parse_picks(generated.dump());
    if (!picks) throw Error(ErrorKind::needs_human, "stored picks of " + slot + ": " + picks.error().reason);
    const Json snapshot = Json::parse(
        run.step("snapshot_prices", slot, [&] { return snapshot_prices(desk, run, options, *picks); }));
    result.batch = persist_batch(desk, run, options, generated, snapshot);
    result.created = true;
    return result;
  } catch (const Error& error) {
    run.fail(error);
    throw;
  }
}

}  // namespace am::picks
