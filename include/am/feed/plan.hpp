#pragma once
// Planning a run: what of the inventory it covers, cut into partitions, which are queued. A run of the ledger, so that two
// plans of one kind never count at once; run, partitions and the plan's end are one transaction.
//
// A full run covers all; an incremental one what has changed since the watermark, less fifteen minutes. The new watermark is
// the moment before the first count.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "am/feed/partition.hpp"
#include "am/feed/runs.hpp"
#include "am/kernel/duty.hpp"
#include "am/kernel/ledger.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/stop.hpp"

namespace am::feed {

inline constexpr std::string_view kPlanJob = "feed_plan_v1";
inline constexpr int kMostWorkersFull = 30;
inline constexpr int kMostWorkersIncremental = 10;

/// The schedule: a full plan at 03:00 UTC of Sundays, an incremental one every hour. The moment that is due at `now`, and the
/// next one.
Instant plan_due_at(RunType type, Instant now);
Instant next_plan_at(RunType type, Instant now);

/// "nivoda/full": the slot of all plans of a feed and kind, since the next one makes good what one could not.
struct PlanSlot {
  std::string feed;
  RunType type = RunType::full;

  std::string to_string() const;
  static std::optional<PlanSlot> parse(std::string_view text);
};

/// The feed's filter in its one spelling, and that one's hash.
struct FeedQuery {
  std::string json, hash;
};
/// Errors:  config: nivoda.query is no JSON object, or holds what a plan sets itself.
FeedQuery feed_query(const std::string& nivoda_query);

struct PlanRequest {
  PlanSlot slot;
  FeedQuery query;
  std::optional<int> partitions{};  ///< instead of one for each worker
};

using CountFilter = std::function<long long(const Filter& filter)>;

struct PlanBench {
  kernel::Db& db;
  kernel::Ledger& ledger;
  kernel::Log& log;
  const kernel::Stop& stop;
  /// So many counts are in flight, each on a thread of its own. One at least.
  std::span<const CountFilter> counters;
};

struct PlanResult {
  bool is_planned = false;  ///< else a run of this kind is open: run_id
  std::string ledger_id{};  ///< of the plan; empty: it was not begun
  std::string run_id{};
  PartitionPlan plan{};
  long long counted = 0;  ///< at any price
  std::optional<Instant> watermark_before{};

  /// Stones that no partition holds: they have no price, or one above kMostDollars.
  long long gap() const { return counted > plan.sum ? counted - plan.sum : 0; }
};
/// Errors:  no_input: an incremental plan, and no complete run of this feed and query before it; as CountFilter; as
///          Ledger::claim.
PlanResult plan_run(const PlanBench& bench, const PlanRequest& request);

/// Plans and consolidations that are owed, of each feed that was planned in the last five weeks. While a run of a kind is open,
/// no plan of that kind is owed.
std::vector<kernel::Statement> ask_duties(Instant now, std::string_view zone);
std::vector<kernel::Duty> make_duties(std::span<const kernel::Rows> results, Instant now,
                                      std::string_view zone);

}  // namespace am::feed
