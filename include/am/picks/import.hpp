#pragma once
// Picks that were made elsewhere, taken in as if a picker had just made them: a file of rows becomes weekly runs whose
// first step is done, and `am backfill` goes on with those. Nothing is written before every row is right.
// Pages: docs/commands/import.md.

#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/kernel/file_read.hpp"
#include "am/picks/jobs.hpp"

namespace am::picks {

/// The picker of imported picks, and their batches' origin.
inline constexpr std::string_view kImported = "imported";
/// The reasoning of a row that gives none.
inline constexpr std::string_view kNoReasoning = "none given";

/// What is wrong with a row.
struct RowProblem {
  int line = 0;  ///< 1-based
  std::string problem;
};

/// The three picks of a Monday.
struct ImportedWeek {
  Date run_date;
  std::string model;  ///< who made them
  std::vector<Pick> picks;
  int line = 0;  ///< of its first row
};

struct ImportFile {
  std::vector<ImportedWeek> weeks;   ///< by run date
  std::vector<RowProblem> problems;  ///< by line; any: the weeks are not to be taken
};

/// Rows of run_date, ticker, action, model and perhaps reasoning: CSV with a header, in any order, or JSON Lines (the text
/// begins with "{"), an object in each line.
///
/// Shape:   every row that cannot be right is a problem of its own: a run date that is no Monday, is still to come or is
///          before 1990; what parse_picks refuses; a Monday with another number of rows than three, or with rows of two
///          models. A text that cannot be read as rows at all is one problem.
/// Threads: pure.
ImportFile parse_import(std::string_view text, const std::string& benchmark, Instant now);

struct ImportOptions {
  std::string file_hash;  ///< of the file, for who looks at a run
  /// When it came in, by the host's clock: --now makes no pick any older.
  Instant imported_at{};
  bool dry_run = false;
};

/// What came of a file.
struct ImportResult {
  std::vector<ImportedWeek> stored;   ///< or, on a dry run, what would be
  long long unchanged = 0;            ///< weeks whose picks are there, and are the same
  long long hindsight = 0;            ///< of the stored: came in after their Monday's 9:00 in New York
  std::vector<RowProblem> conflicts;  ///< weeks that have other picks; any: nothing was stored
};

/// Stores the weeks, all of them or none, in one transaction: for each a weekly run that waits for its prices.
/// Errors:  as ClockGuard::require and Db::transact.
ImportResult import_weeks(Workbench& bench, const std::vector<ImportedWeek>& weeks,
                          const ImportOptions& options);

/// Whether a batch's picks can have been chosen knowing what came after: they came in after they were due.
bool hindsight_possible(const Batch& batch);

/// The Mondays of the range that have imported picks, made a batch or not.
std::vector<Date> imported_mondays(kernel::Sql& sql, DateRange run_dates);

}  // namespace am::picks
