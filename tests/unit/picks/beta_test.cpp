#include "am/picks/beta.hpp"

#include <gtest/gtest.h>

#include "am/market/calendar.hpp"

namespace am::picks {
namespace {

constexpr Date kBaseline{2000, 1, 7};

/// Closes of so many sessions up to the baseline: the index moves by a known little, a stock by `slope` times that, and by
/// one in a thousand besides.
market::Series walk(int sessions, int slope_tenths, bool of_index = false) {
  market::Series series;
  std::vector<Date> days{kBaseline};
  while (static_cast<int>(days.size()) < sessions) days.push_back(market::previous_session(days.back()));
  std::reverse(days.begin(), days.end());
  Decimal close(100);
  const Date anchor(1999, 1, 4);
  for (const Date day : days) {
    const long long move = ((day - anchor) * 37) % 21 - 10;  // the same for all series, in thousandths
    const long long tenths = of_index ? 10 * move : slope_tenths * move + 10;
    close = close * (Decimal(1) + Decimal(tenths) * Decimal::of("0.0001"));
    series.closes.push_back({day, close});
  }
  return series;
}

const Beta& beta_of(Betas& betas, const std::string& symbol, Date baseline = kBaseline) {
  return betas.of(symbol, "SPX", baseline);
}

TEST(Betas, AreTheSlopeDrawnAThirdToOne) {
  const ClosesBySymbol closes{{"SPX", walk(120, 0, true)}, {"A", walk(120, 16)}, {"B", walk(120, -2)}};
  Betas betas(closes, {kBaseline});
  EXPECT_EQ(beta_of(betas, "A").returns, kBetaReturns);
  EXPECT_EQ(beta_of(betas, "A").slope->to_fixed(20), "1.60000000000000000000");
  EXPECT_EQ(beta_of(betas, "A").value.to_string(), "1.400000");
  EXPECT_EQ(beta_of(betas, "B").value.to_string(), "0.200000");
  EXPECT_EQ(betas.of("SPX", "SPX", kBaseline).value, Decimal(1));
}

TEST(Betas, NeedSixtyReturns) {
  const ClosesBySymbol closes{{"SPX", walk(120, 0, true)}, {"A", walk(61, 16)}, {"B", walk(60, 16)}};
  Betas betas(closes, {kBaseline});
  EXPECT_EQ(beta_of(betas, "A").returns, 60);
  EXPECT_TRUE(beta_of(betas, "A").slope);
  EXPECT_EQ(beta_of(betas, "B").returns, 59);
  EXPECT_FALSE(beta_of(betas, "B").slope);
  EXPECT_EQ(beta_of(betas, "B").value, Decimal(1));
  EXPECT_EQ(beta_of(betas, "NEVER").value, Decimal(1));
  EXPECT_EQ(beta_of(betas, "A", kBaseline - 7).value, Decimal(1)) << "not one of the baselines";
}

TEST(Betas, OfAnIndexThatStandsStillAreOne) {
  ClosesBySymbol closes{{"SPX", walk(120, 0, true)}, {"A", walk(120, 16)}};
  for (market::Close& close : closes["SPX"].closes) close.close = 100;
  Betas still(closes, {kBaseline});
  EXPECT_EQ(beta_of(still, "A").value, Decimal(1));
  EXPECT_EQ(beta_of(still, "A").returns, kBetaReturns);
  Decimal close(100);
  for (market::Close& one : closes["SPX"].closes) one.close = close = close * Decimal::of("1.01");
  Betas steady(closes, {kBaseline});
  EXPECT_EQ(beta_of(steady, "A").value, Decimal(1)) << "the same every day";
}

TEST(Betas, HoldNoLaterAndNoOlderClose) {
  ClosesBySymbol closes{{"SPX", walk(300, 0, true)}, {"A", walk(300, 16)}};
  const Date early = market::previous_session(market::previous_session(kBaseline));
  Betas before(closes, {early});
  const Beta expected = beta_of(before, "A", early);
  closes["A"].closes.back().close = 7;
  closes["A"].closes.erase(closes["A"].closes.begin(), closes["A"].closes.begin() + 200);
  Betas after(closes, {early, kBaseline});
  EXPECT_EQ(beta_of(after, "A", early).value.to_string(), expected.value.to_string());
  EXPECT_EQ(beta_of(after, "A", early).slope->to_string(), expected.slope->to_string());
  EXPECT_NE(beta_of(after, "A").value, expected.value);
}

TEST(Betas, MovedAlongAreThoseTakenAnew) {
  const ClosesBySymbol closes{{"SPX", walk(400, 0, true)}, {"A", walk(400, 13)}};
  ClosesBySymbol holed = closes;
  for (const int at : {355, 350, 340, 200, 90}) holed["A"].closes.erase(holed["A"].closes.begin() + at);
  std::vector<Date> baselines;
  for (Date day = kBaseline; baselines.size() < 40; day = day - 5)
    baselines.push_back(day);  // some no sessions
  Betas moved(holed, baselines);
  for (const Date baseline : baselines) {
    Betas anew(holed, {baseline});
    EXPECT_EQ(beta_of(moved, "A", baseline).returns, beta_of(anew, "A", baseline).returns)
        << baseline.to_string();
    EXPECT_EQ(beta_of(moved, "A", baseline).value, beta_of(anew, "A", baseline).value);
    EXPECT_EQ(beta_of(moved, "A", baseline).slope, beta_of(anew, "A", baseline).slope)
        << baseline.to_string();
  }
}

TEST(Betas, DoNotFeelTheScaleOfAPrice) {
  ClosesBySymbol closes{{"SPX", walk(120, 0, true)}, {"A", walk(120, 7)}};
  Betas betas(closes, {kBaseline});
  ClosesBySymbol scaled = closes;
  for (market::Close& close : scaled["A"].closes) close.close = close.close * Decimal::of("0.1");
  Betas of_scaled(scaled, {kBaseline});
  EXPECT_EQ(beta_of(of_scaled, "A").value, beta_of(betas, "A").value);
}

TEST(Betas, KnowEverySpelling) {
  const ClosesBySymbol closes{{"SPX", walk(120, 0, true)}, {"BRK.B", walk(120, 16)}};
  Betas betas(closes, {kBaseline});
  EXPECT_EQ(betas.of("BRK-B", "spx", kBaseline).value.to_string(), "1.400000");
}

}  // namespace
}  // namespace am::picks
