#include "am/market/price.hpp"

#include <string>

#include <gtest/gtest.h>

namespace am::market {
namespace {

std::string refusal(std::string_view text) {
  const auto price = parse_price(text);
  return price ? "" : price.error().reason;
}

TEST(Price, IsFromAMillionthToTenMillion) {
  for (const char* good : {"0.000001", "1e-6", "0.0000010", "0.01", "1.50", "745000.00", "10000000",
                           "10000000.00", "1e7", "0.00000123456789012345678901234567890123"}) {
    EXPECT_EQ(refusal(good), "") << good;
  }
  const std::string range = "cannot be right (expected 0.000001 to 10000000)";
  for (const char* bad : {"1e-99", "1e-400", "1e400", "1e5999", "0.00000099999999", "10000000.01", "1e-5999"})
    EXPECT_EQ(refusal(bad), range) << bad;
  for (const char* bad : {"0", "0.00", "-1", "-1e-99", "-1e400"})
    EXPECT_EQ(refusal(bad), "is not above zero") << bad;
  for (const char* bad : {"", "N/D", "NaN", "Infinity", "-Infinity", "1e6001", "1e-6001", " 1", "1,5"})
    EXPECT_EQ(refusal(bad), "is not a number") << bad;
}

TEST(ShortNumber, IsReadableWhateverItsExponent) {
  EXPECT_EQ(short_number("5.942432683379758588672237697307335"), "5.942432683379758588672237697307335");
  EXPECT_EQ(short_number("NaN"), "NaN");
  for (const char* text :
       {"1e-99", "-1e-400", "1e400", "1.25e5999", "-9.75e-5998", "1.234567890123456789012345678901234e90"})
    EXPECT_EQ(short_number(Decimal::of(text).to_string()), text);
  EXPECT_EQ(short_number("0." + std::string(80, '0')), "0");
  EXPECT_LT(short_number(std::string(5000, '7')).size(), 80U);
  EXPECT_LT(short_number(std::string(5000, 'x')).size(), 80U);
}

TEST(Price, IsKeptToTheDigitAndReadBack) {
  for (const char* text : {"0.000001", "1.10", "9999999.999999999999999999999999999", "10000000"}) {
    EXPECT_EQ(parse_price(text)->to_string(), text);
    EXPECT_EQ(parse_price(parse_price(text)->to_string())->to_string(), text);
  }
}

}  // namespace
}  // namespace am::market
