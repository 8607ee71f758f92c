#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "am/base/date.hpp"
#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/strategy/bars.hpp"
#include "am/strategy/check.hpp"
#include "cli/input.hpp"
#include "cli/table.hpp"
#include "strategy_commands.hpp"

namespace am::cli {

namespace {

struct CheckFlags {
  std::string file;
  std::optional<std::string> bars, params, symbol, timeframe;
};

void check_flags(Flags& f, CheckFlags& o) {
  f.word("FILE", o.file, "the strategy, Python; - for standard input");
  f.text("--bars", o.bars, "CSV", "over these bars: date or timestamp, open, high, low, close, volume");
  f.text("--params", o.params, "JSON", "the strategy's parameters, a JSON object");
  f.text("--symbol", o.symbol, "SYMBOL", "what the bars are of (default TEST)");
  f.text("--timeframe", o.timeframe, "TIMEFRAME", "how long a bar is: 1m, 5m, 1h, 1d (default 1m)");
}

double milliseconds_of(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// "" where no bar was answered.
std::string times_text(std::vector<std::chrono::nanoseconds> took) {
  if (took.empty()) return "";
  std::sort(took.begin(), took.end());
  return fmt::format("; of a processor half took {:.3f} ms, 99 % at most {:.3f} ms, the slowest {:.3f} ms",
                     milliseconds_of(took[took.size() / 2]), milliseconds_of(took[took.size() * 99 / 100]),
                     milliseconds_of(took.back()));
}

std::string instant_text(strategy::Micros at) {
  return format_rfc3339(Instant(std::chrono::microseconds(at)));
}

nlohmann::ordered_json json_of_run(const strategy::CheckRun& run) {
  auto signals = nlohmann::ordered_json::array();
  for (const strategy::CheckedSignal& each : run.signals)
    signals.push_back({{"at", instant_text(each.at)},
                       {"action", name_of(each.intent.side)},
                       {"price", fmt::format("{}", each.intent.price)},
                       {"quantity", fmt::format("{}", each.intent.quantity)},
                       {"confidence", each.intent.confidence},
                       {"metadata", nlohmann::ordered_json::parse(each.intent.metadata)}});
  nlohmann::ordered_json json = {{"bars", run.bars}, {"signals", signals}, {"errors", run.errors}};
  json["output"] = run.output;
  json["output_lines"] = run.lines;
  json["state_bytes"] = run.state.size();
  json["failure"] = run.failure.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(run.failure);
  return json;
}

std::string signals_text(const strategy::CheckRun& run, bool color) {
  constexpr std::size_t kShown = 20;
  if (run.signals.empty()) return "no signals\n";
  Table table({"AT", "ACTION", "PRICE", "QUANTITY", "CONFIDENCE"});
  for (std::size_t i = 0; i < std::min(kShown, run.signals.size()); ++i) {
    const auto& [at, intent] = run.signals[i];
    table.add({instant_text(at), std::string(name_of(intent.side)), fmt::format("{}", intent.price),
               fmt::format("{}", intent.quantity), fmt::format("{}", intent.confidence)});
  }
  const std::size_t more = run.signals.size() - std::min(kShown, run.signals.size());
  return table.text(color) + (more > 0 ? fmt::format("… and {} more\n", more) : "");
}

std::string check_text(const strategy::StrategyCheck& check, bool color) {
  const strategy::CheckRun& whole = check.whole;
  std::string text = signals_text(whole, color);
  for (const std::string& line : whole.output) text += "| " + line + "\n";
  if (whole.lines > whole.output.size())
    text += fmt::format("| … and {} lines more\n", whole.lines - whole.output.size());
  for (const auto& [error, times] : whole.errors) text += fmt::format("error, {} times: {}\n", times, error);
  text += fmt::format("{} bars, {} signals{}\n", whole.bars, whole.signals.size(), times_text(whole.took));
  if (check.difference)
    text += "restarted after " + std::to_string(check.restarted_after) +
            " bars it differs: " + *check.difference + "\n";
  else if (whole.failure.empty() && check.restarted.failure.empty())
    text += fmt::format("restarted after {} bars it does the same\n", check.restarted_after);
  return text;
}

void conclude_check(const strategy::StrategyCheck& check, Outcome& outcome) {
  const auto refuse = [&](const std::string& problem, const std::string& hint) {
    outcome.kind = OutcomeKind::failed;
    outcome.exit = ExitCode::data;
    outcome.error = Error(ErrorKind::data, "the strategy: " + problem, hint);
  };
  if (!check.whole.failure.empty()) return refuse(check.whole.failure, "");
  if (!check.restarted.failure.empty()) return refuse("restarted: " + check.restarted.failure, "");
  if (!check.whole.errors.empty())
    return refuse(check.whole.errors.begin()->first,
                  "every error of a callback is one of the strategy's text");
  if (!check.difference) return;
  outcome.kind = OutcomeKind::found;
  outcome.exit = ExitCode::found;
  outcome.warnings.push_back(
      "a restart changes what it does: keep in `state` what it goes by, and use neither clock nor chance");
}

Outcome run_check(const CheckFlags& o, Context& context) {
  strategy::CheckOptions options;
  options.code = read_input(o.file, context);
  options.symbol = o.symbol.value_or(options.symbol);
  options.timeframe = o.timeframe.value_or(options.timeframe);
  options.params = o.params.value_or(options.params);
  options.stop = &context.stop;
  if (!strategy::timeframe_length(options.timeframe))
    throw Error(ErrorKind::usage,
                "--timeframe: " + shown(options.timeframe) + " is none (expected 1m, 5m, 1h, 1d)");
  if (context.config.text("strategy.sandbox") == "landlock")
    options.sandbox.kind = strategy::SandboxKind::landlock;
  const std::vector<strategy::Bar> bars =
      o.bars ? strategy::parse_bars_csv(read_input(*o.bars, context), input_name(*o.bars))
             : strategy::parse_bars_csv(strategy::bundled_bars_csv(), "the bundled bars");
  const strategy::StrategyCheck check = strategy::check_strategy(options, bars);
  Outcome outcome;
  outcome.counts = {{"bars", static_cast<long long>(check.whole.bars)},
                    {"signals", static_cast<long long>(check.whole.signals.size())},
                    {"errors", static_cast<long long>(check.whole.errors.size())}};
  outcome.table = check_text(check, context.options.color);
  nlohmann::ordered_json data = {{"whole", json_of_run(check.whole)},
                                 {"restarted", json_of_run(check.restarted)},
                                 {"restarted_after", check.restarted_after}};
  data["difference"] =
      check.difference ? nlohmann::ordered_json(*check.difference) : nlohmann::ordered_json();
  outcome.data = data.dump();
  conclude_check(check, outcome);
  return outcome;
}

}  // namespace

Command strategy_check() {
  return make_command<CheckFlags>(
      {.path = "strategy check",
       .summary = "run a Python strategy over bars, without an engine",
       .details =
           "In the sandbox, whole, and again with a restart in the middle from its `state`: signals, output, errors by line, how "
           "long its callbacks take, and whether the two runs agree. Each signal counts as filled at its price. Without --bars "
           "over a made day of one-minute bars (examples/bars/demo-day.csv).",
       .examples = {"am strategy check examples/strategies/sma_cross.py",
                    "am strategy check mine.py --bars 2006.csv --timeframe 1d -o json"},
       .exits = {ExitCode::found, ExitCode::data, ExitCode::no_input},
       .config = {"strategy.sandbox"}},
      check_flags, run_check);
}

}  // namespace am::cli
