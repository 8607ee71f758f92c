#include "am/kernel/clock_guard.hpp"

#include <gtest/gtest.h>

namespace am::kernel {
namespace {

using namespace std::chrono_literals;

Instant utc(const char* text) { return *parse_rfc3339(text); }

const Instant kGuardNoon = utc("2026-02-02T12:00:00Z");

/// Answers with the database's time; nothing else may be asked.
class FakeDatabaseClock final : public Sql {
 public:
  Rows query(std::string_view sql, const SqlValues&) override {
    EXPECT_EQ(sql, kDatabaseClockSql);
    ++asked;
    return {{"now"}, {{std::to_string(now.time_since_epoch().count())}}, 0};
  }
  Instant now = kGuardNoon;
  int asked = 0;
};

/// A host's clock that a test sets.
struct SetClock final : Clock {
  Instant now() const override { return replaced ? utc("2000-01-01T00:00:00Z") : at; }
  Instant host() const override { return at; }
  bool is_replaced() const override { return replaced; }
  Instant at = kGuardNoon;
  bool replaced = false;
};

std::optional<Error> refusal_of(ClockGuard& guard) {
  try {
    guard.require();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

TEST(CompareClocks, LeavesOutHowLongTheQuestionWasOnItsWay) {
  EXPECT_EQ(compare_clocks(kGuardNoon, kGuardNoon + 3s, kGuardNoon + 10s).apart, 0s);
  EXPECT_EQ(compare_clocks(kGuardNoon, kGuardNoon + 70s, kGuardNoon + 10s).apart, 60s);
  EXPECT_EQ(compare_clocks(kGuardNoon, kGuardNoon - 60s, kGuardNoon + 10s).apart, 60s);
}

TEST(ClockProblem, SaysBothTimesAndTheDifferenceAndBlamesNeither) {
  EXPECT_FALSE(clock_problem(compare_clocks(kGuardNoon, kGuardNoon + 5min, kGuardNoon)));
  EXPECT_FALSE(clock_problem(compare_clocks(kGuardNoon, kGuardNoon - 5min, kGuardNoon)));
  for (const auto away : {std::chrono::seconds(301), std::chrono::seconds(-301)})
    EXPECT_TRUE(clock_problem(compare_clocks(kGuardNoon, kGuardNoon + away, kGuardNoon)));
  const auto ahead = clock_problem(compare_clocks(kGuardNoon, kGuardNoon - 168h, kGuardNoon));
  ASSERT_TRUE(ahead);
  EXPECT_EQ(ahead->kind(), ErrorKind::config);
  EXPECT_EQ(
      ahead->message(),
      "clock: this host's says 2026-02-02T12:00:00Z, the database's 2026-01-26T12:00:00Z: 604800 s apart "
      "(expected at most 300 s)");
  EXPECT_NE(ahead->hint().find("here or on the database's server"), std::string::npos);
  EXPECT_NE(ahead->hint().find("timedatectl"), std::string::npos);
}

TEST(ClockGuard, AsksOnceForManySteps) {
  FakeDatabaseClock database;
  SetClock clock;
  ClockGuard guard(database, clock);
  EXPECT_EQ(database.asked, 0) << "nothing before a step is at hand";
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(refusal_of(guard));
  EXPECT_EQ(database.asked, 1);
}

TEST(ClockGuard, RefusesEachStepWhileTheClocksAreApart) {
  FakeDatabaseClock database;
  SetClock clock;
  clock.at = kGuardNoon + 168h;
  ClockGuard guard(database, clock);
  for (int i = 1; i <= 2; ++i) {
    const auto refused = refusal_of(guard);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->kind(), ErrorKind::config);
    EXPECT_EQ(database.asked, i);
  }
  database.now = clock.at;
  EXPECT_FALSE(refusal_of(guard));
}

TEST(ClockGuard, SeesAClockThatWasSetBetweenTwoSteps) {
  FakeDatabaseClock database;
  SetClock clock;
  ClockGuard guard(database, clock);
  EXPECT_FALSE(refusal_of(guard));
  clock.at += 168h;
  const auto wrong = refusal_of(guard);
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->kind(), ErrorKind::config);
  clock.at -= 168h;
  EXPECT_FALSE(refusal_of(guard)) << "set back before anything was done";
}

// What was decided by the wrong clock is not done by the right one.
TEST(ClockGuard, RefusesWhatAClockDecidedThatWasSetRightSince) {
  FakeDatabaseClock database;
  SetClock clock;
  clock.at = kGuardNoon + 168h;
  const ClockGuard::Start start(clock);
  clock.at = kGuardNoon;  // before anybody had a connection
  ClockGuard guard(database, clock, start);
  const auto refused = refusal_of(guard);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->kind(), ErrorKind::unavailable);
  EXPECT_EQ(refused->message(),
            "clock: this host's was set by -604800 s while the command ran, or the host slept");
}

TEST(ClockGuard, BelievesTheMomentThatSomebodyGave) {
  FakeDatabaseClock database;
  SetClock clock;
  clock.at = kGuardNoon + 168h;
  clock.replaced = true;
  ClockGuard guard(database, clock);
  EXPECT_FALSE(refusal_of(guard));
  EXPECT_EQ(database.asked, 0);
}

}  // namespace
}  // namespace am::kernel
