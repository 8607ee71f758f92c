#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/clock.hpp"
#include "am/picks/import.hpp"
#include "cli/commands.hpp"
#include "parts.hpp"
#include "picks_commands.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostFile = std::size_t{16} << 20U;
constexpr std::size_t kMostTold = 50;  ///< lines of the file

struct ImportFlags {
  std::string file;
  bool dry_run = false;
  bool exit_code = false;
};

void flags(Flags& f, ImportFlags& o) {
  f.word("file", o.file, "CSV or JSON Lines with run_date, ticker, action, model and perhaps reasoning");
  f.on("--dry-run", o.dry_run, "only check the file and say what would be stored");
  f.on("--exit-code", o.exit_code, "with --dry-run: 10 when it would change something");
}

std::string read(const std::string& path, const kernel::Patience& patience) {
  Result<std::string, kernel::FileProblem> text =
      kernel::read_file(path, {.most = kMostFile, .patience = patience});
  if (text) return std::move(text).value();
  if (text.error().kind == kernel::FileProblem::Kind::too_large)
    throw Error(ErrorKind::data, path + ": it is too long (expected at most 16 MiB)");
  throw Error(ErrorKind::no_input, path + ": cannot be read: " + text.error().reason,
              "check that the file exists and that this user may read it");
}

/// Nothing was stored: each row that is at fault, by its line.
Outcome refused(const std::string& path, const std::vector<picks::RowProblem>& problems) {
  const std::string first =
      path + ":" + std::to_string(problems.front().line) + ": " + problems.front().problem;
  const std::size_t more = problems.size() - 1;
  Outcome outcome =
      outcome_of(Error(ErrorKind::data, first + (more == 0 ? "" : " (and " + std::to_string(more) + " more)"),
                       "nothing of the file was stored"));
  Json list = Json::array();
  for (const picks::RowProblem& each : problems) {
    if (list.size() == kMostTold) {
      outcome.table += "and " + std::to_string(problems.size() - kMostTold) + " more\n";
      break;
    }
    outcome.table += "line " + std::to_string(each.line) + ": " + each.problem + "\n";
    list.push_back({{"line", each.line}, {"problem", each.problem}});
  }
  outcome.counts = {{"batches", 0}, {"unchanged", 0}, {"problems", static_cast<long long>(problems.size())}};
  outcome.data = Json{{"problems", list}}.dump();
  return outcome;
}

std::string counted(std::size_t n, const std::string& one, const std::string& many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

Outcome taken(const ImportFlags& o, const picks::ImportResult& result) {
  Outcome outcome;
  outcome.counts = {{"batches", static_cast<long long>(result.stored.size())},
                    {"unchanged", result.unchanged},
                    {"hindsight", result.hindsight}};
  std::set<std::string> models;
  for (const picks::ImportedWeek& week : result.stored) models.insert(week.model);
  Json run_dates = Json::array();
  for (const picks::ImportedWeek& week : result.stored) run_dates.push_back(week.run_date.to_string());
  outcome.data = Json{{"run_dates", run_dates}, {"models", models}}.dump();
  if (o.dry_run) outcome.kind = OutcomeKind::planned;
  if (result.stored.empty()) {
    outcome.table =
        "unchanged: " + counted(static_cast<std::size_t>(result.unchanged), "week is", "weeks are") +
        " there already\n";
    return outcome;
  }
  if (!o.dry_run) outcome.kind = OutcomeKind::changed;
  if (o.dry_run && o.exit_code) outcome.exit = ExitCode::found;
  const std::string first = result.stored.front().run_date.to_string();
  const std::string last = result.stored.back().run_date.to_string();
  outcome.table = (o.dry_run ? "would import " : "imported ") +
                  counted(result.stored.size(), "week", "weeks") + " of " +
                  counted(models.size(), "model", "models") + ", " + first + " to " + last + "\n";
  if (result.unchanged > 0) outcome.table += "unchanged: " + std::to_string(result.unchanged) + "\n";
  if (result.hindsight > 0)
    outcome.table += "after their Monday, so that they can have been chosen with hindsight: " +
                     std::to_string(result.hindsight) + "\n";
  if (!o.dry_run)
    outcome.table +=
        "their prices and days: am backfill --from " + first + " --to " + last + " --picker imported\n";
  return outcome;
}

Outcome run(const ImportFlags& o, Context& context) {
  const std::string text = read(o.file, context.patience());
  PicksParts parts(context);
  const picks::ImportFile file = picks::parse_import(
      text, parts.benchmark({}, context.config.text("picks.prices")), context.clock.now());
  if (!file.problems.empty()) return refused(o.file, file.problems);
  picks::Workbench bench = parts.workbench();
  const picks::ImportResult result =
      picks::import_weeks(bench, file.weeks, {sha256_hex(text), kernel::SystemClock().now(), o.dry_run});
  return result.conflicts.empty() ? taken(o, result) : refused(o.file, result.conflicts);
}

}  // namespace

Command import_command() {
  return make_command<ImportFlags>(
      {.path = "import",
       .summary = "take in picks that were made elsewhere",
       .details =
           "A row is one pick; three rows of a Monday are a batch. All rows are checked before anything is stored, and "
           "all of a file is stored or none; what is there is never overwritten. The weeks then wait for `am backfill "
           "--picker imported`, which gives them their prices and days.",
       .examples = {"am import history.csv --dry-run", "am import history.csv",
                    "am backfill --from 2024-01-01 --to 2024-12-30 --picker imported"},
       .exits = {ExitCode::found, ExitCode::busy, ExitCode::data, ExitCode::no_input, ExitCode::denied},
       .config = {"database.url", "picks.benchmark", "picks.prices"}},
      flags, run);
}

}  // namespace am::cli
