// Weeks of picks that were made elsewhere become weekly runs whose first step is done.

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "am/market/calendar.hpp"
#include "am/picks/import.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "json_dump.hpp"
#include "picks_json.hpp"
#include "store_pg.hpp"

namespace am::picks {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kTries = 3;

/// What is there of a week: the picks of its batch, or of its run.
struct Known {
  std::string what;  ///< "a batch (openai, live)"
  bool is_batch = false;
  bool imported = false;
  std::string model;
  std::vector<Pick> picks;
  std::string more{};  ///< "; am runs show … says what it holds"; empty: of a batch
};

using KnownWeeks = std::map<Date, Known>;

std::vector<Pick> by_ticker(std::vector<Pick> picks) {
  std::ranges::sort(picks, {}, &Pick::ticker);
  return picks;
}

bool is_same(const ImportedWeek& week, const Known& known) {
  const auto same = [](const Pick& a, const Pick& b) {
    return a.ticker == b.ticker && a.action == b.action && a.reasoning == b.reasoning;
  };
  return known.imported && known.model == week.model &&
         std::ranges::equal(by_ticker(week.picks), by_ticker(known.picks), same);
}

/// A run of a week: its picks, if it has come to any.
Known known_of_run(const kernel::Row& row) {
  Known known;
  const std::string& id = row.text("id");
  known.more = "; am runs show " + id + " says what it holds";
  if (row.is_null("output")) {
    known.what = "a run that is " + row.text("status") + ", without picks";
    return known;
  }
  const Json output = Json::parse(row.text("output"));
  known.imported = output.value("origin", "") == kImported;
  known.model = output.value("model", "");
  known.what = "picks that wait for their prices (" + output.value("picker", "") + ")";
  if (auto picks = parse_picks(row.text("output"), "")) known.picks = std::move(picks).value();
  return known;
}

KnownWeeks read_known(kernel::Sql& sql, const std::vector<ImportedWeek>& weeks) {
  KnownWeeks known;
  kernel::SqlValues slots;
  for (const ImportedWeek& week : weeks) slots.push_back(week.run_date.to_string());
  for (
      const kernel::Row row : sql.query(
          "SELECT r.slot, r.id::text AS id, r.status, s.output::text AS output FROM ops.runs r LEFT JOIN ops.steps s ON "
          "s.run_id = r.id AND s.name = $3 AND s.finished_at IS NOT NULL WHERE r.job = $1 AND r.slot = ANY ($2::text[])",
          kernel::sql_values(kWeeklyJob, kernel::sql_array(slots), kPicksStep)))
    known[Date::of(row.text("slot"))] = known_of_run(row);
  for (const Batch& batch : store::list(
           sql, {}, DateRange{weeks.front().run_date, weeks.back().run_date + 6})) {  // a batch decides
    Known& week = known[market::week_monday(batch.run_date)] = {};
    week.what = "a batch (" + batch.picker + (batch.origin == batch.picker ? "" : ", " + batch.origin) + ")";
    week.is_batch = true;
    week.imported = batch.origin == kImported;
    week.model = batch.model;
    for (const StoredPick& stored : batch.picks) week.picks.push_back(stored.pick);
  }
  return known;
}

/// The output of the week's first step, as a picker leaves it.
std::string output_of(const ImportedWeek& week, std::string_view file_hash, Instant imported_at) {
  return dump(Json{{"picker", kImported},
                   {"model", week.model},
                   {"served_model", ""},
                   {"prompt_hash", ""},
                   {"template", ""},
                   {"origin", kImported},
                   {"imported_at", format_rfc3339(imported_at)},
                   {"picks", picks_json(week.picks)},
                   {"record", {{"file_sha256", file_hash}, {"line", week.line}}}});
}

/// What is not the same as the week that was imported before.
std::string_view difference(const ImportedWeek& week, const Known& known) {
  if (!known.imported) return "";
  const auto same = [](const Pick& a, const Pick& b) { return a.ticker == b.ticker && a.action == b.action; };
  if (!std::ranges::equal(by_ticker(week.picks), by_ticker(known.picks), same)) return ", with other picks";
  return known.model == week.model ? ", with these picks and another reasoning"
                                   : ", with these picks of another model";
}

/// Sorts the weeks into those that are to be stored, are there, or clash with what is there.
ImportResult compare(const std::vector<ImportedWeek>& weeks, const KnownWeeks& known, Instant imported_at) {
  ImportResult result;
  for (const ImportedWeek& week : weeks) {
    const auto there = known.find(week.run_date);
    if (there == known.end()) {
      result.stored.push_back(week);
      result.hindsight += imported_at > weekly_due_at(week.run_date) ? 1 : 0;
    } else if (is_same(week, there->second)) {
      ++result.unchanged;
    } else {
      result.conflicts.push_back({week.line, week.run_date.to_string() + " has " + there->second.what +
                                                 std::string(difference(week, there->second)) +
                                                 ", and is never overwritten" + there->second.more});
    }
  }
  std::ranges::sort(result.conflicts, {}, &RowProblem::line);
  return result;
}

/// False, and the transaction is to be undone: another process made a run or a batch of one of the weeks meanwhile.
bool store_all(kernel::Transaction& tx, Workbench& bench, const std::vector<ImportedWeek>& weeks,
               const ImportOptions& options) {
  for (const ImportedWeek& week : weeks) {
    const std::string slot = week.run_date.to_string();
    if (!bench.ledger.record_begun(tx, kWeeklyJob, slot, dump(Json{{"picker", kImported}}), kPicksStep, slot,
                                   output_of(week, options.file_hash, options.imported_at),
                                   "imported; its prices and days come with am backfill"))
      return false;
  }
  // A batch comes with its run, but that may have been discarded since.
  const KnownWeeks known = read_known(tx, weeks);
  if (std::ranges::any_of(weeks, [&](const ImportedWeek& week) { return known.at(week.run_date).is_batch; }))
    return false;
  kernel::Ledger::event(tx, "picks_imported", {}, {},
                        dump(Json{{"weeks", weeks.size()},
                                  {"first", weeks.front().run_date.to_string()},
                                  {"last", weeks.back().run_date.to_string()},
                                  {"file_sha256", options.file_hash}}));
  return true;
}

}  // namespace

ImportResult import_weeks(Workbench& bench, const std::vector<ImportedWeek>& weeks,
                          const ImportOptions& options) {
  bench.guard.require();  // by the clock it is decided what can be hindsight
  for (int attempt = 1;; ++attempt) {
    ImportResult result = compare(weeks, read_known(bench.db, weeks), options.imported_at);
    if (options.dry_run || !result.conflicts.empty() || result.stored.empty()) return result;
    const auto tx = bench.db.begin();
    if (store_all(*tx, bench, result.stored, options)) {
      tx->commit();
      return result;
    }
    if (attempt == kTries)
      throw Error(ErrorKind::busy, "import: other processes keep making runs of these weeks",
                  "run the same command again");
  }
}

bool hindsight_possible(const Batch& batch) {
  return batch.imported_at && *batch.imported_at > weekly_due_at(batch.run_date);
}

std::vector<Date> imported_mondays(kernel::Sql& sql, DateRange run_dates) {
  std::vector<Date> mondays;
  for (
      const kernel::Row row : sql.query(
          "SELECT r.slot FROM ops.runs r JOIN ops.steps s ON s.run_id = r.id WHERE r.job = $1 AND s.name = $2 AND "
          "s.output->>'origin' = $3 AND r.slot BETWEEN $4 AND $5 ORDER BY r.slot",
          kernel::sql_values(kWeeklyJob, kPicksStep, kImported, run_dates.first.to_string(),
                             run_dates.last.to_string())))
    mondays.push_back(Date::of(row.text("slot")));
  return mondays;
}

}  // namespace am::picks
