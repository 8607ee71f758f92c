#pragma once
// The decision about a run whose partitions have been counted. Pure. Private.

#include <chrono>
#include <optional>

#include "am/feed/runs.hpp"

namespace am::feed {

/// Time for what failed to be done once more before an incomplete inventory is consolidated.
inline constexpr std::chrono::minutes kConsolidationDelay{5};
/// Percent of the partitions that have to be done.
inline constexpr int kEnoughPercent = 70;

/// Partitions of a run by how they stand; expected is their sum.
struct Tally {
  int expected = 0, completed = 0, failed = 0, open = 0;
};

struct Decision {
  RunStatus status = RunStatus::running;
  std::optional<Instant> consolidate_at{};
  bool decided = false;  ///< this call turns it
  bool requeue = false;  ///< what is dead is queued once more
};

/// may_reopen: it has ended, more is done than it knew of, and no newer run of its kind has taken its place.
Decision decide(const FeedRun& run, const Tally& tally, bool may_reopen, Instant now);

}  // namespace am::feed
