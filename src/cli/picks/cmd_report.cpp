#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "am/kernel/new_york.hpp"
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

/// The closes that a batch's picker could choose from: the CSV market's universe, or all that the cache has of the source.
std::map<std::string, Decimal> universe_closes(Context& context, MarketParts& parts,
                                               const picks::Batch& batch, Date session) {
  std::map<std::string, Decimal> closes;
  if (batch.price_source.starts_with("csv:")) {
    try {
      market::CsvMarket& csv = *parts.csv_market(batch.price_source);
      for (const std::string& symbol : csv.universe().symbols) {
        const market::Series series = csv.fetch(symbol, {session, session});
        if (const Decimal* close = series.find(session)) closes.emplace(symbol, *close);
      }
    } catch (const Error& error) {  // the directory is gone: the report still has everything else
      context.log.warn("no control: the price source cannot be read",
                       {{"source", batch.price_source}, {"error", error.message()}});
      closes.clear();
    }
    return closes;
  }
  const kernel::Rows rows = context.db().query(
      "SELECT symbol, close::text AS close FROM market.daily_closes WHERE source = $1 AND day = $2::date ORDER BY "
      "fetched_at",
      kernel::sql_values(batch.price_source, session));
  for (const kernel::Row row : rows) {
    const std::string& symbol = row.text("symbol");
    if (market::is_same_share(symbol, batch.benchmark_symbol)) continue;
    if (const auto close = market::parse_price(row.text("close")))
      closes.emplace(market::canonical_symbol(symbol), *close);
  }
  return closes;
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
  const picks::Report report = picks::make_report(picks::read_histories(context.db(), range), range,
                                                  [&](const picks::Batch& batch, Date session) {
                                                    return universe_closes(context, parts, batch, session);
                                                  });
  Outcome outcome;
  outcome.counts = {{"batches", static_cast<long long>(report.batches.size())}};
  for (const picks::Doubt& doubt : report.doubts) {
    context.log.warn(doubt.problem, {{"hint", doubt.hint}});
    outcome.warnings.push_back(doubt.problem + " (" + doubt.hint + ")");
  }
  for (const picks::Mark& mark : picks::marks_of(report)) {
    context.log.warn(mark.text, {{"hint", mark.hint}});
    outcome.warnings.push_back(mark.text + " (" + mark.hint + ")");
  }
  const std::string& format = context.options.output;
  if (format == "json") {
    outcome.data = picks::render_json(report);
  } else if (format == "csv") {
    outcome.csv = picks::render_csv(report);
  } else if (format == "html") {
    outcome.html = picks::render_html(report);
  } else {
    const std::string marks = picks::marks_text(report);
    outcome.table = picks::render_table(report, o.all) + (marks.empty() ? "" : "\n" + marks);
  }
  return outcome;
}

}  // namespace

Command report() {
  return make_command<ReportOptions>(
      {.path = "report",
       .summary = "what came of every batch, and whether there is alpha",
       .details =
           "Mean directional return, mean excess over the benchmark with a bootstrap interval, hit rate, by "
           "day, BUY and "
           "SELL apart, and how the picks compare with random baskets. Pickers and origins are never mixed.",
       .examples = {"am report", "am report --all", "am report --from 2026-01-05 -o csv",
                    "am report -o html > report.html"},
       .exits = {ExitCode::denied},
       .config = {"database.url"},
       .formats = {"table", "json", "csv", "html"}},
      flags, run);
}

}  // namespace am::cli
