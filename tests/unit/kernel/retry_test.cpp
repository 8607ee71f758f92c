#include "am/kernel/retry.hpp"

#include <csignal>

#include <gtest/gtest.h>

#include "support/error_of.hpp"

namespace am::kernel {
namespace {

using std::chrono::milliseconds;

constexpr RetryPolicy kQuick{
    .attempts = 3, .base = milliseconds(1), .cap = milliseconds(2), .budget = milliseconds(5000)};

Error away() { return {ErrorKind::unavailable, "away"}; }

/// How often retry() calls an attempt that always ends so; its error must come out.
int calls_until_error(const RetryPolicy& policy, const Attempt& attempt) {
  int calls = 0;
  const Stop stop;
  const Error error = test::error_of([&] {
    retry(policy, stop, [&](int n) {
      EXPECT_EQ(n, calls);
      ++calls;
      return attempt;
    });
  });
  EXPECT_EQ(error.message(), "away");
  return calls;
}

TEST(RetryDelay, DoublesFromTheBase) {
  const RetryPolicy policy;
  EXPECT_EQ(retry_delay(policy, 0, 0.0), milliseconds(0));
  EXPECT_EQ(retry_delay(policy, 0, 0.9999999), milliseconds(500));
  EXPECT_EQ(retry_delay(policy, 1, 0.9999999), milliseconds(1000));
  EXPECT_EQ(retry_delay(policy, 2, 0.9999999), milliseconds(2000));
  EXPECT_EQ(retry_delay(policy, 2, 0.5), milliseconds(1000));
}

TEST(RetryDelay, StopsAtCap) {
  const RetryPolicy policy;
  EXPECT_EQ(retry_delay(policy, 4, 0.9999999), milliseconds(5000));
  EXPECT_EQ(retry_delay(policy, 1'000'000, 0.9999999), milliseconds(5000));
}

TEST(RetryDelay, IsNeverAboveACapBelowTheBase) {
  const RetryPolicy policy{
      .attempts = 3, .base = milliseconds(500), .cap = milliseconds(100), .budget = milliseconds(1)};
  EXPECT_EQ(retry_delay(policy, 0, 0.9999999), milliseconds(100));
}

TEST(Retry, CallsUntilItIsDone) {
  int calls = 0;
  const Stop stop;
  retry(kQuick, stop, [&](int) -> Attempt {
    return {.failed = ++calls < 3 ? std::optional(away()) : std::nullopt, .again = true};
  });
  EXPECT_EQ(calls, 3);
}

TEST(Retry, ThrowsTheErrorWhenAttemptsAreUsedUp) {
  EXPECT_EQ(calls_until_error(kQuick, {.failed = away(), .again = true}), 3);
}

TEST(Retry, DoesNotRepeatWhatCannotHelp) {
  EXPECT_EQ(calls_until_error(kQuick, {.failed = away(), .again = false}), 1);
}

TEST(Retry, EndsAtOnceWhenTheWaitIsBeyondTheBudget) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(calls_until_error(kQuick, {.failed = away(), .again = true, .wait = std::chrono::hours(1)}), 1);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(Retry, WaitsAsLongAsTheVendorAsks) {
  const auto start = std::chrono::steady_clock::now();
  const RetryPolicy policy{
      .attempts = 2, .base = milliseconds(0), .cap = milliseconds(0), .budget = milliseconds(5000)};
  EXPECT_EQ(calls_until_error(policy, {.failed = away(), .again = true, .wait = milliseconds(20)}), 2);
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(20));
}

TEST(Retry, StartsNothingAfterBeingAskedToEnd) {
  Stop stop;
  int calls = 0;
  const Error error = test::error_of([&] {
    retry(kQuick, stop, [&](int) -> Attempt {
      ++calls;
      stop.request(SIGTERM);
      return {.failed = away(), .again = true};
    });
  });
  EXPECT_EQ(error.kind(), ErrorKind::terminated);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace am::kernel
