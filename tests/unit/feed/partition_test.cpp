#include "am/feed/partition.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>

#include <gmock/gmock.h>

#include "am/base/error.hpp"
#include "support/error_of.hpp"

namespace am::feed {
namespace {

using testing::ElementsAre;
using testing::Ge;
using testing::Le;
using testing::SizeIs;

/// What a supplier once counted, by the width of a bin in dollars.
struct Bins {
  long long width;
  std::vector<long long> counts;
};
const std::vector<Bins> kRecorded = {
    {500, {100451, 90198, 48195, 37391, 25684, 18940, 13959, 10695, 8485, 6845, 5712, 4866, 4345, 3714,
           3287,   2723,  2485,  2190,  2108,  1864,  1831,  1565,  1462, 1275, 1263, 1074, 1043, 946,
           905,    865,   892,   793,   680,   642,   642,   617,   599,  561,  543,  513}},
    {5000, {3945, 2790, 1889, 1440, 1104, 824}},
    {10000, {1074, 691, 445, 351, 247}},
    {25000, {483, 258, 189, 90, 66, 37}}};

/// Stones below a price in whole dollars, spread evenly over each bin.
long long recorded_below(long long price) {
  long long at = 0, below = 0;
  for (const Bins& bins : kRecorded) {
    for (const long long count : bins.counts) {
      if (price <= at) return below;
      below += count * std::min(price - at, bins.width) / bins.width;
      at += bins.width;
    }
  }
  return below;
}

/// An inventory of whole dollars.
long long recorded(const PriceRange& price) {
  return recorded_below(price.to + 1) - recorded_below(price.from);
}

std::array<CountStones, 3> three(const CountStones& count) { return {count, count, count}; }

auto parts(int n) {
  return [n](long long) { return n; };
}

double max_by_mean(const PartitionPlan& plan) {
  long long most = 0;
  for (const PlannedPartition& partition : plan.partitions) most = std::max(most, partition.expected);
  return static_cast<double>(most) * static_cast<double>(plan.partitions.size()) /
         static_cast<double>(plan.sum);
}

void expect_whole(const PartitionPlan& plan) {
  ASSERT_FALSE(plan.partitions.empty());
  EXPECT_EQ(plan.partitions.front().price.from, 0);
  EXPECT_EQ(plan.partitions.back().price.to, kMostDollars);
  for (std::size_t i = 1; i < plan.partitions.size(); ++i)
    EXPECT_EQ(plan.partitions[i].price.from, plan.partitions[i - 1].price.to);
}

TEST(Partitions, OfTheRecordedCountsAreMuchTheSame) {
  std::atomic<int> calls = 0;
  const auto counters = three([&](const PriceRange& price) {
    ++calls;
    return recorded(price);
  });
  const PartitionPlan plan =
      plan_partitions(counters, [](long long total) { return workers_for(total, 30); });
  expect_whole(plan);
  EXPECT_EQ(plan.total, 428771);
  EXPECT_THAT(plan.partitions, SizeIs(30));
  EXPECT_EQ(plan.calls, calls);
  EXPECT_THAT(plan.calls, Le(200));
  EXPECT_THAT(max_by_mean(plan), Le(1.08));
  EXPECT_THAT(plan.sum, Ge(plan.total));
  RecordProperty("calls", plan.calls);
  RecordProperty("max_by_mean", std::to_string(max_by_mean(plan)));
}

TEST(Partitions, AreTheSameHoweverManyCount) {
  const auto counters = three(recorded);
  const PartitionPlan one = plan_partitions(std::span(counters).first(1), parts(30));
  const PartitionPlan all = plan_partitions(counters, parts(30));
  EXPECT_EQ(one.partitions, all.partitions);
  EXPECT_EQ(one.calls, all.calls);
}

TEST(Partitions, AreAsSmallAsIsWanted) {
  const auto counters = three(recorded);
  const PartitionPlan plan = plan_partitions(counters, parts(kMostPartitions));
  expect_whole(plan);
  EXPECT_THAT(plan.partitions, SizeIs(kMostPartitions));
  EXPECT_THAT(max_by_mean(plan), Le(1.5));
}

TEST(Partitions, OfNothingAndOfOneStoneAreOne) {
  const auto none = three([](const PriceRange&) { return 0LL; });
  EXPECT_THAT(plan_partitions(none, parts(7)).partitions,
              ElementsAre(PlannedPartition{{0, kMostDollars}, 0}));
  const auto one =
      three([](const PriceRange& price) { return price.from <= 326 && 326 <= price.to ? 1LL : 0LL; });
  const PartitionPlan plan = plan_partitions(one, [](long long total) { return workers_for(total, 30); });
  EXPECT_THAT(plan.partitions, ElementsAre(PlannedPartition{{0, kMostDollars}, 1}));
  EXPECT_EQ(plan.calls, 1);
}

TEST(Partitions, ADollarIsNotCut) {
  const auto counters =
      three([](const PriceRange& price) { return price.from <= 700 && 700 <= price.to ? 50000LL : 0LL; });
  const PartitionPlan plan = plan_partitions(counters, parts(30));
  expect_whole(plan);
  EXPECT_THAT(plan.partitions.size(), Le(3U));
  EXPECT_THAT(plan.sum, Ge(plan.total));
  EXPECT_THAT(plan.calls, Le(60));
}

TEST(Partitions, SumBelowTheTotalWhereStonesHaveNoPrice) {
  const auto counters =
      three([](const PriceRange& price) { return price == PriceRange{} ? 450000LL : recorded(price); });
  const PartitionPlan plan = plan_partitions(counters, parts(30));
  expect_whole(plan);
  EXPECT_EQ(plan.total, 450000);
  EXPECT_THAT(plan.sum, testing::Lt(plan.total));
}

TEST(Partitions, OfAnInventoryThatMovesMeanwhileAreWholeAllTheSame) {
  std::atomic<int> calls = 0;
  const auto counters = three([&](const PriceRange& price) { return recorded(price) * (++calls % 3) / 2; });
  expect_whole(plan_partitions(counters, parts(30)));
}

TEST(Partitions, EndWithTheFirstError) {
  for (const int at : {1, 2, 20, 150}) {
    std::atomic<int> calls = 0;
    const auto counters = three([&](const PriceRange& price) {
      if (++calls >= at) throw Error(ErrorKind::unavailable, "no answer");
      return recorded(price);
    });
    EXPECT_EQ(test::error_of([&] { plan_partitions(counters, parts(30)); }).message(), "no answer");
    EXPECT_THAT(calls.load(), Le(at + 2));
  }
}

TEST(Partitions, WorkersByTheThousand) {
  EXPECT_EQ(workers_for(0, 30), 1);
  EXPECT_EQ(workers_for(1000, 30), 1);
  EXPECT_EQ(workers_for(1001, 30), 2);
  EXPECT_EQ(workers_for(437849, 30), 30);
  EXPECT_EQ(workers_for(437849, 10), 10);
}

}  // namespace
}  // namespace am::feed
