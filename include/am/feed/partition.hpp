#pragma once
// Cuts the range of prices into partitions of much the same number of stones, by counting. Bisection at the geometric mean
// (prices thin out by orders of magnitude) of what an edge ought to lie in, until that holds an eighth of a partition; then
// the nearest edges are kept, and what lies between two of them is counted once more, since that count is what a worker
// expects. A partition's end is the next one's start: both ends are inclusive, so a stone on an edge is in two, and
// a price between two whole dollars in none but one.

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "am/feed/types.hpp"

namespace am::feed {

/// How many stones the range holds, asked of the supplier.
using CountStones = std::function<long long(const PriceRange& price)>;

struct PlannedPartition {
  PriceRange price;
  long long expected = 0;
  friend bool operator==(const PlannedPartition&, const PlannedPartition&) = default;
};

struct PartitionPlan {
  std::vector<PlannedPartition> partitions;  ///< ascending, without a gap; one at least
  long long total = 0;                       ///< of the whole range, by its own count
  long long sum = 0;                         ///< of the partitions; below total: prices that no range holds
  int calls = 0;
};

inline constexpr int kMostPartitions = 200;
/// clamp(⌈total/1000⌉, 1, most)
int workers_for(long long total, int most);

/// Counts over kMostDollars. wanted: how many partitions for so many stones; where a single dollar holds more than its part,
/// there are fewer. counters: as many counts are in flight, each of its own.
/// Errors:  what a counter throws; the others end with their count under way.
/// Threads: one for each counter, none when this returns.
PartitionPlan plan_partitions(std::span<const CountStones> counters,
                              const std::function<int(long long total)>& wanted);

}  // namespace am::feed
