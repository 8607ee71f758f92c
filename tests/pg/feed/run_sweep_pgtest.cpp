// A plan, and what ends a run or opens it again, that fail at any call and are done again.

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "am/feed/plan.hpp"
#include "am/feed/steer.hpp"
#include "run_bed.hpp"
#include "support/feed_rows.hpp"
#include "support/picks_desk.hpp"

namespace am::feed {
namespace {

using test::Crash;
using test::CrashPoint;

class FeedRunSweep : public testing::TestWithParam<Crash> {};

TEST_P(FeedRunSweep, APlanThatFailsAnywhereIsMadeGood) {
  const test::SweptJob job{.desk = test::kSweptFeed,
                           .run =
                               [](const test::TestDb& home, CrashPoint& point) {
                                 test::TestDesk desk(home, "2026-11-27T04:20:00Z", {},
                                                     [&](std::string_view what) { point(what); });
                                 const CountFilter counter = [&](const Filter& filter) {
                                   point("count");
                                   return std::min(filter.price.to, 2000LL) -
                                          std::min(filter.price.from, 2000LL);
                                 };
                                 const std::array counters = {counter};
                                 plan_run({*desk.db, desk.ledger, desk.log, desk.stop, counters},
                                          {.slot = {"nivoda", RunType::full}, .query = feed_query("{}")});
                               },
                           .after_crash = test::bury_holders};
  EXPECT_GT(test::sweep(job, GetParam()), 10);
}

TEST_P(FeedRunSweep, ASettlementAndARetryThatFailAnywhereAreMadeGood) {
  const test::SweptJob job{.desk = test::kSweptFeed,
                           .prepare =
                               [](const test::TestDb& home) {
                                 const auto db = home.open();
                                 insert_run(*db, 10, 1, RunType::full);
                                 mark(*db, "done", 1, 7, 1, "");
                                 mark(*db, "dead", 8, 9, 1, "no answer");
                                 mark(*db, "failed", 10, 10, 1, "not ours");
                               },
                           .run =
                               [](const test::TestDb& home, CrashPoint& point) {
                                 const auto db = home.open([&](std::string_view what) { point(what); });
                                 settle(*db, run_number(1));
                                 retry_run(*db, {.feed = "nivoda"});
                               }};
  EXPECT_GT(test::sweep(job, GetParam()), 10);
}

INSTANTIATE_TEST_SUITE_P(Everywhere, FeedRunSweep,
                         testing::Values(Crash::error_once, Crash::death, Crash::lost_connection),
                         [](const auto& one) {
                           std::string name(test::crash_name(one.param));
                           std::ranges::replace(name, ' ', '_');
                           return name;
                         });

}  // namespace
}  // namespace am::feed
