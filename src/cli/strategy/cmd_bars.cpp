#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/strategy/bars.hpp"
#include "bars_parts.hpp"
#include "cli/input.hpp"
#include "session_parts.hpp"
#include "strategy_commands.hpp"

namespace am::cli {

namespace {

struct ImportBarsOptions {
  std::string file;
  std::optional<std::string> symbol, timeframe;
  bool dry_run = false, exit_code = false;
};

void import_bars_flags(Flags& f, ImportBarsOptions& o) {
  f.word("file", o.file, "the CSV file, or - for standard input");
  f.text("--symbol", o.symbol, "SYMBOL", "whose bars they are; required");
  f.text("--timeframe", o.timeframe, "TIMEFRAME", "how long a bar is: 1m, 15m, 1h, 1d (1m; of days 1d)");
  f.on("--dry-run", o.dry_run, "only say what would change");
  f.on("--exit-code", o.exit_code, "with --dry-run: 10 when something would change");
}

Outcome run_import_bars(const ImportBarsOptions& o, Context& context) {
  const std::string symbol = symbol_of_bars(required_text(o.symbol, "--symbol"));
  kernel::Db& db = context.job_db();
  const std::vector<strategy::Bar> bars =
      strategy::parse_bars_csv(read_input(o.file, context), input_name(o.file));
  const strategy::BarKey key{.symbol = symbol,
                             .timeframe = timeframe_of_bars(bars, o.timeframe, input_name(o.file))};
  std::size_t changed = 0;
  const auto work = [&](kernel::Transaction& tx) { changed = strategy::store_bars(tx, key, bars); };
  if (o.dry_run)
    work(*db.begin());  // rolled back
  else
    db.transact(work);
  Outcome outcome;
  if (changed > 0) outcome.kind = o.dry_run ? OutcomeKind::planned : OutcomeKind::changed;
  if (o.dry_run && o.exit_code && changed > 0) outcome.exit = ExitCode::found;
  const auto same = static_cast<long long>(bars.size() - changed);
  outcome.counts = {{"bars", static_cast<long long>(bars.size())},
                    {"changed", static_cast<long long>(changed)},
                    {"same", same}};
  outcome.table = "bars " + symbol + " " + key.timeframe + ": " + std::to_string(changed) +
                  " new or changed, " + std::to_string(same) + " same\n";
  nlohmann::ordered_json data = {{"symbol", symbol}, {"timeframe", key.timeframe}};
  if (!bars.empty()) {
    data["from"] = moment_text(bars.front().start);
    data["to"] = moment_text(bars.back().start);
  }
  outcome.data = data.dump();
  return outcome;
}

}  // namespace

std::vector<Command> bar_commands() {
  CommandInfo info = session_command(
      "bars import", "store bars of CSV in market.bars",
      "A header with date or timestamp, open, high, low, close, volume, in any case and order; other columns are passed over. "
      "A timestamp is a bar's start, with its zone (RFC 3339). Bars that are there are replaced where they differ. A fault is "
      "named with its line, and nothing is stored.",
      {"am strategy bars import examples/bars/demo-day.csv --symbol DEMO",
       "am strategy bars import - --symbol BTC/USD --timeframe 1h < btc.csv"});
  info.exits = {ExitCode::found, ExitCode::data, ExitCode::no_input, ExitCode::denied};
  return {make_command<ImportBarsOptions>(std::move(info), import_bars_flags, run_import_bars)};
}

}  // namespace am::cli
