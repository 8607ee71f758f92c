#include "picks_output.hpp"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "am/picks/moves.hpp"
#include "cli/table.hpp"

namespace am::cli {

using Json = nlohmann::ordered_json;

namespace {

Json decimal_or_null(const std::optional<Decimal>& value) {
  return value ? Json(value->to_string()) : Json();
}

/// Stored as it is, but somebody has to say what it was.
std::string doubt_text(Date run_date, const market::Move& move) {
  return "batch " + run_date.to_string() + ": " + move.text() +
         "\nhint: " + picks::way_out(run_date, move.symbol, move.day, false);
}

std::string day_name(Date run_date, int day) { return run_date.to_string() + " day " + std::to_string(day); }

}  // namespace

std::string batch_text(const picks::Batch& batch) {
  Table table({"ticker", "action", "initial price", "reasoning"});
  for (const picks::StoredPick& stored : batch.picks) {
    table.add({stored.pick.ticker, std::string(picks::action_name(stored.pick.action)),
               stored.initial_price.to_string(), stored.pick.reasoning});
  }
  return "batch " + batch.run_date.to_string() + " (" + batch.id + ", " + batch.status + ", " + batch.picker +
         ", " + batch.benchmark_symbol + " " + batch.benchmark_initial_price.to_string() + ")\n" +
         table.text();
}

Json batch_json(const picks::Batch& batch) {
  Json picks = Json::array();
  for (const picks::StoredPick& stored : batch.picks) {
    picks.push_back({{"id", stored.id},
                     {"ticker", stored.pick.ticker},
                     {"action", picks::action_name(stored.pick.action)},
                     {"reasoning", stored.pick.reasoning},
                     {"initial_price", stored.initial_price.to_string()}});
  }
  return {{"id", batch.id},
          {"run_date", batch.run_date.to_string()},
          {"status", batch.status},
          {"benchmark_symbol", batch.benchmark_symbol},
          {"benchmark_initial_price", batch.benchmark_initial_price.to_string()},
          {"picker", batch.picker},
          {"model", batch.model.empty() ? Json() : Json(batch.model)},
          {"price_source", batch.price_source},
          {"origin", batch.origin},
          {"picks", picks}};
}

std::string day_text(const picks::DayResult& day) {
  std::string line = day_name(day.run_date, day.day) + " (" + day.date.to_string() +
                     "): " + std::string(picks::day_outcome_name(day.outcome));
  if (!day.reason.empty()) line += ", " + day.reason;
  if (!day.batch_status.empty()) line += "; the batch is " + day.batch_status;
  return line + "\n";
}

Json day_json(const picks::DayResult& day) {
  Json json{{"batch_id", day.batch_id},
            {"run_date", day.run_date.to_string()},
            {"day", day.day},
            {"checkpoint_date", day.date.to_string()},
            {"outcome", picks::day_outcome_name(day.outcome)},
            {"reason", day.reason.empty() ? Json() : Json(day.reason)}};
  if (!day.checkpoint) return json;
  json["benchmark_price"] = decimal_or_null(day.checkpoint->benchmark_price);
  json["benchmark_return_pct"] = decimal_or_null(day.checkpoint->benchmark_return_pct);
  Json metrics = Json::array();
  for (const picks::Metric& metric : day.checkpoint->metrics) {
    metrics.push_back({{"pick_id", metric.pick_id},
                       {"current_price", metric.current_price.to_string()},
                       {"absolute_return_pct", metric.absolute_return_pct.to_string()},
                       {"vs_benchmark_pct", metric.vs_benchmark_pct.to_string()}});
  }
  json["metrics"] = metrics;
  return json;
}

std::string failure_text(const picks::DayFailure& failure) {
  const std::string subject = "batch " + failure.run_date.to_string() +
                              (failure.day > 0 ? " day " + std::to_string(failure.day) : "") + ": ";
  const std::string& message = failure.error.message();
  return (message.starts_with(subject) ? "" : subject) + message + "\n";
}

Json failure_json(const picks::DayFailure& failure) {
  return {{"run_date", failure.run_date.to_string()},
          {"day", failure.day > 0 ? Json(failure.day) : Json()},
          {"code", error_kind_name(failure.error.kind())},
          {"message", failure.error.message()},
          {"hint", failure.error.hint()},
          {"not_before",
           failure.error.not_before() ? Json(format_rfc3339(*failure.error.not_before())) : Json()}};
}

Outcome outcome_of_days(const std::vector<picks::DayResult>& days,
                        const std::vector<picks::DayFailure>& failures) {
  Outcome outcome;
  long long changed = 0;
  long long planned = 0;
  std::map<picks::DayOutcome, long long> counts;
  Json list = Json::array();
  for (const picks::DayResult& day : days) {
    ++counts[day.outcome];
    changed +=
        day.outcome == picks::DayOutcome::computed || day.outcome == picks::DayOutcome::skipped ? 1 : 0;
    planned += day.outcome == picks::DayOutcome::planned ? 1 : 0;
    outcome.table += day_text(day);
    for (const market::Move& move : day.unexplained) {
      outcome.warnings.push_back(move.text());
      outcome.doubtful += (outcome.doubtful.empty() ? "" : "\n") + doubt_text(day.run_date, move);
    }
    list.push_back(day_json(day));
  }
  Json missing = Json::array();
  for (const picks::DayFailure& failure : failures) missing.push_back(failure_json(failure));
  for (const picks::DayOutcome one : {picks::DayOutcome::computed, picks::DayOutcome::skipped,
                                      picks::DayOutcome::unchanged, picks::DayOutcome::planned}) {
    outcome.counts.emplace_back(picks::day_outcome_name(one), counts[one]);
  }
  outcome.counts.emplace_back("failed", static_cast<long long>(failures.size()));
  outcome.data = Json{{"days", list}, {"failures", missing}}.dump();
  for (const picks::DayResult& day : days) {
    if (day.gap)
      outcome.lost +=
          (outcome.lost.empty() ? "" : "\n") + day_name(day.run_date, day.day) + ": " + day.reason;
  }
  if (planned > 0) outcome.kind = OutcomeKind::planned;
  if (changed > 0)
    outcome.kind = counts[picks::DayOutcome::computed] > 0 ? OutcomeKind::changed : OutcomeKind::skipped;
  if (!outcome.lost.empty()) {  // a session that is lost: finished, but somebody should know
    outcome.kind = OutcomeKind::partial;
    outcome.exit = ExitCode::partial;
  }
  if (outcome.table.empty() && failures.empty()) outcome.table = "nothing is due\n";
  return outcome;
}

/// Several results in one run: the worst decides.
void take_worst(Outcome& outcome, const std::vector<picks::DayFailure>& failures) {
  for (const picks::DayFailure& failure : failures) outcome.table += failure_text(failure);
  const Error* decisive = worst_of(failures);
  if (decisive == nullptr) return;
  const Outcome worst = outcome_of(*decisive);
  const bool some = outcome.kind == OutcomeKind::changed || outcome.kind == OutcomeKind::skipped;
  outcome.kind = some || outcome.exit == ExitCode::partial ? OutcomeKind::partial : worst.kind;
  outcome.exit = worse(outcome.exit, worst.exit);
  outcome.error = worst.error;
}

const Error* worst_of(const std::vector<picks::DayFailure>& failures) {
  const Error* worst = nullptr;
  for (const picks::DayFailure& failure : failures) {
    const ExitCode code = failure.error.exit_code();
    if (worst == nullptr || worse(code, worst->exit_code()) != worst->exit_code()) worst = &failure.error;
  }
  return worst;
}

}  // namespace am::cli
