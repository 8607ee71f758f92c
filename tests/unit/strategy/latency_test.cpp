#include "strategy/engine/latency.hpp"

#include <gtest/gtest.h>

namespace am::strategy {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

TEST(Latency, APercentileIsAtMostAnEighthAboveTheTrueOne) {
  Latency latency;
  EXPECT_EQ(latency.percentile(0.5).count(), 0);
  for (int i = 1; i <= 1000; ++i) latency.add(microseconds(i));
  EXPECT_EQ(latency.count(), 1000U);
  for (const auto& [part, exact] : {std::pair(0.5, 500), std::pair(0.9, 900), std::pair(0.99, 990)}) {
    const nanoseconds said = latency.percentile(part);
    EXPECT_GE(said, microseconds(exact)) << part;
    EXPECT_LE(said, microseconds(exact) * 9 / 8) << part;
  }
}

TEST(Latency, TakesWhatIsBelowAndAboveItsBuckets) {
  Latency latency;
  latency.add(nanoseconds(-5));
  EXPECT_EQ(latency.percentile(1).count(), 0);
  latency.add(std::chrono::hours(5));
  EXPECT_GT(latency.percentile(1), std::chrono::seconds(30));
  EXPECT_EQ(latency.count(), 2U);
}

}  // namespace
}  // namespace am::strategy
