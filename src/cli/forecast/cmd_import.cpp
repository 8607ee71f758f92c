#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/forecast/import.hpp"
#include "am/forecast/store.hpp"
#include "am/kernel/zone.hpp"
#include "cli/table.hpp"
#include "forecast_commands.hpp"
#include "parts.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;
using forecast::ImportCounts;

struct ImportOptions {
  std::string file;
  std::optional<std::string> twice;
  bool replace = false;
  bool dry_run = false;
  bool exit_code = false;
};

struct HolidayOptions {
  std::string file;
  std::optional<std::string> set;
};

void import_flags(Flags& f, ImportOptions& o) {
  f.word("file", o.file, "the CSV file, or - for standard input");
  f.text("--twice", o.twice, "sum|last|mean",
         "what a day comes to that the file has twice; without it: refused");
  f.on("--replace", o.replace, "remove the days that the file lacks, between its first and its last");
  f.on("--dry-run", o.dry_run, "only say what would change");
  f.on("--exit-code", o.exit_code, "with --dry-run: 10 when something would change");
}

forecast::Twice twice_of(const std::optional<std::string>& text) {
  if (!text) return forecast::Twice::refuse;
  if (*text == "sum") return forecast::Twice::sum;
  if (*text == "last") return forecast::Twice::last;
  if (*text == "mean") return forecast::Twice::mean;
  throw Error(ErrorKind::usage, "--twice " + shown(*text) + ": expected sum, last or mean");
}

/// One transaction for the whole file: it is stored, or nothing of it is.
std::vector<std::pair<std::string, ImportCounts>> store(
    const ImportOptions& o, const std::vector<std::string>& names,
    const std::map<std::string, forecast::SeriesObservations>& said, kernel::Db& db) {
  std::vector<std::pair<std::string, ImportCounts>> stored;
  const auto work = [&](kernel::Transaction& tx) {
    stored.clear();
    // In one order for everybody, so that two imports wait for each other and never both.
    for (const auto& [name, days] : said)
      stored.emplace_back(name, forecast::store_observations(tx, name, days, o.replace));
  };
  if (o.dry_run) {
    const auto tx = db.begin();
    work(*tx);  // rolled back
  } else {
    db.transact(work);
  }
  const auto place = [&](const auto& each) { return std::ranges::find(names, each.first) - names.begin(); };
  std::ranges::sort(stored, {}, place);
  return stored;
}

Outcome run_import(const ImportOptions& o, Context& context) {
  const forecast::Twice twice = twice_of(o.twice);
  kernel::Db& db = context.job_db();
  const forecast::ObservationFile file(input_name(o.file), read_input(o.file, context));
  std::map<std::string, std::string> zones;
  for (const std::string& name : file.names()) zones[name] = forecast::load_series(db, name).zone;
  const auto said = file.read(
      twice, [&](const std::string& name, Instant at) { return kernel::date_in_zone(zones.at(name), at); });

  Outcome outcome;
  ImportCounts sum;
  Table table({"series", "new", "changed", "same", "removed", "revision"});
  Json data = Json::array();
  for (const auto& [name, counts] : store(o, file.names(), said, db)) {
    table.add({name, std::to_string(counts.added), std::to_string(counts.changed),
               std::to_string(counts.same), std::to_string(counts.removed), std::to_string(counts.revision)});
    data.push_back({{"series", name},
                    {"new", counts.added},
                    {"changed", counts.changed},
                    {"same", counts.same},
                    {"removed", counts.removed},
                    {"off_calendar", counts.off_calendar},
                    {"revision", counts.revision}});
    sum.added += counts.added;
    sum.changed += counts.changed;
    sum.same += counts.same;
    sum.removed += counts.removed;
    if (counts.off_calendar > 0)
      outcome.warnings.push_back("series " + name + ": " + std::to_string(counts.off_calendar) +
                                 (counts.off_calendar == 1 ? " day is" : " days are") +
                                 " not of its calendar, and not stored");
  }
  for (const std::string& warning : outcome.warnings) context.log.warn(warning);
  outcome.counts = {
      {"new", sum.added}, {"changed", sum.changed}, {"same", sum.same}, {"removed", sum.removed}};
  if (sum.is_changed()) outcome.kind = o.dry_run ? OutcomeKind::planned : OutcomeKind::changed;
  if (o.exit_code && outcome.kind == OutcomeKind::planned) outcome.exit = ExitCode::found;
  outcome.table = table.empty() ? "no series in it\n" : table.text(context.options.color);
  outcome.data = data.dump();
  return outcome;
}

void holiday_flags(Flags& f, HolidayOptions& o) {
  f.word("file", o.file, "the CSV file with date and name, or - for standard input");
  f.text("--set", o.set, "SET", "what the days are called together, such as us; required");
}

Outcome run_holidays(const HolidayOptions& o, Context& context) {
  const std::string& set = required_text(o.set, "--set");
  if (!forecast::is_name(set) || set == "nyse") {
    throw Error(ErrorKind::usage,
                "--set " + shown(set) +
                    ": expected 1 to 63 letters, digits and _ . : -, and not nyse, which is there");
  }
  kernel::Db& db = context.job_db();
  const std::vector<forecast::NamedDay> days =
      forecast::read_holidays(input_name(o.file), read_input(o.file, context));
  forecast::HolidayCounts counts;
  db.transact([&](kernel::Transaction& tx) { counts = forecast::store_holidays(tx, set, days); });
  Outcome outcome;
  if (counts.added + counts.changed > 0) outcome.kind = OutcomeKind::changed;
  outcome.counts = {{"new", counts.added}, {"changed", counts.changed}, {"same", counts.same}};
  outcome.table = "holidays " + set + ": " + std::to_string(counts.added) + " new, " +
                  std::to_string(counts.changed) + " changed, " + std::to_string(counts.same) + " same\n";
  return outcome;
}

CommandInfo import_info(std::string path, std::string summary, std::string details,
                        std::vector<std::string> examples, std::vector<ExitCode> exits) {
  exits.insert(exits.end(), {ExitCode::data, ExitCode::no_input, ExitCode::denied});
  return {.path = "forecast " + std::move(path),
          .summary = std::move(summary),
          .details = std::move(details),
          .examples = std::move(examples),
          .exits = std::move(exits),
          .config = {"database.url"}};
}

}  // namespace

std::vector<Command> forecast_import_commands() {
  return {
      make_command<ImportOptions>(
          import_info(
              "import", "store days of series from CSV",
              "A header series,date,value, or date and a column for each series; parted by , ; or tabs. A date is "
              "the series' own day; moments (RFC 3339) are summed by day in its zone. An empty field is a day that "
              "is not known. A fault is named with its line and column, and nothing is stored.",
              {"am forecast import rides.csv", "am forecast import - --twice sum < sales.csv",
               "am forecast import rides.csv --replace --dry-run"},
              {ExitCode::found}),
          import_flags, run_import),
      make_command<HolidayOptions>(
          import_info(
              "holidays import", "store days that are unlike their weekday",
              "Days of one name share an effect. A day that is there gets the name that the file says; none is "
              "removed.",
              {"am forecast holidays import us-holidays.csv --set us"}, {}),
          holiday_flags, run_holidays)};
}

}  // namespace am::cli
