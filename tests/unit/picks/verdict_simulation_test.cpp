// What the verdict promises, on markets that never were: of pickers without skill hardly any ever gets one.
#include "support/verdict_simulation.hpp"

#include <gtest/gtest.h>

namespace am::test {
namespace {

constexpr int kRecords = 800;
constexpr int kRelabellings = 40;  // outside is then the first or the last place of 41: 4.9 % by chance

void expect_promise(Weeks kind, NoSkill picker) {
  const WeeklyMarket market = weekly_market(AM_SOURCE_DIR "/examples/market");
  const SimulatedRecords result = simulate_records(market, kind, picker, kRecords, kRecords, kRelabellings);
  EXPECT_EQ(result.records, kRecords);
  EXPECT_LE(result.verdict_by_52 * 1000, kRecords * 25);   // 2.5 %: at length it is 0.3 to 1.3 %
  EXPECT_LE(result.verdict_by_260 * 1000, kRecords * 55);  // 5.5 %
  EXPECT_GT(result.verdict_by_260, 0) << "some do: one in twenty is promised, not none";
  EXPECT_LE(result.percentile_out * 100, kRecords * 7);
  EXPECT_GT(result.percentile_out, 0);
}

TEST(VerdictWithoutSkill, OfFreshPicks) { expect_promise(Weeks::as_they_were, NoSkill::fresh); }
TEST(VerdictWithoutSkill, OfStickyPicks) { expect_promise(Weeks::as_they_were, NoSkill::sticky); }
TEST(VerdictWithoutSkill, OfMomentumWhereNobodyCanKnow) { expect_promise(Weeks::turned, NoSkill::momentum); }

}  // namespace
}  // namespace am::test
