// A consolidation that fails at any call, and is done again: what is stored is what an undisturbed one leaves.

#include <algorithm>

#include <gtest/gtest.h>

#include "feed_bed.hpp"
#include "support/feed_rows.hpp"

namespace am::feed {
namespace {

using test::Crash;
using test::CrashPoint;

void prepare(const test::TestDb& home) {
  FeedBed bed(home);
  const std::vector<std::string> all = letters(20);
  for (const bool with_a : {true, false, false}) {
    const std::string run = bed.settled_run("full", with_a ? 20 : 19);
    bed.page_of(run, {all.begin() + (with_a ? 0 : 1), all.end()});
    bed.page(run, {{"b", FeedBed::payload("b", 5000 + bed.pages)}, {"c", FeedBed::payload("c", 0)}});
    if (bed.pages < 6) bed.finish(run);
  }
}

class ConsolidationSweep : public testing::TestWithParam<Crash> {};

TEST_P(ConsolidationSweep, OneThatFailsAnywhereIsMadeGood) {
  const test::SweptJob job{
      .desk = test::kSweptFeed,
      .prepare = prepare,
      .run =
          [](const test::TestDb& home, CrashPoint& point) {
            FeedBed bed(home, [&](std::string_view what) { point(what); });
            bed.consolidate();
            const kernel::Rows due =
                bed.db->query("SELECT run_id::text AS id FROM feed.run_metadata WHERE status = 'settled'");
            for (const kernel::Row row : due) bed.close(row.text("id"));
          },
      .after_crash = test::bury_holders,
      .after_rerun =
          [](kernel::Sql& sql) {
            EXPECT_EQ(
                test::value_of(sql, "SELECT count(*)::text FROM feed.diamonds WHERE deleted_at IS NOT NULL"),
                "1");
          }};
  EXPECT_GT(test::sweep(job, GetParam()), 20);
}

INSTANTIATE_TEST_SUITE_P(Everywhere, ConsolidationSweep,
                         testing::Values(Crash::error_once, Crash::death, Crash::lost_connection),
                         [](const auto& one) {
                           std::string name(test::crash_name(one.param));
                           std::ranges::replace(name, ' ', '_');
                           return name;
                         });

}  // namespace
}  // namespace am::feed
