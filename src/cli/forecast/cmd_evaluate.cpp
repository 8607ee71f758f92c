#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/forecast/drift.hpp"
#include "am/forecast/evaluate.hpp"
#include "am/forecast/numbers.hpp"
#include "cli/table.hpp"
#include "forecast_commands.hpp"
#include "parts.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;
using forecast::Evaluation;
using forecast::SpanScore;

constexpr int kUsualOrigins = 12;
constexpr int kMostOrigins = 104;

struct EvaluateOptions {
  std::optional<std::string> series;
  std::optional<int> origins, horizon;
  std::optional<Date> as_of;
};

void flags(Flags& f, EvaluateOptions& o) {
  f.text("--series", o.series, "NAMES", "the series, several with commas between; required");
  f.integer("--origins", o.origins, 1, kMostOrigins,
            "past days that are forecast from, one horizon apart (12)");
  f.integer("--horizon", o.horizon, 1, forecast::kMostHorizon, "existing days ahead (the series' own)");
  f.date("--as-of", o.as_of, "look at no later day than this");
}

std::string figure(const std::optional<double>& value) {
  return value ? forecast::short_text(*value, 3) : "";
}

std::string percent(double part) { return forecast::short_text(part * 100, 3) + " %"; }

/// How much of the naive forecast's error is left.
std::string against(const SpanScore& score) {
  if (!score.mase || !score.naive_mase || !score.seasonal_mase) return "";
  const double naive = std::min(*score.naive_mase, *score.seasonal_mase);
  return naive > 0 ? percent(*score.mase / naive) : "";
}

Json score_json(const SpanScore& score) {
  return {{"first_step", score.first_step},
          {"last_step", score.last_step},
          {"days", score.days},
          {"mase", number_json(score.mase)},
          {"naive_mase", number_json(score.naive_mase)},
          {"seasonal_mase", number_json(score.seasonal_mase)},
          {"smape", number_json(score.smape)},
          {"covered95", number_json(score.covered95)},
          {"covered80", number_json(score.covered80)}};
}

Outcome run(const EvaluateOptions& o, Context& context) {
  kernel::Db& db = context.job_db();
  Table table({"series", "steps", "days", "MASE", "naive", "seasonal naive", "of the better naive", "sMAPE",
               "within 95 %", "within 80 %"});
  Outcome outcome;
  Json data = Json::array();
  for (const std::string& part : split(required_text(o.series, "--series"), ',')) {
    const std::string name(trim(part));
    const forecast::SeriesInfo series = forecast::load_series(db, name);
    const Date known = forecast::last_known_day(series, context.clock.now());
    const Date as_of = std::min(o.as_of.value_or(known), known);
    // The month after it has a day of every calendar.
    const forecast::Question question = forecast::read_question(db, name, {as_of + 1, as_of + 31}, as_of);
    const Evaluation found = forecast::evaluate(
        question.input,
        {.origins = o.origins.value_or(kUsualOrigins), .horizon = o.horizon.value_or(series.horizon)},
        forecast::forecast_series, [&] { context.stop.check(); });
    if (found.origins == 0) {
      throw Error(ErrorKind::no_input, "series " + name + ": too few days up to " + as_of.to_string() +
                                           " to forecast from its past");
    }
    const auto add = [&](const SpanScore& score, const std::string& steps) {
      table.add({name, steps, std::to_string(score.days), figure(score.mase), figure(score.naive_mase),
                 figure(score.seasonal_mase), against(score), figure(score.smape), percent(score.covered95),
                 percent(score.covered80)});
    };
    for (const auto& [drifting, drift] : forecast::open_drifts(db, name))
      outcome.warnings.push_back("series " + drifting + " drifts " + forecast::drift_text(drift));
    Json spans = Json::array();
    for (const SpanScore& span : found.spans) {
      add(span, std::to_string(span.first_step) + " to " + std::to_string(span.last_step));
      spans.push_back(score_json(span));
    }
    if (found.spans.size() > 1) add(found.all, "all");
    data.push_back({{"series", name},
                    {"origins", found.origins},
                    {"first_origin", found.first_origin->to_string()},
                    {"last_origin", found.last_origin->to_string()},
                    {"model_version", found.model_version},
                    {"spans", spans},
                    {"all", score_json(found.all)}});
  }
  for (const std::string& warning : outcome.warnings) context.log.warn(warning);
  outcome.table = table.text(context.options.color);
  outcome.data = data.dump();
  return outcome;
}

}  // namespace

Command forecast_evaluate() {
  return make_command<EvaluateOptions>(
      {.path = "forecast evaluate",
       .summary = "how good forecasts of a series were: from days of its past, against two naive ones",
       .details =
           "Each time nothing later is known. MASE is the mean absolute error in units of the usual step of one season: 1 is "
           "as good as last season's value within the past. Naive repeats the last value, seasonal naive the last season. "
           "Nothing is stored. Whether what was forecast night by night drifts from what came is a warning.",
       .examples = {"am forecast evaluate --series rides",
                    "am forecast evaluate --series rides,spx --origins 24"},
       .exits = {ExitCode::no_input, ExitCode::denied},
       .config = {"database.url"}},
      flags, run);
}

}  // namespace am::cli
