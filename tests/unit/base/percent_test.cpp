#include "am/base/percent.hpp"

#include <gtest/gtest.h>

namespace am {
namespace {

TEST(Percent, HasASignAndTwoDecimals) {
  EXPECT_EQ(signed_percent(Decimal::of("1.234")), "+1.23");
  EXPECT_EQ(signed_percent(Decimal::of("-0.5")), "-0.50");
  EXPECT_EQ(signed_percent(Decimal::of("-0.004")), "0.00");
  EXPECT_EQ(signed_percent(std::nullopt), "n/a");
  EXPECT_EQ(pretty_percent(Decimal::of("-0.5")), "\u22120.50 %");
  EXPECT_EQ(pretty_percent(Decimal::of("0")), "0.00 %");
  EXPECT_EQ(pretty_percent(std::nullopt), "n/a");
}

TEST(Percent, IsShorterWhereThereIsNoRoom) {
  EXPECT_EQ(short_percent(Decimal::of("-0.04")), "0.0");
  EXPECT_EQ(short_percent(Decimal::of("-99.94")), "\u221299.9");
  EXPECT_EQ(short_percent(Decimal::of("123.4")), "+123");
}

TEST(Percent, HasTheToneOfItsSign) {
  EXPECT_EQ(tone_of(Decimal::of("0.001")), "");
  EXPECT_EQ(tone_of(Decimal::of("-0.001")), "");
  EXPECT_EQ(tone_of(Decimal::of("0")), "");
  EXPECT_EQ(tone_of(std::nullopt), "");
}

}  // namespace
}  // namespace am
