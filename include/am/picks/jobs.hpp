#pragma once
// The picks desk's three jobs. Each is idempotent: what is stored is found and left alone, what is missing
// is done, and a finished step of an earlier attempt is taken over. None does anything by a host's clock that the
// database's contradicts (clock_guard.hpp: config, before anything is done). Design: docs/architecture.md, "The picks desk".

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "am/kernel/clock.hpp"
#include "am/kernel/clock_guard.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/ledger.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/stale.hpp"
#include "am/kernel/stop.hpp"
#include "am/picks/ports.hpp"
#include "am/picks/types.hpp"

namespace am::picks {

inline constexpr std::string_view kWeeklyJob = "weekly_pick_v1";
inline constexpr std::string_view kCheckpointJob = "daily_checkpoint_v1";
/// Both, with the commands that do their due slots.
std::span<const kernel::Job> jobs();

/// What the jobs work with; references live as long as the command.
struct Workbench {
  kernel::Db& db;
  kernel::Ledger& ledger;
  kernel::Log& log;
  const kernel::Clock& clock;
  kernel::ClockGuard& guard;
  const kernel::Stop& stop;
  ClosesBySource closes;
};

/// The batch of a Monday's week, if there is one: the earlier service could be started for any day of it.
std::optional<Batch> find_batch(kernel::Sql& sql, Date run_date);
/// By uuid, run date or "latest". Errors: usage, when it is none of these; no_input, no such batch.
Batch load_batch(kernel::Sql& sql, const std::string& batch);
/// By run date.
std::vector<Batch> active_batches(kernel::Sql& sql);

// --- the weekly job ---------------------------------------------------------------------------------------

struct WeeklyOptions {
  Date run_date;
  std::string benchmark = "SPY";
  std::string price_source;  ///< as ClosesBySource takes it
  std::string
      picker_spec;  ///< as the user named the picker ("file:picks.json"): remembered for `runs resume`
  std::string origin = "live";
  bool fail_if_exists = false;
  bool allow_lookahead = false;
  bool dry_run = false;
};

struct WeeklyResult {
  bool created = false;
  std::string run_id;          ///< empty: nothing was claimed
  std::optional<Batch> batch;  ///< none on a dry run that would create it
  Date baseline;
};

/// Error{exists}: the answer of --fail-if-exists.
Error batch_exists(const Batch& batch);

/// Steps: generate_picks, snapshot_prices, persist_batch. A batch that is there is left alone, but for a baseline that
/// cannot be right (retake_baseline).
/// Errors:  exists (fail_if_exists); usage: a picker that sees the future, for an earlier week; deferred: a close of the
///          baseline is missing, nothing in the domain tables, the picks are kept; data: picks or prices refused; busy.
WeeklyResult run_weekly(Workbench& bench, Picker& picker, const WeeklyOptions& options);

/// Takes a stored baseline that cannot be right again, from the batch's own source, and derives the days that were
/// measured from it once more from their stored closes: one transaction.
/// Errors:  as run_weekly's prices.
WeeklyResult retake_baseline(Workbench& bench, const Batch& batch);

// --- the daily checkpoint ---------------------------------------------------------------------------------

/// The day's slot in the run ledger: the batch's id, a colon and the day.
struct CheckpointSlot {
  std::string batch_id;
  int day = 0;

  std::string text() const;
  /// nullopt: not of that form.
  static std::optional<CheckpointSlot> parse(std::string_view text);
};

enum class DayOutcome { computed, skipped, unchanged, planned };
std::string_view day_outcome_name(DayOutcome outcome);

struct DayResult {
  std::string batch_id;
  Date run_date;
  int day = 0;
  Date date;
  DayOutcome outcome = DayOutcome::unchanged;
  std::string reason;  ///< why skipped
  bool gap = false;    ///< skipped although the exchange was open
  std::string run_id;
  std::optional<Checkpoint> checkpoint;
  std::string batch_status;               ///< when it changed: completed, active
  std::vector<market::Move> unexplained;  ///< stored as they are: moves that might be splits
};

struct CheckpointOptions {
  bool force = false;
  /// Store the day as skipped, for this reason, although its closes might exist somewhere: given up by hand.
  std::optional<std::string> skip_reason{};
  bool dry_run = false;
};

/// One day of one batch.
/// Errors:  no_input: not due yet; deferred: a close is not published and the day may still wait (not_before given);
///          unavailable: the provider cannot be reached; data: a price that cannot be right (the batch is then failed), or
///          a session that the provider's answers no longer reach, or (force) a close that is not there any more; busy;
///          usage: skip_reason while the day still waits for its closes.
DayResult run_checkpoint(Workbench& bench, const Batch& batch, int day, const CheckpointOptions& options);

/// `run_checkpoint` for a rerun that finds its day stored: one read, no batch is loaded. Nothing when there is work.
std::optional<DayResult> find_checkpoint(kernel::Db& db, const std::string& batch, int day);

/// A day of several that did not come about.
struct DayFailure {
  Date run_date;
  int day;
  Error error;
};
struct DueResult {
  std::vector<DayResult> days;
  std::vector<DayFailure> failures;
};
/// Every missing due day of the batches, by when they were due. A failure is recorded and the others go on; a source that is
/// unavailable or out of budget is not asked again. Errors: interrupted, terminated, and as ClockGuard::require.
DueResult run_due(Workbench& bench, const std::vector<Batch>& batches, const CheckpointOptions& options);

/// Every day of a batch that is stored and whose session there was, measured again with `force`, ascending. A failure is
/// recorded, what was stored for that day stays, and the others go on. Errors: as run_due.
DueResult run_again(Workbench& bench, const Batch& batch, const CheckpointOptions& options);

// --- everything that is due -------------------------------------------------------------------------------

/// What came of one tick of a scheduler.
struct TickResult {
  std::vector<WeeklyResult> weeks;
  DueResult slots;        ///< the days; failures of the weekly job as day 0
  long long waiting = 0;  ///< due, but put off or failed a moment ago
  long long running = 0;  ///< another process is at them
  long long worked = 0;   ///< slots that an attempt was made at
  long long left = 0;     ///< due and ready, but beyond `most`
};
/// Runs what is due and ready (due.hpp), in the order in which it fell due, `most` slots at most; days of a batch that was
/// just made included. A failure is recorded and the others go on. Errors: interrupted, terminated, and as
/// ClockGuard::require.
TickResult run_tick(Workbench& bench, const std::function<WeeklyResult(Date run_date)>& weekly,
                    long long most);

// --- runs whose work is done ------------------------------------------------------------------------------

/// Records a run as done whose rows are all stored, and right, although the ledger says that it ended otherwise. Nobody
/// is asked, and no row is written but the run's. False, and nothing written: its work is not done.
/// Errors:  needs_human: something is wrong with the batch; busy: another process is at the run.
bool settle_run(Workbench& bench, const kernel::RunInfo& run);

// --- backfill ---------------------------------------------------------------------------------------------

struct BackfillOptions {
  DateRange run_dates;  ///< the Mondays within it
  std::string benchmark = "SPY";
  std::string price_source;
  std::string picker_spec;
  bool allow_lookahead = false;
  bool dry_run = false;
  /// Called after each batch.
  std::function<void(std::size_t done, std::size_t of)> progress;
};

struct BackfillResult {
  std::vector<std::string> created;  ///< run dates
  int batches_unchanged = 0;
  int computed = 0;
  int skipped = 0;
  int gaps = 0;  ///< of the skipped: sessions without a close
  int unchanged = 0;
  std::vector<DayFailure> failures;       ///< day 0: the batch itself
  std::vector<market::Move> unexplained;  ///< moves that might be splits
};

/// Creates the batches that are missing and fills every missing due day, week by week.
/// Errors:  usage: no Monday in the range, or lookahead; interrupted, terminated between two items; whatever ends all.
BackfillResult run_backfill(Workbench& bench, Picker& picker, const BackfillOptions& options);

}  // namespace am::picks
