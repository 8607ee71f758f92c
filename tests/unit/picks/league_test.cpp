#include "am/picks/league.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "year2000_fixture.hpp"

namespace am::picks {
namespace {

/// Weeks of one batch each; the sums alone matter.
std::vector<Week> sums(double a, double b, int count) {
  static const std::vector<BatchHistory> histories = [] {
    std::vector<BatchHistory> all(40);
    for (std::size_t i = 0; i < all.size(); ++i)
      all[i].batch.run_date = Date(2000, 1, 10) + 7 * static_cast<int>(i);
    return all;
  }();
  std::vector<Week> weeks;
  for (int i = 0; i < count; ++i) {
    Week& week = weeks.emplace_back();
    const BatchHistory& history = histories.at(static_cast<std::size_t>(i));
    week.monday = history.batch.run_date;
    week.parts.push_back({&history, 1, nullptr, nullptr, {}});
    week.sum = std::llround((i % 2 == 0 ? a : b) * 1e10);
  }
  return weeks;
}

League league_without_control(const std::vector<std::vector<Week>>& series, int entered = 0) {
  const std::vector<std::span<const Week>> spans(series.begin(), series.end());
  const ClosesBySymbol none;
  Betas betas(none, {});
  return *league_of(spans, entered, {}, none, betas);
}

TEST(League, SeparatesWhoDiffersAndTiesTheRest) {
  const League league = league_without_control({sums(1, 0.9, 30), sums(1.3, 0.75, 30), sums(-2, -2.3, 30)});
  EXPECT_EQ(league.entered, 3);
  EXPECT_EQ(league.weeks.size(), 30U);
  EXPECT_EQ(league.leader, 1U);
  EXPECT_EQ(league.pairs.size(), 3U);
  EXPECT_FALSE(league.pairs[0].differ);
  EXPECT_TRUE(league.pairs[1].differ);
  EXPECT_TRUE(league.lines[0].ties_the_leader);
  EXPECT_TRUE(league.lines[1].ties_the_leader);
  EXPECT_FALSE(league.lines[2].ties_the_leader);
  EXPECT_EQ(league.lines[1].decides, 1);
  EXPECT_EQ(league.lines[2].decides, -1);
  EXPECT_FALSE(league.lines[0].p);
}

TEST(League, CountsThoseThatWereGivenUp) {
  const std::vector<std::vector<Week>> series{sums(3, -0.2, 26), sums(0.1, -0.1, 26)};
  const double e = std::exp(league_without_control(series).lines[0].judgement.log_e);
  const int enough = static_cast<int>(e / 20);
  ASSERT_GE(enough, 2) << e;
  EXPECT_EQ(league_without_control(series, enough).lines[0].decides, 1);
  EXPECT_EQ(league_without_control(series, enough + 1).lines[0].decides, 0);
  const double of_pair = std::exp(league_without_control(series).pairs[0].log_e);
  int most = 2;
  while (20.0 * most * (most + 1) / 2 <= of_pair) ++most;
  EXPECT_TRUE(league_without_control(series, most).pairs[0].differ);
  EXPECT_FALSE(league_without_control(series, most + 1).pairs[0].differ);
}

TEST(League, IsOverWeeksThatAllHave) {
  std::vector<Week> late = sums(1, -1, 30);
  late.erase(late.begin(), late.begin() + 12);
  EXPECT_EQ(league_without_control({sums(1, 0, 30), late}).weeks.size(), 18U);
  const std::vector<Week> one = sums(1, 0, 30);
  const std::span<const Week> alone(one);
  const ClosesBySymbol none;
  Betas betas(none, {});
  EXPECT_FALSE(league_of(std::span(&alone, 1), 1, {}, none, betas));
}

TEST(League, OfMomentumAndItsOppositeHasOneRelabelling) {
  const Year2000 year = year_2000();
  Year2000 opposite = year;
  for (BatchHistory& history : opposite.histories) {
    for (StoredPick& stored : history.batch.picks)
      stored.pick.action = stored.pick.action == Action::buy ? Action::sell : Action::buy;
  }
  Betas betas(year.closes, year.baselines());
  const BetaOf beta = [&](const BatchHistory& history, const std::string& ticker) {
    return betas.of(ticker, "SPX", history.baseline).value;
  };
  const std::vector<std::vector<Week>> series{weekly_series(year.group(), beta).weeks,
                                              weekly_series(opposite.group(), beta).weeks};
  const std::vector<std::span<const Week>> spans(series.begin(), series.end());
  const League league = *league_of(spans, 2, year.symbols, year.closes, betas);
  EXPECT_EQ(league.leader, 1U);
  EXPECT_EQ(league.control_through, Date(2000, 12, 25));
  // Of a pair of mirrors the better one is |T|; of relabelled ones a random |T|.
  int as_good = 0;
  const std::span<const Week> alone(series[0]);
  const NameField field = *field_of(std::span(&alone, 1), year.symbols, year.closes, betas);
  Relabelling relabelling(field.names.size(), field.picked.size());
  for (int draw = 0; draw < kDraws; ++draw) {
    const double t = relabelled(field.held.front(), field.moves, field.names.size(), relabelling.next()).t();
    as_good += std::abs(t) >= t_of(series[1]) ? 1 : 0;
  }
  EXPECT_EQ(league.lines[1].p, Decimal(1 + as_good) / Decimal(kDraws + 1));
  EXPECT_EQ(league.lines[0].p, Decimal(1)) << "one of two mirrors is never below it";
  EXPECT_TRUE(league.lines[0].ties_the_leader);
}

}  // namespace
}  // namespace am::picks
