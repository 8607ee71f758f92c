#include "am/base/error.hpp"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace am {
namespace {

struct Expected {
  ErrorKind kind;
  std::string_view name;
  int code;
  bool retryable;
};

constexpr Expected kKinds[] = {
    {ErrorKind::bug, "bug", 1, false},
    {ErrorKind::usage, "usage", 64, false},
    {ErrorKind::data, "data", 65, false},
    {ErrorKind::no_input, "no_input", 66, false},
    {ErrorKind::unavailable, "unavailable", 69, true},
    {ErrorKind::needs_human, "needs_human", 70, false},
    {ErrorKind::deferred, "deferred", 75, true},
    {ErrorKind::denied, "denied", 77, false},
    {ErrorKind::config, "config", 78, false},
    {ErrorKind::busy, "busy", 11, true},
    {ErrorKind::exists, "exists", 13, false},
    {ErrorKind::interrupted, "interrupted", 130, true},
    {ErrorKind::terminated, "terminated", 143, true},
};

TEST(Error, EveryKindHasItsCodeNameAndRetryability) {
  std::set<ExitCode> codes;
  for (const Expected& expected : kKinds) {
    const Error error(expected.kind, "m");
    EXPECT_EQ(static_cast<int>(error.exit_code()), expected.code) << expected.name;
    EXPECT_EQ(error.retryable(), expected.retryable) << expected.name;
    EXPECT_EQ(error_kind_name(expected.kind), expected.name);
    EXPECT_TRUE(codes.insert(error.exit_code()).second) << "two kinds share a code";
  }
}

TEST(Error, ContextGoesInFrontAndKeepsTheRest) {
  const Instant later{std::chrono::hours{1}};
  const Error error = Error(ErrorKind::deferred, "SPY: no close yet", "rerun in the evening")
                          .retry_after(later)
                          .within("stooq");
  EXPECT_STREQ(error.what(), "stooq: SPY: no close yet");
  EXPECT_EQ(error.hint(), "rerun in the evening");
  EXPECT_EQ(error.kind(), ErrorKind::deferred);
  EXPECT_EQ(error.not_before(), later);
}

TEST(Error, FinalStopsRetriesButKeepsTheCode) {
  const Error error = Error(ErrorKind::unavailable, "m").final().within("c");
  EXPECT_FALSE(error.retryable());
  EXPECT_EQ(error.exit_code(), ExitCode::unavailable);
}

}  // namespace
}  // namespace am
