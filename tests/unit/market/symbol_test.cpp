#include "am/market/symbol.hpp"

#include <gtest/gtest.h>

#include "am/market/stooq.hpp"

namespace am::market {
namespace {

TEST(Symbol, HasOneCanonicalForm) {
  for (const char* spelling : {"BRK.B", "BRK-B", "BRK/B", "brk.b", "brk-b"})
    EXPECT_EQ(canonical_symbol(spelling), "BRK.B") << spelling;
  for (const char* one_letter : {"F.B", "F-B", "F/B", "f-b"})
    EXPECT_EQ(canonical_symbol(one_letter), "F.B") << one_letter;
  for (const char* plain : {"XOM", "A", "^SPX", "TSCO.LON", "BRK-", ".B", "-", "", "EUR/USD", "BRK.1"})
    EXPECT_EQ(canonical_symbol(plain), plain);
  EXPECT_EQ(symbol_with_class_after('-', "bf.b"), "BF-B");
  EXPECT_EQ(symbol_with_class_after('-', "f.b"), "F-B");
  EXPECT_EQ(symbol_with_class_after('-', "tsco.lon"), "TSCO.LON");
}

TEST(Symbol, TellsSharesApart) {
  EXPECT_TRUE(is_same_share("BRK.B", "BRK-B"));
  EXPECT_TRUE(is_same_share("spy", "SPY"));
  EXPECT_FALSE(is_same_share("BRK.A", "BRK.B"));
  EXPECT_FALSE(is_same_share("GOOG", "GOOGL"));
  EXPECT_FALSE(is_same_share("BRKB", "BRK.B")) << "another ticker, as far as anybody knows";
}

TEST(Symbol, KnowsItsSpellings) {
  EXPECT_EQ(spellings_of("BRK-B"), (std::vector<std::string>{"BRK.B", "BRK-B", "BRK/B"}));
  EXPECT_EQ(spellings_of("XOM"), std::vector<std::string>{"XOM"});
  EXPECT_EQ(spellings_of("spy"), (std::vector<std::string>{"SPY", "spy"}));
}

TEST(StooqSymbol, IsMadeFromTheCanonicalForm) {
  EXPECT_EQ(stooq_symbol("BRK.B"), "brk-b.us");
  EXPECT_EQ(stooq_symbol("BRK-B"), "brk-b.us");
  EXPECT_EQ(stooq_symbol("F.B"), "f-b.us");
  EXPECT_EQ(stooq_symbol("^SPX"), "^spx");
}

}  // namespace
}  // namespace am::market
