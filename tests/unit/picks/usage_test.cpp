// What a batch's answers cost.

#include "am/picks/usage.hpp"

#include <gtest/gtest.h>

#include "support/error_of.hpp"

namespace am::picks {
namespace {

const BatchUsage kUsage{.model = "gpt-4o-mini",
                        .answers = 2,
                        .complete = true,
                        .prompt_tokens = 1310,
                        .cached_tokens = 1024,
                        .completion_tokens = 190};

TEST(TokenPrices, AreThreeNumbers) {
  EXPECT_FALSE(TokenPrices::of("", "m").has_value());
  const auto prices = TokenPrices::of("0.15, 0.075,0.60", "m");
  ASSERT_TRUE(prices.has_value());
  EXPECT_EQ(prices->input.to_string(), "0.15");
  EXPECT_EQ(prices->cached.to_string(), "0.075");
  EXPECT_EQ(prices->output.to_string(), "0.60");
  for (const char* bad :
       {"1", "1,2", "1,2,3,4", "1,2,", "1,,2", "-1,2,3", "1,2,x", "1,2,nan", "1;2;3", "1000001,1,1"}) {
    const Error error = test::error_of([&] { TokenPrices::of(bad, "m"); });
    EXPECT_EQ(error.kind(), ErrorKind::config) << bad;
    EXPECT_TRUE(error.message().starts_with(
        "openai.prices: expected input,cached,output in dollars per million tokens"));
  }
}

TEST(Dollars, AreExactAndCountCachedTokensOnce) {
  const auto prices = TokenPrices::of("0.15,0.075,0.60", "gpt-4o-mini");
  // (286 · 0.15 + 1024 · 0.075 + 190 · 0.60) / 1,000,000
  EXPECT_EQ(*dollars(kUsage, *prices), Decimal::of("0.0002337"));
  BatchUsage odd = kUsage;
  odd.cached_tokens = 5000;  // more than there were
  EXPECT_EQ(*dollars(odd, *prices), Decimal::of("0.00021225"));
}

TEST(Dollars, AreUnknownForAnotherModelAndForAnAnswerWithoutUsage) {
  EXPECT_FALSE(dollars(kUsage, *TokenPrices::of("1,1,1", "gpt-5")).has_value());
  BatchUsage unknown = kUsage;
  unknown.complete = false;
  EXPECT_FALSE(dollars(unknown, *TokenPrices::of("1,1,1", "gpt-4o-mini")).has_value());
}

}  // namespace
}  // namespace am::picks
