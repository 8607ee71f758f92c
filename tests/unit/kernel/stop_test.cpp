// Being asked to end, and what waits meanwhile.

#include "am/kernel/stop.hpp"

#include <csignal>
#include <future>
#include <memory>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "am/base/error.hpp"
#include "kernel/wait.hpp"
#include "support/error_of.hpp"

namespace am::kernel {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::error_of;

TEST(Stop, KindFollowsTheSignal) {
  for (const auto& [signal, kind] :
       {std::pair{SIGTERM, ErrorKind::terminated}, std::pair{SIGINT, ErrorKind::interrupted}}) {
    Stop stop;
    EXPECT_NO_THROW(stop.check());
    stop.request(signal);
    EXPECT_EQ(error_of([&] { stop.check(); }).kind(), kind);
  }
}

TEST(Stop, WakesWhoSleepsInAnyThread) {
  Stop stop;
  std::thread sleeper(
      [&] { EXPECT_EQ(error_of([&] { stop.sleep(hours(1)); }).kind(), ErrorKind::terminated); });
  stop.request(SIGTERM);
  EXPECT_EQ(error_of([&] { stop.sleep(hours(1)); }).kind(), ErrorKind::terminated) << "also before it begins";
  sleeper.join();
}

TEST(Stop, WhatIsUnderWayGetsAMomentAndWhatComesAfterwardsALittleMore) {
  Stop stop;
  const auto before = steady_clock::now();
  EXPECT_EQ(stop.end_of_wait(before), SteadyTime::max());
  stop.request(SIGTERM);
  const auto after = steady_clock::now() + milliseconds(1);
  EXPECT_LT(stop.end_of_wait(before), stop.end_of_wait(after));
  EXPECT_LT(stop.end_of_wait(after), after + milliseconds(1000)) << "within a second";
  const auto end = stop.end_of_wait(before);
  stop.request(SIGTERM);
  EXPECT_EQ(stop.end_of_wait(before), end) << "a second signal gives no more time";
}

TEST(Wait, EndsByItsDeadlineOrByTheEventOrWhenAskedToEnd) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_FALSE(Wait(nullptr, milliseconds(10)).for_events(ends[0], POLLIN));
  EXPECT_TRUE(Wait(nullptr, milliseconds(0)).for_events(ends[1], POLLOUT)) << "it looks once at least";
  Stop stop;
  const Wait wait(&stop);
  EXPECT_EQ(wait.milliseconds_left(), -1);
  std::thread asks([&] { stop.request(SIGINT); });
  EXPECT_FALSE(wait.for_events(ends[0], POLLIN));
  asks.join();
  EXPECT_TRUE(wait.is_over());
  const Error too_late(ErrorKind::unavailable, "too late");
  EXPECT_EQ(error_of([&] { wait.give_up(too_late); }).kind(), ErrorKind::interrupted);
  EXPECT_EQ(error_of([&] { Wait(nullptr).give_up(too_late); }).kind(), ErrorKind::unavailable);
  EXPECT_LE(Wait(nullptr).within(milliseconds(5)).milliseconds_left(), 5);
  close(ends[0]);
  close(ends[1]);
}

TEST(RunApart, LeavesWhatDoesNotEndToItself) {
  const auto done = std::make_shared<std::promise<int>>();
  EXPECT_TRUE(run_apart([done] { done->set_value(5); }, Wait(nullptr)));
  EXPECT_EQ(done->get_future().get(), 5);
  const auto release = std::make_shared<std::promise<void>>();
  const auto ended = std::make_shared<std::promise<void>>();
  EXPECT_FALSE(run_apart(
      [release, ended] {
        release->get_future().wait();
        ended->set_value();
      },
      Wait(nullptr, milliseconds(1))));
  release->set_value();
  ended->get_future().wait();
}

}  // namespace
}  // namespace am::kernel
