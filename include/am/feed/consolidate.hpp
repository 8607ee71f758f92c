#pragma once
// From stones as they came to one clean table: each pending one is typed, priced and written; a run that is over is closed once,
// which says what of the inventory is there no more.
//
// Any number of processes consolidate at once: a row's lock is its claim, so nothing is held that a killed one would leave.
// Errors:  those of Sql::query; what else, is said.
// Threads: nothing is kept between calls.
// Design:  docs/architecture.md, "The feed desk".

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "am/feed/pricing.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/ledger.hpp"

namespace am::feed {

/// A run's closing, in the ledger; its slot is the run's id.
inline constexpr std::string_view kConsolidationJob = "feed_consolidation_v1";

struct ConsolidationOptions {
  std::string feed;
  Margins margins{};
  int batch = 2000;  ///< stones in one transaction
};

struct ConsolidationCounts {
  long long written = 0;  ///< stones, new ones and those that were there
  long long refused = 0;  ///< that can't be mapped or priced; each says why in consolidation_error
};

/// All that is pending and that no other process has at the moment.
/// between: called before each transaction; may throw.
ConsolidationCounts consolidate_pending(kernel::Db& db, const ConsolidationOptions& options,
                                        const std::function<void()>& between);

/// Prices of stones that are there, by the rules and margins of now. Returns how many are different.
long long reprice(kernel::Db& db, const ConsolidationOptions& options, const std::function<void()>& between);

/// What closing a run came to.
struct Closing {
  bool is_new =
      false;  ///< else it was closed before, or another process is at it, or stones are pending; nothing written
  bool is_pending = false;  ///< stones of the run wait for consolidation
  long long seen = 0;       ///< distinct stones
  long long undeleted = 0, missed = 0, deleted = 0;
  bool watermark_moved = false;
  std::optional<std::string> doubt{};  ///< why nothing was deleted that else would have been
};

inline constexpr int kMissedRuns = 2;  ///< complete full runs in a row, before a stone counts as sold
inline constexpr int kMostVanishedPercent =
    10;  ///< of the stones that are there; above it nothing is deleted
inline constexpr int kLeastSeenPercent =
    98;  ///< of the count that the plan was made by; below it nothing counts as missed

/// Once a run: stones that it saw are there again; those that it missed, if it was complete and full, are counted and at
/// last deleted (deleted_at); the watermark goes on where the run was complete. In one transaction with the run's end.
/// Errors:  no_input: there is no such run.
Closing close_run(kernel::Db& db, kernel::Ledger& ledger, const std::string& run_id);

/// Ascending by priority and id; also those that are not active.
std::vector<PricingRule> read_rules(kernel::Sql& sql, const std::string& feed);
struct RuleCounts {
  long long added = 0, same = 0,
            retired = 0;  ///< retired: no longer active, since the new ones do not have it
};
/// The feed's rules are these from now on.
RuleCounts store_rules(kernel::Transaction& tx, const std::string& feed, std::span<const PricingRule> rules);

}  // namespace am::feed
