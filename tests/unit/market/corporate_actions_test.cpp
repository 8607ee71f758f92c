#include "am/market/corporate_actions.hpp"

#include <gtest/gtest.h>

namespace am::market {
namespace {

CorporateAction split(const char* symbol, const char* day, const char* ratio) {
  return {.symbol = symbol, .day = Date::of(day), .kind = ActionKind::split, .ratio = *parse_ratio(ratio)};
}
CorporateAction rename(const char* symbol, const char* day, const char* to) {
  return {.symbol = symbol, .day = Date::of(day), .kind = ActionKind::rename, .new_symbol = to};
}
CorporateAction delisted(const char* symbol, const char* day, const char* price) {
  return {.symbol = symbol, .day = Date::of(day), .kind = ActionKind::delisted, .price = Decimal::of(price)};
}

Decimal factor(const std::vector<CorporateAction>& actions, const char* from, const char* to,
               const char* symbol = "KO") {
  return factor_between(actions, symbol, Date::of(from), Date::of(to));
}

Series series(std::initializer_list<std::pair<const char*, const char*>> closes) {
  Series all;
  for (const auto& [day, close] : closes) all.closes.push_back({Date::of(day), Decimal::of(close)});
  return all;
}

std::string text(const Series& series) {
  std::string all;
  for (const Close& close : series.closes)
    all += close.day.to_string() + " " + close.close.to_string() + "\n";
  return all;
}

TEST(ParseRatio, TakesNumbersAndNewForOld) {
  EXPECT_EQ(*parse_ratio("10"), Decimal(10));
  EXPECT_EQ(*parse_ratio("10:1"), Decimal(10));
  EXPECT_EQ(*parse_ratio("3:2"), Decimal::of("1.5"));
  EXPECT_EQ(*parse_ratio("1:10"), Decimal::of("0.1"));
  EXPECT_EQ(parse_ratio("1:3")->to_string(), "0.3333333333333333333333333333333333");
  EXPECT_EQ(*parse_ratio("1"), Decimal(1));
  for (const char* bad : {"", ":", "10:", ":1", "ten", "10:1:1", "10/1", " 10", "nan"}) {
    const auto ratio = parse_ratio(bad);
    ASSERT_FALSE(ratio) << bad;
    EXPECT_TRUE(ratio.error().reason.starts_with("is not a ratio")) << bad;
  }
  for (const char* wild :
       {"0", "-2", "1:0", "0:1", "-1:-2", "1000000", "0.000001", "1:1000000", "99999:0.0001"}) {
    const auto ratio = parse_ratio(wild);
    ASSERT_FALSE(ratio) << wild;
    EXPECT_TRUE(ratio.error().reason.starts_with("cannot be right")) << wild;
  }
}

TEST(Factor, ASplitCountsFromItsOwnDayOn) {
  const std::vector actions = {split("KO", "2026-10-07", "10")};
  EXPECT_EQ(factor(actions, "2026-10-02", "2026-10-06"), Decimal(1));
  EXPECT_EQ(factor(actions, "2026-10-02", "2026-10-07"), Decimal(10));
  EXPECT_EQ(factor(actions, "2026-10-06", "2026-10-23"), Decimal(10));
  EXPECT_EQ(factor(actions, "2026-10-07", "2026-10-08"), Decimal(1)) << "it is in the close of its own day";
  EXPECT_EQ(factor(actions, "2026-10-07", "2026-10-02"), Decimal::of("0.1"));
  EXPECT_EQ(factor(actions, "2026-10-02", "2026-10-07", "IBM"), Decimal(1));
  EXPECT_EQ(factor(actions, "2026-10-02", "2026-10-07", "ko"), Decimal(10)) << "any spelling";
}

TEST(Factor, SeveralSplitsMultiply) {
  const std::vector actions = {split("KO", "2026-10-14", "1:10"), split("KO", "2026-10-07", "3:2"),
                               split("KO", "2020-01-02", "7")};
  EXPECT_EQ(factor(actions, "2026-10-02", "2026-10-13"), Decimal::of("1.5"));
  EXPECT_EQ(factor(actions, "2026-10-02", "2026-10-14"), Decimal::of("0.15"));
  const auto both = splits_between(actions, "KO", Date::of("2026-10-02"), Date::of("2026-10-14"));
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both.front().day, Date::of("2026-10-07"));
}

TEST(Rename, TheShareGoesOnUnderItsNewSymbol) {
  const std::vector actions = {rename("FB", "2022-06-09", "META"), rename("META", "2022-06-15", "MVRS"),
                               split("META", "2022-06-10", "2"),   split("FB", "2022-07-01", "5"),
                               split("META", "2022-06-01", "3"),   split("MVRS", "2022-07-04", "4")};
  const Date from = Date::of("2022-06-03");
  EXPECT_EQ(symbol_on(actions, "FB", from, Date::of("2022-06-08")), "FB");
  EXPECT_EQ(symbol_on(actions, "FB", from, Date::of("2022-06-09")), "META");
  EXPECT_EQ(symbol_on(actions, "FB", from, Date::of("2022-06-20")), "MVRS");
  EXPECT_EQ(symbol_on(actions, "FB", Date::of("2022-06-09"), Date::of("2022-06-20")), "FB")
      << "who is called so after the rename is another share";
  EXPECT_EQ(factor(actions, "2022-06-03", "2022-06-09", "FB"), Decimal(1));
  EXPECT_EQ(factor(actions, "2022-06-03", "2022-06-10", "FB"), Decimal(2));
  EXPECT_EQ(factor(actions, "2022-06-03", "2022-08-01", "FB"), Decimal(8))
      << "the next FB's split is not its own";
}

TEST(Rename, ASplitOnItsDayCountsOnceUnderWhicheverSymbol) {
  for (const auto& told :
       {std::vector{split("FB", "2022-06-09", "1:20")}, std::vector{split("META", "2022-06-09", "1:20")},
        std::vector{split("FB", "2022-06-09", "1:20"), split("META", "2022-06-09", "1:20")}}) {
    std::vector actions = told;
    actions.push_back(rename("FB", "2022-06-09", "META"));
    EXPECT_EQ(factor(actions, "2022-06-03", "2022-06-09", "FB"), Decimal::of("0.05"));
  }
}

TEST(Rename, ACircleEnds) {
  const std::vector actions = {rename("A", "2022-06-09", "B"), rename("B", "2022-06-10", "A"),
                               rename("C", "2022-06-09", "C")};
  EXPECT_EQ(symbol_on(actions, "A", Date::of("2022-06-03"), Date::of("2022-07-01")), "A");
  EXPECT_EQ(symbol_on(actions, "C", Date::of("2022-06-03"), Date::of("2022-07-01")), "C");
}

TEST(EndOfListing, IsFoundUnderTheSymbolThatItHadThen) {
  const std::vector actions = {delisted("TWTR", "2022-10-28", "54.20"), rename("T1", "2022-10-03", "TWTR")};
  const Date from = Date::of("2022-10-01");
  EXPECT_FALSE(end_of_listing(actions, "TWTR", from, Date::of("2022-10-27")));
  EXPECT_EQ(end_of_listing(actions, "TWTR", from, Date::of("2022-10-28"))->price, Decimal::of("54.20"));
  EXPECT_EQ(end_of_listing(actions, "T1", from, Date::of("2022-11-28"))->day, Date::of("2022-10-28"));
  EXPECT_FALSE(end_of_listing(actions, "T1", Date::of("2022-11-01"), Date::of("2022-11-28")));
}

TEST(Adjusted, IsTheSeriesThatASplitAdjustedFileHas) {
  const Series raw = series(
      {{"2026-10-05", "102.3"}, {"2026-10-06", "102.4"}, {"2026-10-07", "10.25"}, {"2026-10-08", "10.26"}});
  const std::vector actions = {split("KO", "2026-10-07", "10"), split("IBM", "2026-10-06", "2")};
  EXPECT_EQ(text(adjusted(raw, actions, "KO", Date::of("2026-10-05"))),
            "2026-10-05 102.3\n2026-10-06 102.4\n2026-10-07 102.50\n2026-10-08 102.60\n");
  const Series newest = adjusted(raw, actions, "KO", Date::of("2026-10-08"));
  EXPECT_EQ(*newest.find(Date::of("2026-10-05")), Decimal::of("10.23"));
  EXPECT_EQ(*newest.find(Date::of("2026-10-07")), Decimal::of("10.25"));
  EXPECT_EQ(text(adjusted(raw, actions, "T", Date::of("2026-10-05"))), text(raw));
  EXPECT_EQ(text(adjusted(newest, actions, "KO", Date::of("2026-10-08"))), text(newest)) << "once is enough";
  EXPECT_EQ(text(adjusted({}, actions, "KO", Date::of("2026-10-05"))), "");
}

TEST(Adjusted, TakesACloseByTheBasisThatItWasFetchedOn) {
  Series cached = series({{"2026-10-05", "102.3"}, {"2026-10-06", "10.24"}, {"2026-10-07", "10.25"}});
  cached.closes[0].basis = Date::of("2026-10-06");
  cached.closes[1].basis = Date::of("2026-10-08");  // fetched late, when the source had adjusted it
  cached.closes[2].basis = Date::of("2026-10-08");
  const std::vector actions = {split("KO", "2026-10-07", "10")};
  EXPECT_EQ(text(adjusted(cached, actions, "KO", Date::of("2026-10-05"))),
            "2026-10-05 102.3\n2026-10-06 102.40\n2026-10-07 102.50\n");
}

TEST(Adjust, BringsAWholeMarketToOneBasisAndFollowsRenames) {
  SeriesBySymbol closes = {
      {"KO", series({{"2026-10-06", "102.4"}, {"2026-10-07", "10.25"}})},
      {"FB", series({{"2026-10-06", "200"}})},
      {"META", series({{"2026-10-06", "200"}, {"2026-10-07", "202"}, {"2026-10-08", "101"}})},
      {"SPY", series({{"2026-10-06", "504.8"}})}};
  const std::vector actions = {split("KO", "2026-10-07", "10"), rename("FB", "2026-10-07", "META"),
                               split("META", "2026-10-08", "2"), rename("XX", "2026-10-07", "YY")};
  adjust(closes, actions, Date::of("2026-10-01"));
  EXPECT_EQ(text(closes.at("KO")), "2026-10-06 102.4\n2026-10-07 102.50\n");
  EXPECT_EQ(text(closes.at("FB")), "2026-10-06 200\n2026-10-07 202\n2026-10-08 202\n");
  EXPECT_EQ(text(closes.at("META")), text(closes.at("FB")));
  EXPECT_EQ(text(closes.at("SPY")), "2026-10-06 504.8\n");
  EXPECT_EQ(closes.size(), 4u);
}

}  // namespace
}  // namespace am::market
