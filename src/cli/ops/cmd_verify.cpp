#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/new_york.hpp"
#include "cli/commands.hpp"
#include "cli/desks.hpp"
#include "cli/progress.hpp"
#include "cli/range_of.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

struct VerifyOptions {
  std::optional<Date> from;
  std::optional<Date> to;
  std::optional<std::string> desk;
};

void flags(Flags& f, VerifyOptions& o) {
  f.date("--from", o.from, "first day of what is looked at, of batches: the run date");
  f.date("--to", o.to, "last day");
  f.text("--desk", o.desk, "DESK", "only of this desk, such as picks");
}

Json finding_json(const kernel::Finding& finding, const kernel::Verification& of, std::string_view desk) {
  return {{"desk", desk},         {of.member, finding.subject.empty() ? Json() : Json(finding.subject)},
          {"what", finding.what}, {"expected", finding.expected},
          {"got", finding.got},   {"hint", finding.hint.empty() ? Json() : Json(finding.hint)}};
}

std::string finding_text(const kernel::Finding& finding, const kernel::Verification& of) {
  std::string line = finding.subject.empty() ? "" : std::string(of.noun) + " " + finding.subject + ": ";
  line += finding.what;
  if (!finding.expected.empty() || !finding.got.empty())
    line += " (expected " + finding.expected + ", got " + finding.got + ")";
  return printable_lines(line + "\n" + (finding.hint.empty() ? "" : "hint: " + finding.hint + "\n"));
}

/// Adds what one desk's rows came to. Returns how many findings.
long long add_verification(Outcome& outcome, Json& data, const kernel::Verification& result,
                           std::string_view desk) {
  const long long found = static_cast<long long>(result.findings.size()) + result.findings_left_out;
  const std::string prefix = std::string(desk) + ".";
  for (const auto& [name, count] : result.counts) outcome.counts.emplace_back(prefix + name, count);
  outcome.counts.emplace_back(prefix + "findings", found);
  outcome.counts.emplace_back(prefix + "remarks", static_cast<long long>(result.remarks.size()));
  for (const kernel::Finding& finding : result.findings) {
    data["findings"].push_back(finding_json(finding, result, desk));
    outcome.table += finding_text(finding, result);
  }
  if (result.findings_left_out > 0)
    outcome.table += "and " + std::to_string(result.findings_left_out) + " more\n";
  for (const kernel::Finding& remark : result.remarks) {
    data["remarks"].push_back(finding_json(remark, result, desk));
    outcome.table += "remark: " + finding_text(remark, result);
  }
  outcome.table +=
      result.looked_at + ": " + (found == 0 ? "all as stored" : std::to_string(found) + " findings") + "\n";
  return found;
}

Outcome run(const VerifyOptions& o, Context& context) {
  const std::optional<DateRange> range = range_of(o.from, o.to, kernel::new_york_date(context.clock.now()));
  Outcome outcome;
  Json data{{"findings", Json::array()}, {"remarks", Json::array()}};
  long long found = 0;
  kernel::Db& db = context.db();
  for (const DeskFace& face : chosen_desks(context.config, o.desk)) {
    if (face.desk->verify == nullptr) continue;
    ProgressBar bar(context, std::string(face.desk->verified));
    found += add_verification(outcome, data, face.desk->verify(db, range, bar.drawer()), face.name());
  }
  if (outcome.table.empty()) outcome.table = "nothing to verify: no desk here has anything\n";
  outcome.data = data.dump();
  if (found > 0) {
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
       .details =
           "Reads only, of every desk that is enabled. Batches adopted from the earlier service are listed "
           "apart: they were rounded to 8 decimals and lack rows for weekends.",
       .examples = {"am verify data", "am verify data --from 2026-01-05 -o json"},
       .exits = {ExitCode::found, ExitCode::denied},
       .config = {"database.url", "desks.enabled"}},
      flags, run);
}

}  // namespace am::cli
