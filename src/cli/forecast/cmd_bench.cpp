#include <algorithm>
#include <chrono>
#include <thread>

#include <nlohmann/json.hpp>

#include "am/base/csv.hpp"
#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/forecast/bench.hpp"
#include "am/forecast/numbers.hpp"
#include "am/kernel/file_write.hpp"
#include "cli/table.hpp"
#include "forecast_commands.hpp"
#include "parts.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;
using forecast::BenchResult;
using forecast::BenchScore;

constexpr int kLongestSeason = 100000;
constexpr int kMostOrigin = 1000;
constexpr unsigned kMostThreads = 64;

struct BenchFlags {
  std::optional<std::string> train, test, season, to;
  std::optional<int> horizon, scale, origin;
  bool members = false;
};

void bench_flags(Flags& f, BenchFlags& o) {
  f.text("--train", o.train, "FILE",
         "the training part: CSV of a header, then a name and values in each row; required");
  f.text("--test", o.test, "FILE", "what came: the same names, as many values as the horizon; or --origin");
  f.integer("--horizon", o.horizon, 1, forecast::kMostBenchHorizon, "steps ahead; required");
  f.text("--season", o.season, "LENGTHS", "season lengths to look for: 7 brings 364, 24 brings 168 (7)");
  f.integer("--scale", o.scale, 1, kLongestSeason,
            "lag of MASE and Naive2 (the shortest season, where most series show it, else 1)");
  f.integer("--origin", o.origin, 1, kMostOrigin,
            "score the N-th last horizon of the training part instead of --test");
  f.on("--members", o.members, "the models' own scores, too");
  f.text("--to", o.to, "FILE", "write the forecasts there, as CSV");
}

std::vector<int> lengths_of(const std::optional<std::string>& text) {
  std::vector<int> lengths;
  if (!text) return lengths;
  for (const std::string& part : split(*text, ',')) {
    const auto length = parse_integer(part, 2, kLongestSeason);
    if (!length) {
      throw Error(ErrorKind::usage, "--season " + shown(*text) + ": expected lengths from 2 to " +
                                        std::to_string(kLongestSeason) +
                                        " with commas between, such as 7,364");
    }
    lengths.push_back(static_cast<int>(*length));
  }
  return lengths;
}

std::vector<forecast::BenchSeries> read_part(const std::string& path, Context& context) {
  return forecast::read_bench_series(input_name(path), read_input(path, context));
}

forecast::BenchCases read_cases(const BenchFlags& o, Context& context) {
  const std::string& path = required_text(o.train, "--train");
  if (!o.horizon) throw Error(ErrorKind::usage, "needs --horizon");
  if (o.test.has_value() == o.origin.has_value())
    throw Error(ErrorKind::usage, "needs --test or --origin, one of both");
  if (path == "-" && o.test == "-")
    throw Error(ErrorKind::usage, "--train and --test: only one of both is standard input");
  std::vector<forecast::BenchSeries> train = read_part(path, context);
  if (!o.origin) {
    return forecast::bench_cases(std::move(train), read_part(*o.test, context), *o.horizon,
                                 input_name(*o.test));
  }
  forecast::BenchCases cases = forecast::bench_cases_at(std::move(train), *o.horizon, *o.origin);
  if (cases.cases.empty()) {
    throw Error(ErrorKind::data, input_name(path) + ": no series has three horizons before origin " +
                                     std::to_string(*o.origin));
  }
  return cases;
}

std::string forecasts_csv(const forecast::BenchCases& cases, const BenchResult& found) {
  std::string csv = "series,step,y_hat,y_lo,y_hi,y_lo80,y_hi80\n";
  for (std::size_t i = 0; i < cases.cases.size(); ++i) {
    const auto& days = found.forecasts[i].days;
    for (std::size_t step = 0; step < days.size(); ++step) {
      std::vector<std::string> row = {cases.cases[i].name, std::to_string(step + 1)};
      for (const double y :
           {days[step].y_hat, days[step].lo, days[step].hi, days[step].lo80, days[step].hi80})
        row.push_back(forecast::number_text(y));
      csv += csv_record(row);
    }
  }
  return csv;
}

std::string figure(double value, int digits = 4) { return forecast::short_text(value, digits); }

std::string share_text(double part) { return figure(part * 100, 3) + " %"; }

Json score_json(const BenchScore& score) {
  return {{"series", score.series},
          {"smape", forecast::number_text(score.smape)},
          {"mase", forecast::number_text(score.mase)},
          {"owa", forecast::number_text(score.owa)}};
}

Outcome run(const BenchFlags& o, Context& context) {
  forecast::BenchOptions options{.seasons = lengths_of(o.season), .scale = o.scale};
  const forecast::BenchCases cases = read_cases(o, context);
  options.horizon = *o.horizon;
  options.threads = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads));
  const auto start = std::chrono::steady_clock::now();
  const BenchResult found = forecast::run_bench(cases.cases, options, [&] { context.stop.check(); });
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (o.to) kernel::write_file_atomically(*o.to, forecasts_csv(cases, found));

  Outcome outcome;
  if (cases.skipped > 0) {
    outcome.warnings.push_back(std::to_string(cases.skipped) +
                               " series with less than three horizons before the origin are not scored");
    context.log.warn(outcome.warnings.back());
  }
  Table table({"model", "series", "sMAPE", "MASE", "OWA", "within 95 %", "within 80 %", "MSIS"});
  const auto add = [&](const BenchScore& score, const std::string& name) {
    const bool all = score.name.empty();
    table.add({name, std::to_string(score.series), figure(score.smape), figure(score.mase), figure(score.owa),
               all ? share_text(found.bounds.covered95) : "", all ? share_text(found.bounds.covered80) : "",
               all ? figure(found.bounds.msis) : ""});
  };
  add(found.forecast, "forecast");
  add(found.naive2, "Naive2");
  Json members = Json::object();
  if (o.members) {
    for (const BenchScore& member : found.members) {
      add(member, member.name);
      members[member.name] = score_json(member);
    }
  }
  outcome.table = table.text(context.options.color) + std::to_string(cases.cases.size()) + " series, " +
                  std::to_string(*o.horizon) + " steps, scaled by lag " + std::to_string(found.scale) + ": " +
                  figure(seconds, 3) + " s, of one core " + figure(found.cpu_seconds, 3) +
                  " s, the slowest " + figure(found.slowest_seconds, 3) + " s\n";
  Json data = {{"series", cases.cases.size()},
               {"skipped", cases.skipped},
               {"horizon", *o.horizon},
               {"scale", found.scale},
               {"forecast", score_json(found.forecast)},
               {"naive2", score_json(found.naive2)},
               {"covered95", forecast::number_text(found.bounds.covered95)},
               {"covered80", forecast::number_text(found.bounds.covered80)},
               {"msis", forecast::number_text(found.bounds.msis)},
               {"seconds", forecast::number_text(seconds)},
               {"cpu_seconds", forecast::number_text(found.cpu_seconds)},
               {"slowest_seconds", forecast::number_text(found.slowest_seconds)}};
  if (o.members) data["members"] = members;
  outcome.data = data.dump();
  return outcome;
}

}  // namespace

Command forecast_bench() {
  return make_command<BenchFlags>(
      {.path = "forecast bench",
       .summary = "how good the models are on a set of series in the form of the M4 competition",
       .details =
           "Every series is forecast once, with bounds, from its training part; sMAPE, MASE, OWA (against Naive2) and MSIS are "
           "as that competition has them. The test part has the last word: choices are made with --origin, which scores "
           "the training part's own last horizons. No database is needed.",
       .examples =
           {"am forecast bench --train Weekly-train.csv --test Weekly-test.csv --horizon 13 --season 52 --scale 1",
            "am forecast bench --train Hourly-train.csv --horizon 48 --season 24 --scale 24 --origin 1 --members"},
       .exits = {ExitCode::data, ExitCode::no_input, ExitCode::denied},
       .config = {}},
      bench_flags, run);
}

}  // namespace am::cli
