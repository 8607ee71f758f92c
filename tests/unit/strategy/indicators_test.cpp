#include "am/strategy/indicators.hpp"

#include <cmath>

#include <gmock/gmock.h>

#include "am/base/error.hpp"
#include "support/error_of.hpp"
#include "support/strategy_bars.hpp"

namespace am::strategy {
namespace {

using test::walk;

TEST(Sma, IsTheMeanOfTheLast) {
  Sma sma(3);
  sma.add(1);
  sma.add(2);
  EXPECT_FALSE(sma.ready());
  sma.add(6);
  EXPECT_TRUE(sma.ready());
  EXPECT_EQ(sma.value(), 3);
  sma.add(10);
  EXPECT_EQ(sma.value(), 6);
}

TEST(Ema, BeginsWithTheMeanOfTheFirst) {
  Ema ema(3);
  for (const double value : {1.0, 2.0, 6.0}) ema.add(value);
  EXPECT_TRUE(ema.ready());
  EXPECT_EQ(ema.value(), 3);
  ema.add(5);
  EXPECT_EQ(ema.value(), 4) << "half of the way";
}

TEST(Rsi, IsWilders) {
  Rsi rsi(2);
  rsi.add(10);
  rsi.add(12);
  EXPECT_FALSE(rsi.ready());
  rsi.add(11);
  EXPECT_TRUE(rsi.ready());
  EXPECT_DOUBLE_EQ(rsi.value(), 100 - 100 / (1 + 1.0 / 0.5));
  rsi.add(11.5);  // gain (1 + 0.5) / 2, loss 0.5 / 2
  EXPECT_DOUBLE_EQ(rsi.value(), 75);
}

TEST(Rsi, WithoutLossIsAHundredAndWithoutMoveFifty) {
  Rsi up(2), still(2);
  for (int i = 1; i < 5; ++i) {
    up.add(i);
    still.add(7);
  }
  EXPECT_EQ(up.value(), 100);
  EXPECT_EQ(still.value(), 50);
}

TEST(Atr, TakesTheCloseBeforeIntoTheRange) {
  Atr atr(2);
  const auto bar = [](double high, double low, double close) {
    return Bar{.open = close, .high = high, .low = low, .close = close};
  };
  atr.add(bar(11, 9, 10));
  atr.add(bar(15, 13, 14));  // from 10: 5
  EXPECT_FALSE(atr.ready());
  atr.add(bar(14, 11, 12));  // 3
  EXPECT_TRUE(atr.ready());
  EXPECT_EQ(atr.value(), 4);
  atr.add(bar(13, 12, 12));  // 1: (4 + 1) / 2
  EXPECT_EQ(atr.value(), 2.5);
}

TEST(Bollinger, IsMeanAndDeviation) {
  Bollinger bands(4, 2);
  for (const double value : {2.0, 4.0, 4.0, 6.0}) bands.add(value);
  EXPECT_TRUE(bands.ready());
  EXPECT_EQ(bands.middle(), 4);
  EXPECT_DOUBLE_EQ(bands.deviation(), std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(bands.upper(), 4 + 2 * std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(bands.lower(), 4 - 2 * std::sqrt(2.0));
}

TEST(Bollinger, OfOnePriceIsFlatHoweverLarge) {
  Bollinger bands(20, 2);
  for (int i = 0; i < 1000; ++i) bands.add(123456.789);
  EXPECT_EQ(bands.deviation(), 0);
}

TEST(Macd, IsReadyWhenItsSignalIs) {
  Macd macd;
  for (int i = 1; i < 34; ++i) macd.add(i);
  EXPECT_FALSE(macd.ready());
  macd.add(34);
  EXPECT_TRUE(macd.ready());
  EXPECT_NEAR(macd.line(), 7, 1e-9) << "of a straight line: half the difference of the periods";
  EXPECT_NEAR(macd.histogram(), 0, 1e-9);
}

// Ten million bars: what is kept bar by bar is what is computed over the window anew.
TEST(Indicators, DoNotDriftInTenMillionBars) {
  constexpr int kBars = 10'000'000, kPeriod = 20;
  Sma sma(kPeriod);
  Bollinger bands(kPeriod);
  std::vector<double> last(kPeriod);
  std::uint64_t state = 1;
  double price = 4000;
  for (int i = 0; i < kBars; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    price += (static_cast<double>(state >> 40U) / (1U << 24U) - 0.5) + (price < 2000     ? 1
                                                                        : price > 90'000 ? -1
                                                                                         : 0);
    // Far away for a while: what is large leaves nothing behind.
    const double seen = i % 1'000'000 < 50 ? price * 1e6 : price;
    sma.add(seen);
    bands.add(seen);
    last[static_cast<std::size_t>(i % kPeriod)] = seen;
  }
  long double mean = 0, squares = 0;
  for (const double value : last) mean += value / static_cast<long double>(kPeriod);
  for (const double value : last) squares += (value - mean) * (value - mean);
  EXPECT_NEAR(sma.value(), static_cast<double>(mean), 1e-9);
  EXPECT_NEAR(bands.middle(), static_cast<double>(mean), 1e-9);
  EXPECT_NEAR(bands.deviation(), static_cast<double>(std::sqrt(squares / kPeriod)), 1e-9);
}

template <class Indicator, class Add>
void expect_same_after_restore(Indicator fresh, const Add& add) {
  const std::vector<Bar> bars = walk(200, 5);
  for (std::size_t cut = 0; cut < 60; ++cut) {
    Indicator first = fresh, second = fresh;
    for (std::size_t i = 0; i < cut; ++i) add(first, bars[i]);
    StateWriter out("x/1");
    first.save(out);
    const std::string state = out.take();
    StateReader in(state, "x/1");
    second.load(in);
    in.end();
    for (std::size_t i = cut; i < bars.size(); ++i) {
      add(first, bars[i]);
      add(second, bars[i]);
    }
    StateWriter a("x/1"), b("x/1");
    first.save(a);
    second.save(b);
    ASSERT_EQ(a.take(), b.take()) << cut;
  }
}

TEST(Indicators, GoOnFromTheirStateToTheBit) {
  const auto close = [](auto& indicator, const Bar& bar) { indicator.add(bar.close); };
  expect_same_after_restore(Sma(15), close);
  expect_same_after_restore(Ema(15), close);
  expect_same_after_restore(Rsi(14), close);
  expect_same_after_restore(Macd(), close);
  expect_same_after_restore(Bollinger(), close);
  expect_same_after_restore(Atr(14), [](Atr& atr, const Bar& bar) { atr.add(bar); });
}

TEST(StateText, RefusesWhatIsAnother) {
  for (const char* text : {"", "y/1", "x/1", "x/1 12", "x/1 00000000000000zz", "x/1 3ff0000000000000 1"}) {
    EXPECT_EQ(test::error_of([&] {
                StateReader in(text, "x/1");
                (void)in.number();
                in.end();
              }).kind(),
              ErrorKind::data)
        << text;
  }
  StateReader in("x/1 5", "x/1");
  EXPECT_EQ(test::error_of([&] { (void)in.integer(0, 4); }).kind(), ErrorKind::data);
}

TEST(Indicators, RefuseAPeriodThatCannotBe) {
  EXPECT_EQ(test::error_of([] { (void)Sma(0); }).kind(), ErrorKind::usage);
  EXPECT_EQ(test::error_of([] { (void)Rsi(100'001); }).kind(), ErrorKind::usage);
  EXPECT_EQ(test::error_of([] { (void)Macd(26, 12); }).kind(), ErrorKind::usage);
}

}  // namespace
}  // namespace am::strategy
