#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/kernel/ids.hpp"
#include "am/market/price.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "baseline.hpp"
#include "json_dump.hpp"
#include "picks_json.hpp"
#include "store_pg.hpp"

namespace am::picks {

namespace {

using Json = nlohmann::ordered_json;

/// Whether the week's picks are at hand, from an earlier attempt or from elsewhere, so that nobody is asked for them.
bool has_picks(kernel::Sql& sql, const std::string& slot) {
  return !sql.query(
                 "SELECT 1 FROM ops.runs r JOIN ops.steps s ON s.run_id = r.id WHERE r.job = $1 AND r.slot = $2 AND "
                 "s.name = $3 AND s.finished_at IS NOT NULL",
                 kernel::sql_values(kWeeklyJob, slot, kPicksStep))
              .empty();
}

void refuse_lookahead(Workbench& bench, const Picker& picker, const WeeklyOptions& options) {
  if (!picker.sees_the_future() || options.allow_lookahead ||
      options.run_date >= current_run_date(bench.clock.now()) ||
      has_picks(bench.db, options.run_date.to_string()))
    return;
  throw Error(ErrorKind::usage,
              "run date " + options.run_date.to_string() + ": the picker " + picker.name() +
                  " has read about what came after it",
              "use --picker momentum or file:PATH, or accept the lookahead with --allow-lookahead");
}

std::string picks_output(Workbench& bench, const Picked& picked) {
  for (const Pick& pick : picked.picks) {
    bench.log.info(
        "pick",
        {{"ticker", pick.ticker}, {"action", action_name(pick.action)}, {"reasoning", pick.reasoning}});
  }
  Json output{{"picker", picked.picker},
              {"model", picked.model},
              {"served_model", picked.served_model},
              {"prompt_hash", picked.prompt_hash},
              {"template", picked.template_text},
              {"picks", picks_json(picked.picks)}};
  if (!picked.record_json.empty()) output["record"] = Json::parse(picked.record_json);
  return dump(output);
}

/// The input of the picks is the date alone: another picker, model or prompt never asks again.
Json generate_picks(Workbench& bench, kernel::Run& run, Picker& picker, const WeeklyOptions& options) {
  const std::string slot = options.run_date.to_string();
  std::string paid;  // the model that has answered
  try {
    return Json::parse(run.step(kPicksStep, slot, [&] {
      bench.guard.require();  // here a model is paid
      const Picked picked = picker.pick(options.run_date, options.benchmark);
      paid = picked.model;
      return picks_output(bench, picked);
    }));
  } catch (const Error& error) {
    if (paid.empty() || error.kind() == ErrorKind::busy) throw;
    throw error.within("picks of " + slot + ": the answer of " + paid +
                       " was paid for, and a rerun asks again");
  }
}

/// Picks that are taken from the ledger have to pass as new ones do. Without a benchmark: whichever it becomes.
std::vector<Pick> stored_picks(const kernel::Run& run, Date run_date, const Json& generated,
                               std::string_view benchmark) {
  Result<std::vector<Pick>> picks = parse_picks(generated.dump(), benchmark);
  if (picks) return std::move(picks).value();
  throw Error(
      ErrorKind::needs_human, "stored picks of " + run_date.to_string() + ": " + picks.error().reason,
      "forget them, so that the picker is asked again: am runs abandon " + run.id() + " --discard --yes");
}

/// The picks are stored, so every rerun asks for the same tickers.
std::string way_out(const kernel::Run& run) {
  return "the picks are kept; if a ticker is at fault, have others picked: am runs abandon --discard " +
         run.id() + " --yes, then am run-weekly";
}

std::string snapshot_prices(Workbench& bench, kernel::Run& run, const WeeklyOptions& options,
                            const Json& generated) {
  std::vector<std::string> symbols{options.benchmark};
  for (const Pick& pick : stored_picks(run, options.run_date, generated, options.benchmark))
    symbols.push_back(pick.ticker);
  Json prices = Json::object();
  for (const auto& [symbol, close] :
       take_baseline(bench, run, options.run_date, options.price_source, symbols, way_out(run)))
    prices[symbol] = close.to_string();
  return dump(Json{{"source", bench.closes(options.price_source).source()},
                   {"benchmark", options.benchmark},
                   {"baseline", baseline_session(options.run_date).to_string()},
                   {"closes", prices}});
}

/// Earlier versions kept closes that cannot be right, too.
bool can_be_right(const Json& snapshot) {
  return std::ranges::all_of(snapshot.at("closes"), [](const Json& close) {
    return market::parse_price(close.get_ref<const std::string&>()).has_value();
  });
}

/// The step's stored output, or the closes of now.
Json baseline_snapshot(Workbench& bench, kernel::Run& run, const WeeklyOptions& options,
                       const Json& generated) {
  const auto taken = [&](const std::string& input) {
    return Json::parse(
        run.step("snapshot_prices", input, [&] { return snapshot_prices(bench, run, options, generated); }));
  };
  const std::string slot = options.run_date.to_string();
  Json snapshot = taken(slot);
  if (can_be_right(snapshot)) return snapshot;
  bench.log.warn("the stored closes of the baseline cannot be right, so they are asked for again",
                 {{"closes", ellipsize(snapshot.at("closes").dump(), 300)}});
  return taken(slot + " again");
}

Batch assemble(const kernel::Run& run, const WeeklyOptions& options, const Json& generated,
               const Json& snapshot) {
  Batch batch;
  batch.id = kernel::new_id();
  batch.run_date = options.run_date;
  batch.benchmark_symbol = snapshot.at("benchmark").get<std::string>();
  batch.benchmark_initial_price =
      Decimal::of(snapshot.at("closes").at(batch.benchmark_symbol).get<std::string>());
  batch.status = "active";
  batch.picker = generated.at("picker").get<std::string>();
  batch.model = generated.at("model").get<std::string>();
  batch.served_model = generated.value("served_model", "");  // earlier versions knew neither
  if (const std::string text = generated.value("template", ""); !text.empty())
    batch.template_hash = sha256_hex(text);
  batch.price_source = snapshot.at("source").get<std::string>();
  batch.origin = generated.value("origin", options.origin);
  batch.imported_at = parse_rfc3339(generated.value("imported_at", ""));
  for (const Pick& pick : stored_picks(run, options.run_date, generated, batch.benchmark_symbol)) {
    batch.picks.push_back(
        {kernel::new_id(), pick, Decimal::of(snapshot.at("closes").at(pick.ticker).get<std::string>())});
  }
  std::sort(batch.picks.begin(), batch.picks.end(),
            [](const StoredPick& a, const StoredPick& b) { return a.pick.ticker < b.pick.ticker; });
  return batch;
}

Batch persist_batch(Workbench& bench, kernel::Run& run, const WeeklyOptions& options, const Json& generated,
                    const Json& snapshot) {
  Batch batch;
  std::string checkpoint_id;
  run.finish_with([&](kernel::Transaction& tx) {
    run.step_in(tx, "persist_batch", options.run_date.to_string(), [&](kernel::Transaction& sql) {
      batch = assemble(run, options, generated, snapshot);
      const Date baseline = Date::of(snapshot.at("baseline").get<std::string>());
      checkpoint_id =
          store::insert(sql, batch, baseline,
                        {generated.at("prompt_hash").get<std::string>(), generated.value("template", "")});
      kernel::Ledger::event(sql, "batch_created", batch.id, run.id(),
                            dump(Json{{"run_date", batch.run_date.to_string()}, {"picker", batch.picker}}));
      return dump(Json{{"batch_id", batch.id}});
    });
  });
  bench.log.info(
      "batch created",
      {{"batch_id", batch.id}, {"checkpoint_id", checkpoint_id}, {"run_date", batch.run_date.to_string()}});
  return batch;
}

}  // namespace

Error batch_exists(const Batch& batch) {
  return {ErrorKind::exists,
          "batch of " + batch.run_date.to_string() + ": it exists already (" + batch.id + ")",
          "leave --fail-if-exists out to treat that as done"};
}

WeeklyResult run_weekly(Workbench& bench, Picker& picker, const WeeklyOptions& options) {
  const std::string slot = options.run_date.to_string();
  WeeklyResult result;
  result.baseline = baseline_session(options.run_date);
  const auto existing = [&]() -> bool {
    result.batch = store::find_by_week(bench.db, options.run_date);
    if (result.batch && options.fail_if_exists) {
      throw batch_exists(*result.batch);
    }
    return result.batch.has_value();
  };
  if (existing()) {
    if (!result.batch->baseline_problem.empty() && !options.dry_run)
      result = retake_baseline(bench, *result.batch);
    return result;
  }
  refuse_lookahead(bench, picker, options);
  bench.guard.require();
  if (options.dry_run) return result;

  const Json params{
      {"picker", options.picker_spec}, {"prices", options.price_source}, {"benchmark", options.benchmark}};
  const kernel::Claim claim = bench.ledger.claim(kWeeklyJob, slot, dump(params));
  result.run_id = claim.run_id;
  if (!claim.run) {  // another process finished it while this one waited
    if (existing()) return result;
    throw Error(ErrorKind::needs_human,
                "batch of " + slot + ": run " + claim.run_id + " is done, but the batch is gone",
                "restore the batch, or forget the run: am runs abandon --discard " + claim.run_id)
        .of_run(claim.run_id);
  }
  kernel::Run& run = *claim.run;
  const kernel::Log::Scope scope(bench.log,
                                 {{"workflow", kWeeklyJob}, {"workflow_run_id", run.id()}, {"slot", slot}});
  try {
    if (store::find_by_week(bench.db, options.run_date)) {  // made between the look and the claim
      run.finish_found();
      existing();
      return result;
    }
    const Json generated = generate_picks(bench, run, picker, options);
    bench.stop.check();
    stored_picks(run, options.run_date, generated, "");
    const Json snapshot = baseline_snapshot(bench, run, options, generated);
    result.batch = persist_batch(bench, run, options, generated, snapshot);
    result.created = true;
    return result;
  } catch (const Error& error) {
    run.fail(error);
    throw error.of_run(run.id());
  }
}

}  // namespace am::picks
