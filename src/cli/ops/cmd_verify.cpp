#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/new_york.hpp"
#include "am/picks/verify.hpp"
#include "cli/commands.hpp"
#include "cli/progress.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

struct VerifyOptions {
  std::optional<Date> from;
  std::optional<Date> to;
};

void flags(Flags& f, VerifyOptions& o) {
  f.date("--from", o.from, "first run date");
  f.date("--to", o.to, "last run date");
}

Json finding_json(const picks::Finding& finding) {
  return {{"run_date", finding.run_date.empty() ? Json() : Json(finding.run_date)},
          {"what", finding.what},
          {"expected", finding.expected},
          {"got", finding.got},
          {"hint", finding.hint.empty() ? Json() : Json(finding.hint)}};
}

std::string finding_text(const picks::Finding& finding) {
  std::string line = finding.run_date.empty() ? "" : "batch " + finding.run_date + ": ";
  line += finding.what;
  if (!finding.expected.empty() || !finding.got.empty())
    line += " (expected " + finding.expected + ", got " + finding.got + ")";
  return printable_lines(line + "\n" + (finding.hint.empty() ? "" : "hint: " + finding.hint + "\n"));
}

Outcome run(const VerifyOptions& o, Context& context) {
  std::optional<DateRange> range;
  if (o.from || o.to)
    range = DateRange{o.from.value_or(Date(1990, 1, 1)),
                      o.to.value_or(kernel::new_york_date(context.clock.now()))};
  if (range && range->last < range->first) {
    throw Error(ErrorKind::usage,
                "--to " + range->last.to_string() + ": before --from " + range->first.to_string());
  }
  ProgressBar bar(context, "batches");
  const picks::Verification result = picks::verify_data(context.db(), range, bar.drawer());
  Outcome outcome;
  outcome.counts = {{"batches", result.batches},
                    {"adopted", result.adopted},
                    {"checkpoints", result.checkpoints},
                    {"metrics", result.metrics},
                    {"figures", result.figures},
                    {"findings", static_cast<long long>(result.findings.size()) + result.findings_left_out},
                    {"remarks", static_cast<long long>(result.remarks.size())}};
  Json findings = Json::array();
  Json remarks = Json::array();
  for (const picks::Finding& finding : result.findings) {
    findings.push_back(finding_json(finding));
    outcome.table += finding_text(finding);
  }
  if (result.findings_left_out > 0)
    outcome.table += "and " + std::to_string(result.findings_left_out) + " more\n";
  for (const picks::Finding& remark : result.remarks) {
    remarks.push_back(finding_json(remark));
    outcome.table += "remark: " + finding_text(remark);
  }
  outcome.table +=
      std::to_string(result.batches) + " batches, " + std::to_string(result.checkpoints) + " checkpoints, " +
      std::to_string(result.figures) + " figures derived again: " +
      (result.findings.empty()
           ? "all as stored"
           : std::to_string(result.findings.size() + static_cast<std::size_t>(result.findings_left_out)) +
                 " findings") +
      "\n";
  outcome.data = Json{{"findings", findings}, {"remarks", remarks}}.dump();
  if (!result.findings.empty()) {
    outcome.kind = OutcomeKind::found;
    outcome.exit = ExitCode::found;
  }
  return outcome;
}

}  // namespace

Command verify_data() {
  return make_command<VerifyOptions>(
      {.path = "verify data",
       .summary = "derive every stored figure again and check every invariant; 10 on findings",
       .details = "Reads only. Batches adopted from the earlier service are listed apart: they were rounded "
                  "to 8 decimals and lack "
                  "rows for weekends.",
       .examples = {"am verify data", "am verify data --from 2026-01-05 -o json"},
       .exits = {ExitCode::found, ExitCode::denied},
       .config = {"database.url", "desks.enabled"},
       .desk = "picks"},
      flags, run);
}

}  // namespace am::cli
