#pragma once
// Runs as the database holds them, and what decides about one: settle. Everything that changes a run takes the lock of its
// row first (FOR NO KEY UPDATE, so that pages which name the run go on), then those of its partitions.
//
// Errors:  those of Sql::query; what else, is said.
// Time:    the database's.

#include <optional>
#include <string>
#include <string_view>

#include "am/feed/types.hpp"
#include "am/kernel/db.hpp"

namespace am::feed {

struct FeedRun {
  std::string id{}, feed{};
  RunType type = RunType::full;
  RunStatus status = RunStatus::running;
  std::string query_json{};        ///< the feed's filter at the plan, as canonical JSON
  std::string query_hash{};        ///< of that; with the feed it keys the watermark
  int expected = 0;                ///< partitions
  int completed = 0;               ///< of them done
  int failed = 0;                  ///< of them dead, failed or cancelled
  long long expected_records = 0;  ///< what the partitions' counts come to; stones on an edge are in two
  long long counted_records = 0;   ///< what the supplier counted in all
  std::optional<Instant> watermark_before{};
  Instant watermark_after{};  ///< the moment of the plan: the watermark once the run is complete
  std::optional<Instant> consolidate_at{};  ///< of a settled run: from then on
  int decisions = 0;                        ///< how often it was decided that all had ended
  std::string error{};
  Instant created_at{};
  std::optional<Instant> settled_at{}, finished_at{};

  /// Every partition is done: the only kind that moves the watermark and finds stones missing.
  bool is_complete() const { return expected == completed; }
};

std::optional<FeedRun> find_run(kernel::Sql& sql, const std::string& id);
/// id: as a person writes it. Errors: no_input: there is none.
FeedRun load_run(kernel::Sql& sql, const std::string& id);
/// What of the supplier's inventory this part of a run is.
Filter filter_of(const FeedRun& run, const PriceRange& price);

/// What settle found, and whether this call was the one that decided.
struct Settlement {
  RunStatus status = RunStatus::running;
  int expected = 0, completed = 0, failed = 0, open = 0;  ///< partitions; open: queued or running
  bool decided = false;
  long long requeued = 0;  ///< dead partitions that were queued once more
  int decisions = 0;
  std::optional<Instant> consolidate_at{};
};
/// Counts the partitions by state, and decides once all have ended: all done, consolidation is due now; 70 % or more, in five
/// minutes, the rest is queued once more meanwhile; less, the run failed (alerts.hpp tells of it). A settled run is decided
/// again as long as its consolidation has not begun: once the rest is done, it is due now. Idempotent: to be called after
/// a partition's end, at a worker's end, by the tick; nobody has to know whether somebody else did.
/// Errors:  no_input: no such run.
Settlement settle(kernel::Db& db, const std::string& run_id);
/// In the caller's transaction, whose first statement about runs or partitions it is.
Settlement settle_in(kernel::Transaction& tx, const std::string& run_id);

}  // namespace am::feed
