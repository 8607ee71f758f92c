#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "am/kernel/new_york.hpp"
#include "am/market/calendar.hpp"
#include "am/market/price.hpp"
#include "am/market/symbol.hpp"
#include "am/picks/report.hpp"
#include "cli/commands.hpp"
#include "cli/market_parts.hpp"
#include "picks_commands.hpp"

namespace am::cli {

namespace {

struct ReportOptions {
  std::optional<Date> from;
  std::optional<Date> to;
  bool all = false;
};

void flags(Flags& f, ReportOptions& o) {
  f.date("--from", o.from, "first run date");
  f.date("--to", o.to, "last run date");
  f.on("--all", o.all,
       "in the table: every batch, not only the last " + std::to_string(picks::kTableBatches));
}

/// The closes of a batch's price source: those of the directory's symbols, or what the cache has.
picks::SourceCloses closes_of(Context& context, MarketParts& parts, const std::string& source) {
  picks::SourceCloses result;
  result.source = source;
  try {
    if (market::CsvMarket* csv = parts.csv_market(source)) {
      std::vector<std::string> symbols = csv->universe().symbols;
      result.universe = csv->universe();
      if (csv->benchmark()) symbols.push_back(*csv->benchmark());
      for (const std::string& symbol : symbols)
        result.closes.emplace(symbol, csv->fetch(symbol, market::kCalendarRange));
      return result;
    }
  } catch (const Error& error) {  // the directory is gone: the report still has everything else
    result.problem = source + ": " + error.message();
    return result;
  }
  const kernel::Rows rows = context.db().query(
      "SELECT symbol, to_char(day, 'YYYY-MM-DD') AS day, close::text AS close FROM market.daily_closes WHERE source = $1 "
      "ORDER BY symbol, daily_closes.day",
      kernel::sql_values(source));
  for (const kernel::Row row : rows) {
    if (const auto close = market::parse_price(row.text("close")))
      result.closes[market::canonical_symbol(row.text("symbol"))].closes.push_back({row.date("day"), *close});
  }
  return result;
}

Outcome run(const ReportOptions& o, Context& context) {
  std::optional<DateRange> range;
  if (o.from || o.to)
    range = DateRange{o.from.value_or(Date(1990, 1, 1)),
                      o.to.value_or(kernel::new_york_date(context.clock.now()))};
  if (range && range->last < range->first) {
    throw Error(ErrorKind::usage,
                "--to " + range->last.to_string() + ": before --from " + range->first.to_string());
  }
  MarketParts parts(context);
  std::map<std::string, picks::SourceCloses> sources;
  const auto closes = [&](const std::string& source) -> const picks::SourceCloses& {
    const auto found = sources.find(source);
    return found != sources.end() ? found->second
                                  : sources.emplace(source, closes_of(context, parts, source)).first->second;
  };
  const picks::Report report = picks::make_report(picks::read_histories(context.db(), range), range, closes);
  Outcome outcome;
  outcome.counts = {{"batches", static_cast<long long>(report.batches.size())}};
  for (const picks::Doubt& doubt : report.doubts) {
    context.log.warn(doubt.problem, {{"hint", doubt.hint}});
    outcome.warnings.push_back(doubt.problem + " (" + doubt.hint + ")");
  }
  for (const std::string& problem : report.problems) {
    context.log.warn("betas are 1 and there is no luck control: closes cannot be read", {{"error", problem}});
    outcome.warnings.push_back(problem + " (betas are 1, and there is no luck control)");
  }
  const std::string& format = context.options.output;
  if (format == "json") {
    outcome.data = picks::render_json(report);
  } else if (format == "csv") {
    outcome.csv = picks::render_csv(report);
  } else if (format == "html") {
    outcome.html = picks::render_html(report);
  } else {
    outcome.table = picks::render_table(report, o.all);
  }
  return outcome;
}

}  // namespace

Command report() {
  return make_command<ReportOptions>(
      {.path = "report",
       .summary = "what came of every batch, and whether there is alpha",
       .details =
           "A verdict that may be read every week, with its interval and e-value; what following the picks earned "
           "over the benchmark, beta-adjusted and as it is; luck control by other names, hit rate, costs, by day, BUY "
           "and SELL apart. Groups that differ in picker, model or origin are never mixed.",
       .examples = {"am report", "am report --all", "am report --from 2026-01-05 -o csv",
                    "am report -o html > report.html"},
       .exits = {ExitCode::denied},
       .config = {"database.url"},
       .formats = {"table", "json", "csv", "html"}},
      flags, run);
}

}  // namespace am::cli
