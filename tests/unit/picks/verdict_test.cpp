#include "am/picks/verdict.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace am::picks {
namespace {

/// Weeks of one part each; units of a percent.
std::vector<Week> weeks_of(const std::vector<double>& percents, Date first = Date(2000, 1, 10)) {
  std::vector<Week> weeks;
  for (const double percent : percents) {
    Week& week = weeks.emplace_back();
    week.monday = first + 7 * static_cast<int>(weeks.size() - 1);
    week.parts.resize(1);
    week.sum = std::llround(percent * 1e10);
  }
  return weeks;
}

std::vector<Week> repeated(double a, double b, int count) {
  std::vector<double> percents;
  for (int i = 0; i < count; ++i) percents.push_back(i % 2 == 0 ? a : b);
  return weeks_of(percents);
}

TEST(EValue, IsThatOfTheRPackageAvlm) {
  // log_E_t(t², n − 1, 10, n) of avlm on these twelve.
  const Judgement judgement = judgement_of(weeks_of({3, -1, 4, -1, 5, -9, 2, -6, 5, 3, 5, 8}));
  EXPECT_NEAR(judgement.log_e, -0.0880205042456, 1e-13);
}

TEST(EValue, GivesTheRegressionOfAvlmsReadme) {
  // 100 observations, 8 coefficients: 92 degrees of freedom, a mixture of precision 11.58. With n = 93 and that precision
  // brought to it the formula is theirs.
  constexpr int kDegrees = 92;
  const double g = 100 / (11.58 * (kDegrees + 1));
  const double t2 = 5.776 * 5.776;  // of the intercept, as printed there
  const double t = std::sqrt((kDegrees + 1) * t2 / (t2 + kDegrees));
  EXPECT_NEAR(std::exp(-log_e_value(kDegrees + 1, t, g)), 9.76e-6, 0.005e-6)
      << "9.77e-06 of the t not rounded";
  const double half = 0.18087 * std::sqrt(kDegrees) * half_width(kDegrees + 1, g);
  EXPECT_NEAR(half, (0.4337358 + 0.6890957) / 2, 2e-5) << "X1's interval, of an error printed to five digits";
  EXPECT_NEAR((0.4337358 - 0.6890957) / 2, -0.12768, 5e-6);
}

TEST(EValue, TendsToTheNormalMixtureOfConfseq) {
  // Of a known variance: rho 12.60056 is best at 100; the log mixture there of a sum of 10, and the sum that decides.
  constexpr double kRho = 12.60056;
  constexpr int kMany = 100'000'000;
  const double g = 100 / kRho / kMany;
  EXPECT_NEAR(log_e_value(kMany, 10 / std::sqrt(100.0), g), -0.6510052, 1e-6);
  EXPECT_NEAR(half_width(kMany, g) * std::sqrt(kMany) * std::sqrt(100.0), 30.35209, 2e-5);
}

TEST(EValue, HalfWidthsAreThoseOfTheTable) {
  EXPECT_EQ(half_width(1), std::numeric_limits<double>::infinity());
  EXPECT_EQ(half_width(9), std::numeric_limits<double>::infinity());
  const std::vector<std::pair<int, double>> table{
      {10, 6.2458654137},  {11, 2.6335956132},  {12, 1.9473888833},  {15, 1.2640736971},
      {20, 0.9003714504},  {26, 0.7142885087},  {39, 0.5340984319},  {51, 0.4519643241},
      {52, 0.4467760499},  {78, 0.3554005504},  {104, 0.3053725945}, {156, 0.2489749291},
      {208, 0.2164057156}, {260, 0.1944675200}, {520, 0.1404321762}};
  for (const auto& [n, expected] : table) {
    EXPECT_NEAR(half_width(n), expected, 6e-11) << n;
    // A mean of k(n) standard deviations is what just decides.
    const double k = half_width(n);
    EXPECT_NEAR(log_e_value(n, std::sqrt(n) * k / std::sqrt(1 + k * k)), std::log(20.0), 1e-12) << n;
  }
}

TEST(EValue, CannotDecideBeforeTheTenthWeek) {
  for (int n = 1; n < kMinWeeks; ++n)
    EXPECT_LT(log_e_value(n, std::sqrt(n)), std::log(kDecisive)) << n;  // every week the same
  EXPECT_GT(log_e_value(10, std::sqrt(10.0)), std::log(kDecisive));
}

TEST(EValue, OfTheHandExample) {
  std::vector<Week> weeks = weeks_of({0, 0, 0, 0});
  weeks[0].sum = 150'000'000'000;
  weeks[1].sum = -272'631'578'947;
  weeks[2].sum = -44'871'001'032;
  weeks[3].sum = -160'516'934'047;
  const Judgement judgement = judgement_of(weeks);
  EXPECT_TRUE(judgement.tally.sum == -328'019'514'026);
  EXPECT_EQ(static_cast<long long>(judgement.tally.squares / 1'000'000'000'000), 124'607'070'688);
  EXPECT_EQ(static_cast<long long>(judgement.tally.squares % 1'000'000'000'000), 596'986'492'042);
  EXPECT_NEAR(judgement.tally.t(), -0.929240944492, 5e-13);
  EXPECT_NEAR(judgement.log_e, -0.040912405111, 5e-13);
}

TEST(Verdict, SaysWhatItIsAndNoMore) {
  EXPECT_EQ(verdict_text(judgement_of({})), "none yet: 0 of the 10 weeks that are the least");
  EXPECT_EQ(verdict_text(judgement_of(repeated(3, 3.1, 9))),
            "none yet: 9 of the 10 weeks that are the least");
  EXPECT_EQ(verdict_text(judgement_of(repeated(3, 3.1, 10))), "evidence of alpha");
  EXPECT_EQ(verdict_text(judgement_of(repeated(-3, -3.1, 10))), "evidence that the picks lose");
  EXPECT_EQ(verdict_text(judgement_of(repeated(3, -3, 40))), "no verdict yet");
  EXPECT_EQ(verdict_text(judgement_of(repeated(3, 3.1, 10)), true),
            "not for a range: a chosen range is a chosen result");
  EXPECT_FALSE(judgement_of(repeated(3, 3.1, 9)).every_week);
  EXPECT_FALSE(judgement_of(repeated(3, 3.1, 9)).highest_log_e);
  EXPECT_EQ(verdict_text(judgement_of(repeated(0, 0, 30))), "no verdict yet") << "nothing moved";
}

TEST(Verdict, NamesAnEarlierWeekThatHadOne) {
  std::vector<double> percents(12, 3);
  percents[5] = 2;
  for (int i = 0; i < 8; ++i) percents.push_back(i % 2 == 0 ? -20 : 14);
  const Judgement judgement = judgement_of(weeks_of(percents));
  ASSERT_LT(judgement.log_e, std::log(kDecisive));
  EXPECT_EQ(judgement.highest_week, Date(2000, 3, 27));
  EXPECT_EQ(verdict_text(judgement), "no verdict yet; the week of 2000-03-27 had one (e-value " +
                                         e_value_text(*judgement.highest_log_e) + ")");
}

TEST(Verdict, WritesEValuesShort) {
  EXPECT_EQ(e_value_text(0), "1.00");
  EXPECT_EQ(e_value_text(std::log(19.999)), "20.00");
  EXPECT_EQ(e_value_text(std::log(999.994)), "999.99");
  EXPECT_EQ(e_value_text(std::log(1000.5)), "above 1000");
  EXPECT_EQ(e_value_text(1e6), "above 1000");
  EXPECT_EQ(e_value_text(-900), "0.00");
}

TEST(Verdict, TheIntervalExcludesZeroExactlyWhenItDecides) {
  for (int step = 0; step <= 50; ++step) {
    const double level = step * 0.08 - 2;
    const Judgement judgement = judgement_of(repeated(level + 1.3, level - 1.7, 30));
    const bool excludes = judgement.every_week->low.is_positive() || judgement.every_week->high.is_negative();
    EXPECT_EQ(excludes, judgement.decides() != 0) << level;
  }
}

TEST(Verdict, NoLaterWeekChangesAnEarlierOne) {
  const std::vector<Week> all = repeated(4, -1, 60);
  for (std::size_t n = 1; n < all.size(); ++n) {
    const Judgement then = judgement_of(std::span(all).first(n));
    WeekTally tally;
    for (std::size_t i = 0; i < n; ++i) tally.add(all[i].sum, 1);
    EXPECT_EQ(then.log_e, tally.log_e()) << n;
    const Judgement later = judgement_of(std::span(all).first(n + 1));
    if (then.highest_log_e) {
      EXPECT_GE(*later.highest_log_e, *then.highest_log_e) << n;
    }
  }
}

TEST(Verdict, ANegatedSeriesIsItsMirror) {
  std::vector<Week> weeks = repeated(7, -4, 33);
  const Judgement judgement = judgement_of(weeks);
  for (Week& week : weeks) week.sum = -week.sum;
  const Judgement mirrored = judgement_of(weeks);
  EXPECT_EQ(*mirrored.mean_pct, -*judgement.mean_pct);
  EXPECT_EQ(mirrored.log_e, judgement.log_e);
  EXPECT_EQ(mirrored.every_week->low, -judgement.every_week->high);
  EXPECT_EQ(mirrored.every_week->high, -judgement.every_week->low);
  EXPECT_EQ(mirrored.patience_weeks, judgement.patience_weeks);
}

TEST(Patience, IsThatOfTheTable) {
  const std::vector<std::pair<double, int>> table{{2, 44},    {3, 88},  {3.5, 119}, {4, 155},
                                                  {4.7, 216}, {6, 361}, {7, 502},   {8, 669}};
  for (const auto& [spread, weeks] : table) EXPECT_EQ(patience(spread), weeks) << spread;
  EXPECT_EQ(patience(0.1), kMinWeeks);
  EXPECT_FALSE(patience(100));
}

}  // namespace
}  // namespace am::picks
