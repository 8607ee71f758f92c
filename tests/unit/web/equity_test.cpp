// What a session earned by moments, and its drawing.

#include <gtest/gtest.h>

#include "support/html.hpp"
#include "web/strategy/equity_chart.hpp"

namespace am::web {
namespace {

Instant minute(int n) { return *parse_rfc3339("2026-01-26T14:30:00Z") + std::chrono::minutes(n); }

EquityStep step(int at, bool bought, const char* price, const char* cash, const char* held) {
  return {minute(at), bought, Decimal(1), Decimal::of(price), Decimal::of(cash), Decimal::of(held)};
}

std::vector<std::string> earned(const std::vector<EquityPoint>& curve) {
  std::vector<std::string> out;
  for (const EquityPoint& point : curve)
    out.push_back(point.earned.to_fixed(2) + " -" + point.below.to_fixed(2));
  return out;
}

TEST(EquityCurve, IsCashAndWhatIsHeldAtTheLastPrice) {
  const std::vector<EquityStep> steps{step(1, true, "100", "-100.10", "1"),
                                      step(5, false, "90", "-10.20", "0")};
  const std::vector<EquityMark> marks{{minute(0), Decimal(1)},
                                      {minute(2), Decimal(120)},
                                      {minute(3), Decimal(110)},
                                      {minute(6), Decimal(500)}};
  EXPECT_EQ(earned(equity_curve(minute(-1), steps, marks)),
            (std::vector<std::string>{"0.00 -0.00", "0.00 -0.00", "-0.10 -0.10", "19.90 -0.00", "9.90 -10.00",
                                      "-10.20 -30.10", "-10.20 -30.10"}));
  EXPECT_EQ(max_drawdown(equity_curve(minute(-1), steps, marks)).to_fixed(2), "30.10");
}

TEST(EquityCurve, BeginsNoLaterThanItsFirstTradeAndGoesForwardOnly) {
  const std::vector<EquityStep> steps{step(1, true, "100", "-100", "1")};
  const std::vector<EquityPoint> curve =
      equity_curve(minute(9), steps, {{minute(1), Decimal(7)}, {minute(2), Decimal(101)}});
  ASSERT_EQ(curve.size(), 3U);
  EXPECT_EQ(curve[0].at, minute(1));
  EXPECT_EQ(curve[1].trade, steps.data());
  EXPECT_EQ(curve[2].earned, Decimal(1));
  EXPECT_TRUE(equity_curve(minute(0), {}, {{minute(1), Decimal(1)}}).empty());
  EXPECT_TRUE(max_drawdown({}).is_zero());
}

TEST(EquityChart, IsOneDrawingWithItsDescription) {
  const std::vector<EquityStep> steps{step(1, true, "100", "-100", "1"), step(60, false, "90", "-10", "0")};
  const std::vector<EquityPoint> curve = equity_curve(minute(0), steps, {});
  for (const EquitySize size : {EquitySize::wide, EquitySize::narrow}) {
    const std::string svg = draw_equity("e", curve, size);
    EXPECT_EQ(test::html_problems(svg), std::vector<std::string>());
    EXPECT_NE(
        svg.find(
            "From 2026-01-26 09:30 EST to 2026-01-26 10:30 EST it earned −$10.00; at its lowest it was $10.00 below"),
        svg.npos);
    EXPECT_NE(svg.find("BUY 1 at 100"), svg.npos);
    EXPECT_NE(svg.find("SELL 1 at 90"), svg.npos);
    EXPECT_NE(svg.find(">09:30<"), svg.npos);
  }
  EXPECT_EQ(draw_equity("e", {}, EquitySize::wide), "");
}

TEST(EquityChart, StandsWhatCannotBeDrawnToScale) {
  const std::vector<EquityStep> steps{step(0, true, "1e18", "-1e20", "9e9"),
                                      step(0, false, "0.000000001", "1e25", "0")};
  EXPECT_EQ(test::html_problems(draw_equity("e", equity_curve(minute(0), steps, {}), EquitySize::wide)),
            std::vector<std::string>());
}

}  // namespace
}  // namespace am::web
