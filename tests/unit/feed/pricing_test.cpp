#include "am/feed/pricing.hpp"

#include <gtest/gtest.h>

using am::Decimal;
using am::feed::Margins;
using am::feed::parse_rules;
using am::feed::price_of;
using am::feed::PricingRule;
using am::feed::StoneType;

namespace {

std::string price(const char* feed_price, StoneType type = StoneType::natural,
                  std::vector<PricingRule> rules = {}) {
  const auto pricing = price_of(type, Decimal::of(feed_price), rules, Margins{});
  return pricing ? pricing->price.to_string() : pricing.error().reason;
}

PricingRule rule(long long id, const char* modifier, std::optional<StoneType> type = {}) {
  return {.id = id, .stone_type = type, .margin_modifier = Decimal::of(modifier)};
}

}  // namespace

TEST(StonePrice, IsTheFeedsAndTheMarginOfItsType) {
  EXPECT_EQ(price("1234.56"), "1728.38");  // 1728.384
  EXPECT_EQ(price("1000.00", StoneType::lab), "1790.00");
  EXPECT_EQ(price("1000.00", StoneType::fancy), "1400.00");
}

TEST(StonePrice, IsRoundedHalfUpToCents) {
  EXPECT_EQ(price("0.25", StoneType::natural, {rule(1, "-38")}),
            "0.26");  // 0.255; half-even would say the same
  EXPECT_EQ(price("0.25", StoneType::natural, {rule(1, "-42")}), "0.25");  // 0.245: half-even would say 0.24
  EXPECT_EQ(price("1.50", StoneType::natural, {rule(1, "-43")}), "1.46");  // 1.455
  EXPECT_EQ(price("1.49", StoneType::natural, {rule(1, "-40")}), "1.49");
  EXPECT_EQ(price("999999999.99"), "1399999999.99");  // …99.986
}

TEST(StonePrice, TheFirstRuleThatFitsChangesTheMargin) {
  PricingRule dear = rule(2, "10");
  dear.price_min = Decimal::of("5000");
  PricingRule off = rule(1, "50");
  off.active = false;
  PricingRule lab = rule(3, "-9", StoneType::lab);
  const std::vector<PricingRule> rules = {off, dear, lab, rule(4, "1")};
  EXPECT_EQ(price("5000.00", StoneType::lab, rules), "9450.00");
  EXPECT_EQ(price("4999.99", StoneType::lab, rules), "8499.98");
  EXPECT_EQ(price("100.00", StoneType::natural, rules), "141.00");
  EXPECT_EQ(price_of(StoneType::lab, Decimal(100), rules, {})->rule, 3);
}

TEST(StonePrice, ANegativePriceIsRefused) {
  EXPECT_EQ(price("100", StoneType::natural, {rule(1, "-140")}), "0.00");
  EXPECT_NE(price("100", StoneType::natural, {rule(1, "-140.001")}).find("below -100"), std::string::npos);
}

TEST(PricingRules, AreReadWithEveryProblemByItsLine) {
  const auto rules = parse_rules(
      "priority,stone_type,price_min,price_max,margin_modifier,rating,active\n1,lab,,1000,-5.5,A,\n2,,10.50,,3,,false\n",
      "r.csv");
  ASSERT_TRUE(rules) << rules.error().reason;
  ASSERT_EQ(rules->size(), 2U);
  EXPECT_EQ((*rules)[0].stone_type, StoneType::lab);
  EXPECT_EQ((*rules)[0].price_max->to_string(), "1000");
  EXPECT_EQ((*rules)[0].rating, "A");
  EXPECT_FALSE((*rules)[1].active);
  const auto bad = parse_rules(
      "priority,margin_modifier,stone_type,price_min,price_max\nx,1,ruby,,\n1,NaN,,9,8\n", "r.csv");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().reason,
            "r.csv:2: priority: expected a whole number from 0 on, got 'x'\n"
            "r.csv:2: stone_type: expected natural, lab, fancy or nothing, got 'ruby'\n"
            "r.csv:3: price_max: expected a price not below price_min, got '8'\n"
            "r.csv:3: margin_modifier: expected percent from -100 to 1000, with 3 places at most, got 'NaN'");
  EXPECT_NE(parse_rules("priority,modifier\n1,2\n", "r.csv").error().reason.find("unknown column 'modifier'"),
            std::string::npos);
}
