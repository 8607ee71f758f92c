#include <algorithm>
#include <limits>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/file_read.hpp"
#include "am/strategy/bars.hpp"
#include "am/strategy/replay.hpp"
#include "am/strategy/strategies.hpp"
#include "bars_parts.hpp"
#include "cli/input.hpp"
#include "replay_report.hpp"
#include "session_parts.hpp"
#include "strategy_commands.hpp"

namespace am::cli {

namespace {

using strategy::ReplayOptions;
using strategy::ReplayResult;

constexpr std::size_t kMostBarsText = std::size_t{4} << 30U;
constexpr int kReplayBatch = 100;

struct ReplayFlags {
  std::optional<std::string> strategy, builtin, file, params, user, bars, symbol, timeframe, fill, fee,
      slippage, cash;
  std::optional<Date> from, to;
};

void replay_flags(Flags& f, ReplayFlags& o) {
  f.text("--strategy", o.strategy, "NAME", "one that was added (am strategy list)");
  f.text("--builtin", o.builtin, "NAME", "a built-in one: mock, sma_cross, rsi_reversion, momentum");
  f.text("--file", o.file, "FILE", "a Python program, run in the sandbox");
  f.text("--params", o.params, "JSON", R"(its parameters, such as {"period": 15})");
  f.text("--user", o.user, "EMAIL", "whose strategy it is (trader@localhost)");
  f.text("--bars", o.bars, "FILE", "a CSV file of bars; without it those of market.bars");
  f.text("--symbol", o.symbol, "SYMBOL", "whose bars they are (the strategy's)");
  f.text("--timeframe", o.timeframe, "TIMEFRAME",
         "how long a bar is: 1m, 15m, 1h, 1d (1m; of a file of days 1d)");
  f.date("--from", o.from, "first day of the bars, UTC");
  f.date("--to", o.to, "last day of the bars, UTC");
  f.text("--fill", o.fill, "next-open|signal",
         "where a signal is filled: at the next bar's open, or as paper does (next-open)");
  f.text("--fee-bps", o.fee, "BPS", "fee, in hundredths of a percent of the value (strategy.paper_fee_bps)");
  f.text("--slippage-bps", o.slippage, "BPS",
         "how much worse than its price an order is filled (strategy.paper_slippage_bps)");
  f.text("--cash", o.cash, "USD", "what it begins with (100000)");
}

/// What is replayed, and what it is called.
struct Replayed {
  strategy::StrategySpec spec;
  std::string name, strategy_id = "replay", symbol;
};

Replayed what_is_replayed(const ReplayFlags& o, Context& context) {
  if ((o.strategy ? 1 : 0) + (o.builtin ? 1 : 0) + (o.file ? 1 : 0) != 1)
    throw Error(ErrorKind::usage, "needs one of --strategy, --builtin and --file",
                "am strategy replay --builtin sma_cross --bars examples/bars/demo-day.csv");
  Replayed replayed;
  if (o.strategy) {
    const strategy::StrategyRow row = strategy::load_strategy(
        context.db(), o.user.value_or(std::string(strategy::kDefaultUser)), *o.strategy);
    replayed = {.spec = row.spec, .name = row.spec.name, .strategy_id = row.id, .symbol = row.symbol};
  } else if (o.builtin) {
    replayed = {.spec = {.name = *o.builtin, .code = *o.builtin}, .name = *o.builtin, .symbol = {}};
  } else {
    replayed.spec = {.name = *o.file, .language = "python", .code = read_input(*o.file, context)};
    replayed.name = input_name(*o.file);
  }
  if (o.params) replayed.spec.params = *o.params;
  if (o.symbol) replayed.symbol = symbol_of_bars(*o.symbol);
  if (replayed.symbol.empty() && !o.bars) throw Error(ErrorKind::usage, "needs --bars or --symbol");
  return replayed;
}

Decimal decimal_of(const std::string& text, const char* flag) {
  const auto value = Decimal::parse(text);
  if (!value) throw Error(ErrorKind::usage, std::string(flag) + " " + shown(text) + ": no number");
  return *value;
}

ReplayOptions replay_options(const ReplayFlags& o, const Replayed& replayed, Context& context) {
  ReplayOptions options;
  if (!replayed.symbol.empty()) options.symbol = replayed.symbol;
  options.strategy_id = replayed.strategy_id;
  if (o.fill) {
    const auto rule = strategy::fill_rule_of(*o.fill);
    if (!rule) throw Error(ErrorKind::usage, "--fill " + shown(*o.fill) + ": expected next-open or signal");
    options.fill = *rule;
  }
  const auto or_configured = [&](const std::optional<std::string>& flag, const char* name, const char* key) {
    return flag ? decimal_of(*flag, name) : decimal_of(context.config.text(key), key);
  };
  options.fee_bps = or_configured(o.fee, "--fee-bps", "strategy.paper_fee_bps");
  options.slippage_bps = or_configured(o.slippage, "--slippage-bps", "strategy.paper_slippage_bps");
  if (o.cash) options.cash = decimal_of(*o.cash, "--cash");
  if (options.fill == strategy::FillRule::signal) {  // what the gateway would refuse is refused here
    options.collar_pct = or_configured({}, "", "strategy.collar_pct");
    options.max_notional = or_configured({}, "", "strategy.max_notional");
    options.max_position = or_configured({}, "", "strategy.max_position");
  }
  options.log_line = [&log = context.log](std::string_view line) { log.info(printable(line)); };
  return options;
}

std::vector<strategy::Bar> bars_of_file(const std::string& path, Context& context) {
  if (path == "-") return strategy::parse_bars_csv(read_input(path, context), input_name(path));
  const auto text = kernel::read_file(path, {.most = kMostBarsText, .patience = context.patience()});
  if (!text)
    throw Error(ErrorKind::no_input, path + ": cannot be read: " + text.error().reason,
                "check that the file exists and that this user may read it");
  return strategy::parse_bars_csv(*text, path);
}

strategy::Micros start_of(Date day) {
  return std::chrono::duration_cast<std::chrono::microseconds>(day.days().time_since_epoch()).count();
}

/// Sets the timeframe, too.
std::vector<strategy::Bar> replayed_bars(const ReplayFlags& o, ReplayOptions& options, Context& context) {
  if (o.from && o.to && *o.to < *o.from) throw Error(ErrorKind::usage, "--to: before --from");
  constexpr strategy::Micros kEver = std::numeric_limits<strategy::Micros>::max();
  const strategy::Micros from = o.from ? start_of(*o.from) : 0;
  const strategy::Micros to = o.to ? start_of(*o.to + 1) : kEver;
  std::vector<strategy::Bar> bars;
  if (o.bars) {
    bars = bars_of_file(*o.bars, context);
    options.timeframe = timeframe_of_bars(bars, o.timeframe, input_name(*o.bars));
    std::erase_if(bars, [&](const strategy::Bar& bar) { return bar.start < from || bar.start >= to; });
  } else {
    options.timeframe = timeframe_of_bars({}, o.timeframe, {});
    const strategy::BarKey key{.symbol = options.symbol, .timeframe = options.timeframe};
    bars = strategy::read_all_bars(context.db(), key, from, to);
  }
  if (bars.empty())
    throw Error(ErrorKind::no_input,
                "no bars of " + options.symbol + " " + options.timeframe + " in this time",
                "am strategy bars import stores some, --bars FILE reads a file");
  return bars;
}

ReplayResult replay_of(const Replayed& replayed, const std::vector<strategy::Bar>& bars,
                       const ReplayOptions& options, Context& context) {
  if (replayed.spec.language == "builtin") {
    const auto line = [](void* log_line, std::string_view text) {
      (*static_cast<const std::function<void(std::string_view)>*>(log_line))(text);
    };
    auto log_line = options.log_line;
    return strategy::replay(strategy::make_builtin(replayed.spec, options.symbol, line, &log_line), bars,
                            options, &context.stop);
  }
  const bool landlock = context.config.text("strategy.sandbox") == "landlock";
  auto worker = strategy::make_python_worker(
      {.code = replayed.spec.code,
       .symbol = options.symbol,
       .strategy_id = options.strategy_id,
       .session_id = options.session_id,
       .timeframe = options.timeframe,
       .params = replayed.spec.params,
       .batch = kReplayBatch},
      {.kind = landlock ? strategy::SandboxKind::landlock : strategy::SandboxKind::bwrap});
  return strategy::replay(std::move(worker), bars, options, &context.stop);
}

Outcome run_replay(const ReplayFlags& o, Context& context) {
  const Replayed replayed = what_is_replayed(o, context);
  ReplayOptions options = replay_options(o, replayed, context);
  const std::vector<strategy::Bar> bars = replayed_bars(o, options, context);
  const ReplayResult result = replay_of(replayed, bars, options, context);
  Outcome outcome;
  outcome.counts = {{"bars", static_cast<long long>(result.bars)},
                    {"signals", static_cast<long long>(result.routing.signals)},
                    {"trades", static_cast<long long>(result.trades.size())},
                    {"refused", static_cast<long long>(result.refusals.size())}};
  if (result.errors > 0)
    warn(context, outcome,
         "the strategy failed at " + std::to_string(result.errors) +
             (result.errors == 1 ? " bar: see the log" : " bars: see the log"));
  const std::string& output = context.options.output;
  if (output == "html")
    outcome.html = strategy::replay_page(result, options, replayed.name);
  else if (output == "csv")
    outcome.csv = replay_csv(result, options);
  else if (output == "json")
    outcome.data = replay_json(result, options, replayed.name);
  else
    outcome.table = replay_table(result, options, replayed.name, context.options.color);
  return outcome;
}

}  // namespace

Command strategy_replay() {
  CommandInfo info = session_command(
      "replay", "run a strategy over bars of the past, and say what it would have come to",
      "The same code as live, without a session, a gateway or money. A signal of a bar is made of bars up to it. Filled at the "
      "signal's price it equals paper to the cent, the gateway's limits included; at the next open nothing is known that was "
      "not known then. A buy without the cash and a sale of what is not held are refused. The same bars give the same bytes.",
      {"am strategy replay --builtin sma_cross --params '{\"period\": 15}' --bars examples/bars/demo-day.csv",
       "am strategy replay --strategy average --symbol AAPL --from 2026-01-05 --to 2026-01-30 --fill signal",
       "am strategy replay --file dip_buyer.py --bars bars.csv -o html > replay.html"},
      {"strategy.sandbox", "strategy.paper_fee_bps", "strategy.paper_slippage_bps", "strategy.collar_pct",
       "strategy.max_notional", "strategy.max_position"});
  info.exits = {ExitCode::data, ExitCode::no_input, ExitCode::denied};
  info.formats = {"table", "json", "csv", "html"};
  return make_command<ReplayFlags>(std::move(info), replay_flags, run_replay);
}

}  // namespace am::cli
