#include <gmock/gmock.h>

#include "am/base/error.hpp"
#include "am/strategy/strategy.hpp"
#include "support/error_of.hpp"
#include "support/strategy_bars.hpp"

namespace am::strategy {
namespace {

using test::bar_at;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::unique_ptr<Strategy> made(const std::string& code, const std::string& params = "{}") {
  return make_builtin({.name = "x", .code = code, .params = params}, "AAPL");
}

/// "3B" for a buy at the fourth close.
std::vector<std::string> asked(Strategy& strategy, const std::vector<double>& closes) {
  std::vector<std::string> all;
  std::vector<Intent> intents;
  for (std::size_t i = 0; i < closes.size(); ++i) {
    strategy.on_bar(bar_at(static_cast<int>(i), closes[i]), {}, intents);
    for (const Intent& intent : intents) {
      EXPECT_EQ(intent.price, closes[i]);
      all.push_back(std::to_string(i) + (intent.side == Side::buy ? "B" : "S"));
    }
    intents.clear();
  }
  return all;
}

TEST(Mock, SaysWhatItSeesAndAsksForNothing) {
  std::vector<std::string> lines;
  const auto keep = [](void* into, std::string_view line) {
    static_cast<std::vector<std::string>*>(into)->emplace_back(line);
  };
  const auto mock = make_builtin({.name = "x", .code = "mock"}, "AAPL", keep, &lines);
  std::vector<Intent> intents;
  mock->on_bar(bar_at(0, 185.25), {}, intents);
  mock->on_bar(bar_at(1, 100), {}, intents);
  mock->on_trade({.at = 1, .price = 0.00001, .size = 1}, {}, intents);
  EXPECT_THAT(lines, ElementsAre("[MOCK] AAPL closed at 185.25", "[MOCK] AAPL closed at 100.0",
                                 "[MOCK] AAPL trade at 0.00001"));
  EXPECT_THAT(intents, IsEmpty());
}

TEST(SmaCross, AsksWhereTheSideOfTheAverageChanges) {
  const auto strategy = made("sma_cross", R"({"period": 3})");
  EXPECT_EQ(strategy->warm_up_bars(), 3);
  EXPECT_THAT(asked(*strategy, {10, 10, 13, 12.5, 9, 8, 12}), ElementsAre("4S", "6B"));
}

TEST(SmaCross, OnTheAverageItKeepsTheOldSide) {
  const auto strategy = made("sma_cross", R"({"period": 2})");
  EXPECT_THAT(asked(*strategy, {10, 12, 12, 12, 14, 14, 13, 13, 12}), ElementsAre("6S"));
}

TEST(SmaCross, AsksForItsQuantity) {
  const auto strategy = made("sma_cross", R"({"period": 2, "quantity": 0.25})");
  std::vector<Intent> intents;
  for (const double close : {10.0, 12.0, 9.0}) strategy->on_bar(bar_at(0, close), {}, intents);
  ASSERT_THAT(intents, testing::SizeIs(1));
  EXPECT_EQ(intents[0].quantity, 0.25);
}

TEST(RsiReversion, BuysWhatFellTooFastAndSellsWhatRose) {
  const auto strategy = made("rsi_reversion", R"({"period": 2, "low": 30, "high": 70})");
  EXPECT_EQ(strategy->warm_up_bars(), 3);
  EXPECT_THAT(asked(*strategy, {10, 11, 10.5, 9, 8, 8.2, 10, 11, 12}), ElementsAre("3B", "6S"));
}

TEST(Momentum, FollowsAMoveBeyondItsThreshold) {
  const auto strategy = made("momentum", R"({"lookback": 2, "threshold_pct": 10})");
  EXPECT_EQ(strategy->warm_up_bars(), 3);
  EXPECT_THAT(asked(*strategy, {10, 10, 12, 12, 12, 10, 9, 12, 13}), ElementsAre("5S", "8B"));
}

TEST(Builtins, RefuseWhatTheyDoNotKnow) {
  const auto said = [](const std::string& code, const std::string& params) {
    const Error error = test::error_of([&] { (void)made(code, params); });
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.message() + (error.hint().empty() ? "" : " | " + error.hint());
  };
  EXPECT_EQ(
      said("sma_cros", "{}"),
      "builtin 'sma_cros': there is no such strategy (expected mock, sma_cross, rsi_reversion, momentum) | did you "
      "mean sma_cross?");
  EXPECT_EQ(
      said("sma_cross", R"({"perod": 15})"),
      "sma_cross params: 'perod': there is no such parameter (expected period, quantity) | did you mean period?");
  EXPECT_EQ(said("mock", R"({"a": 1})"), "mock params: 'a': there is no such parameter (it has none)");
  EXPECT_EQ(said("sma_cross", R"({"period": 0})"),
            "sma_cross params: period: expected a whole number from 1 to 100000 (got 0)");
  EXPECT_EQ(said("sma_cross", R"({"period": 1.5})"),
            "sma_cross params: period: expected a whole number from 1 to 100000 (got 1.5)");
  EXPECT_EQ(said("sma_cross", R"({"period": "15"})"),
            "sma_cross params: period: expected a whole number from 1 to 100000 (got \"15\")");
  EXPECT_THAT(said("sma_cross", R"({"quantity": -1})"), HasSubstr("quantity: expected a number above 0"));
  EXPECT_THAT(said("sma_cross", R"({"quantity": 1e300})"), HasSubstr("below 10^12 (got 1e+300)"));
  EXPECT_THAT(said("sma_cross", "[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(said("rsi_reversion", R"({"low": 70, "high": 30})"), HasSubstr("low: expected below high"));
  EXPECT_THAT(said("momentum", R"({"threshold_pct": 101})"), HasSubstr("a number from 0 to 100"));
}

}  // namespace
}  // namespace am::strategy
