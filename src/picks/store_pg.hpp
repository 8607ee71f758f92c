#pragma once
// The picks desk's SQL, all of it. Reads return whole values; writes go through the caller's transaction,
// so that they commit together with the ledger.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/picks/types.hpp"

namespace am::picks::store {

/// Which batch a user means: a uuid, a run_date, or "latest".
/// Errors:  usage, when it is none of these.
struct Selector {
  explicit Selector(const std::string& text);
  std::string column;  ///< "id", "run_date", "latest"
  std::string value;
};

/// One cheap read for a rerun: the batch's date, and whether that day is stored already.
struct DayState {
  std::string batch_id;
  Date run_date;
  std::string status;  ///< "computed", "skipped", or empty: not stored
};
/// Errors:  no_input, no such batch.
DayState day_state(kernel::Sql& sql, const Selector& which, int day);

/// Errors:  no_input, no such batch.
Batch load(kernel::Sql& sql, const Selector& which);
std::optional<Batch> find_by_date(kernel::Sql& sql, Date run_date);
/// The batch of the day's week: its Monday's, or the first that the earlier service was started for on another day of it.
std::optional<Batch> find_by_week(kernel::Sql& sql, Date day);
/// By run_date. Without a status: all.
std::vector<Batch> list(kernel::Sql& sql, const std::optional<std::string>& status,
                        std::optional<DateRange> run_dates);

/// The run dates of the newest batches within $1..$2, $3 of them; NULL is no bound, and what another program stored as
/// infinite is no date. For use within a statement.
inline constexpr std::string_view kNewestDates =
    "SELECT run_date FROM public.batches WHERE isfinite(run_date) AND ($1::date IS NULL OR run_date >= $1::date) AND ($2::date IS NULL OR "
    "run_date <= $2::date) ORDER BY run_date DESC LIMIT $3::bigint";
/// The same batches, by run_date: a statement for batches_of.
kernel::Statement newest(std::optional<DateRange> run_dates, std::optional<int> most);
/// A stored initial price that cannot be right is told of in the batch (baseline_problem), and in no other's way.
std::vector<Batch> batches_of(const kernel::Rows& rows);

std::set<Date> checkpoint_dates(kernel::Sql& sql, const std::string& batch_id);

/// What a model's picks came from; empty: no model.
struct Evidence {
  std::string prompt_hash;
  std::string template_text;  ///< batch.template_hash is its hash
};
/// Batch, picks, initial checkpoint, origin and template. Returns the checkpoint's id.
std::string insert(kernel::Sql& sql, const Batch& batch, Date baseline, const Evidence& evidence);

/// The batch's initial prices, in its picks and its initial checkpoint, too.
void write_baseline(kernel::Sql& sql, const Batch& batch, Date baseline);
/// The stored closes of each computed day, by symbol; one that cannot be right is left out.
std::map<Date, std::map<std::string, Decimal>> closes_by_day(kernel::Sql& sql, const Batch& batch);

/// Locks the batch's row until the transaction ends (days written at the same time would not see each other).
void lock(kernel::Sql& sql, const std::string& batch_id);
/// The id of the checkpoint that is stored for a date.
std::optional<std::string> checkpoint_id(kernel::Sql& sql, const std::string& batch_id, Date date);
/// A checkpoint under this id; one that is stored for its date keeps its own. False, and nothing written, when one is
/// stored and `force` is off.
bool write(kernel::Sql& sql, const std::string& batch_id, const std::string& new_id,
           const Checkpoint& checkpoint, bool force);
/// Completed when all 14 days are there, else active. Returns the new status when it changed.
std::optional<std::string> settle_status(kernel::Sql& sql, const std::string& batch_id);
/// False when it was failed already, or is completed: all its figures are there, and stay.
bool mark_failed(kernel::Sql& sql, const std::string& batch_id);

}  // namespace am::picks::store
