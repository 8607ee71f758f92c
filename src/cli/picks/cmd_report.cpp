#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "am/kernel/new_york.hpp"
#include "am/picks/report.hpp"
#include "am/picks/universe.hpp"
#include "cli/commands.hpp"
#include "cli/range_of.hpp"
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

Outcome run(const ReportOptions& o, Context& context) {
  const std::optional<DateRange> range = range_of(o.from, o.to, kernel::new_york_date(context.clock.now()));
  const std::vector<picks::BatchHistory> histories = picks::read_histories(context.db(), range);
  const picks::KnownCloses closes(histories, {context.config.text("picks.universe"), context.patience()},
                                  [&](const kernel::Statement& statement) {
                                    return context.db().query(statement.sql, statement.values);
                                  });
  const picks::ReportCosts costs{
      picks::usage_by_batch(context.db()),
      picks::TokenPrices::of(context.config.text("openai.prices"), context.config.text("openai.model"))};
  const picks::Report report = picks::make_report(histories, range, closes.of(), costs);
  Outcome outcome;
  outcome.counts = {{"batches", static_cast<long long>(report.batches.size())}};
  for (const picks::Doubt& doubt : report.doubts) {
    context.log.warn(doubt.problem, {{"hint", doubt.hint}});
    outcome.warnings.push_back(doubt.problem + " (" + doubt.hint + ")");
  }
  for (const std::string& problem : report.problems) {
    context.log.warn("closes cannot be read: what needs them has a beta of 1, or no luck control",
                     {{"error", problem}});
    outcome.warnings.push_back(problem + " (what needs these closes has a beta of 1, or no luck control)");
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
           "A verdict that may be read every week, with its interval and e-value; what following the picks earned "
           "over the benchmark, beta-adjusted and as it is; luck control by other names, hit rate, costs, by day, BUY "
           "and SELL apart. Groups that differ in picker, model or origin are never mixed.",
       .examples = {"am report", "am report --all", "am report --from 2026-01-05 -o csv",
                    "am report -o html > report.html"},
       .exits = {ExitCode::denied},
       .config = {"database.url", "picks.universe", "openai.prices", "openai.model"},
       .formats = {"table", "json", "csv", "html"}},
      flags, run);
}

}  // namespace am::cli
