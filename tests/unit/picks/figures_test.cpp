#include "am/picks/figures.hpp"

#include <gtest/gtest.h>

#include "report_fixture.hpp"

namespace am::picks {
namespace {

constexpr Date kFirstRun{2000, 1, 10};

TEST(Figures, BreakEvenIsHalfTheMeanATrade) {
  EXPECT_EQ(break_even_bp(Decimal::of("0.8")), Decimal(40));
  EXPECT_EQ(break_even_bp(Decimal::of("-0.9716099553")), Decimal::of("-48.580497765"));
}

TEST(Figures, KeptAreTickerAndActionOfTheWeekBefore) {
  std::vector<BatchHistory> histories{history_of(kFirstRun), history_of(kFirstRun + 7),
                                      history_of(kFirstRun + 21)};
  histories[1].batch.picks[0].pick.ticker = "D";
  histories[1].batch.picks[2].pick.action = Action::buy;
  const std::vector<const BatchHistory*> group{&histories[0], &histories[1], &histories[2]};
  EXPECT_EQ(picks_kept(group), Decimal(1)) << "the third has none a week before";
  EXPECT_FALSE(picks_kept(std::span(group).first(1)));
}

TEST(Figures, HitsByChanceAreTheSharesOfTheUniverse) {
  BatchHistory history = history_of(kFirstRun);  // two BUY, one SELL
  add_day(history, 12, "1010", {"100", "100", "100"});
  ClosesBySymbol closes;
  std::vector<std::string> symbols{"SPX"};
  for (int i = 0; i < 20; ++i) {
    symbols.push_back("S" + std::to_string(i));
    const int after = i < 7 ? 103 : i < 10 ? 101 : 99;  // 7 ahead of the benchmark, 3 level, 10 behind
    closes[symbols.back()].closes = {{history.baseline, Decimal(100)}, {Date(2000, 1, 21), Decimal(after)}};
  }
  closes["SPX"].closes = {{history.baseline, Decimal(1000)}, {Date(2000, 1, 21), Decimal(1010)}};
  const std::vector<const BatchHistory*> group{&history};
  EXPECT_EQ(hit_rate_by_chance(group, symbols, closes), Decimal(35 + 35 + 50) / Decimal(3));
  symbols.pop_back();
  EXPECT_FALSE(hit_rate_by_chance(group, symbols, closes)) << "nineteen are too few";
  symbols.push_back("S19");
  history.batch.status = "active";
  EXPECT_FALSE(hit_rate_by_chance(group, symbols, closes));
}

}  // namespace
}  // namespace am::picks
