#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/base/error.hpp"
#include "am/market/calendar.hpp"
#include "am/picks/pickers.hpp"

namespace am::picks {
namespace {

using market::Series;

constexpr Date kPickedMonday{2026, 1, 26};
const std::string kMeasuredAgainst = "SPX";

/// Closes made here, and what was asked for.
class FakePrices final : public market::PriceProvider {
 public:
  const std::string& source() const override { return source_; }
  bool local() const override { return is_local; }
  Series fetch(std::string_view symbol, DateRange range) override {
    ++fetches;
    asked.push_back(range);
    Series cut;
    for (const auto& [day, close] : closes[std::string(symbol)]) {
      if (range.contains(day)) cut.closes.push_back({day, close});
    }
    if (symbol == "AA") cut.refused = refused;
    return cut;
  }
  void reserve(int calls) override { reserved += calls; }

  bool is_local = true;
  int fetches = 0;
  int reserved = 0;
  std::vector<DateRange> asked;
  std::map<std::string, std::map<Date, Decimal>> closes;
  std::map<Date, std::string> refused;  ///< of AA

 private:
  std::string source_ = "fake";
};

/// 10 until the 21st session before the Monday, `then` from it on; further sessions follow.
void add(FakePrices& prices, const std::string& symbol, const Decimal& then, int sessions = 400) {
  Date day = kPickedMonday + 30;
  Date last_month = kPickedMonday;
  for (int k = 0; k <= 21; ++k) last_month = market::previous_session(last_month);
  for (int i = 0; i < sessions; ++i) {
    day = market::previous_session(day);
    prices.closes[symbol][day] = day < last_month ? Decimal(10) : then;
  }
}

market::Universe universe(std::vector<std::string> symbols) {
  return {"four", Date(2025, 12, 31), std::move(symbols)};
}

Date session_back(int k) {
  Date day = market::previous_session(kPickedMonday);
  for (int i = 0; i < k; ++i) day = market::previous_session(day);
  return day;
}

std::string summary(const Picked& picked) {
  std::string text;
  for (const Pick& pick : picked.picks)
    text += std::string(action_name(pick.action)) + " " + pick.ticker + " ";
  return text;
}

TEST(Momentum, BuysTheBestTwoAndSellsTheWorst) {
  FakePrices prices;
  add(prices, "AA", Decimal(11));
  add(prices, "BB", Decimal(8));
  add(prices, "CC", Decimal(14));
  add(prices, "DD", Decimal(12));
  const auto picker = make_momentum_picker(prices, universe({"AA", "BB", "CC", "DD"}));
  EXPECT_EQ(picker->name(), "momentum");
  EXPECT_FALSE(picker->sees_the_future());
  const Picked picked = picker->pick(kPickedMonday, kMeasuredAgainst);
  EXPECT_EQ(summary(picked), "BUY CC BUY DD SELL BB ");
  EXPECT_EQ(picked.picker, "momentum");
  EXPECT_EQ(picked.model, "");
  EXPECT_EQ(picked.prompt_hash, "");
  const std::string days = session_back(252).to_string() + ", 14 on " + session_back(21).to_string();
  EXPECT_EQ(picked.picks[0].reasoning, "momentum +40.00 % from 252 to 21 sessions before: close 10 on " +
                                           days + "; rank 1 of 4 in four as of 2025-12-31");
  EXPECT_TRUE(picked.picks[2].reasoning.starts_with("momentum -20.00 %")) << picked.picks[2].reasoning;
  const auto record = nlohmann::json::parse(picked.record_json);
  EXPECT_EQ(record["ranking"].size(), 4U);
  EXPECT_EQ(record["ranking"][0]["return"], "0.4");
  EXPECT_EQ(record["last"], "2026-01-23");
  EXPECT_TRUE(record["notes"].empty());
}

TEST(Momentum, LooksAtTheTwoClosesOnlyForTheReturn) {
  FakePrices prices;
  for (const char* symbol : {"AA", "BB", "CC", "DD"}) add(prices, symbol, Decimal(10));
  prices.closes["BB"][session_back(252)] = Decimal(5);   // +100 %
  prices.closes["DD"][session_back(252)] = Decimal(20);  // -50 %
  for (const int k : {0, 1, 20, 22, 251}) prices.closes["AA"][session_back(k)] = Decimal(1000);
  prices.closes["CC"][kPickedMonday] = Decimal(1000);
  prices.closes["CC"][session_back(253)] = Decimal(1);
  EXPECT_EQ(summary(make_momentum_picker(prices, universe({"AA", "BB", "CC", "DD"}))
                        ->pick(kPickedMonday, kMeasuredAgainst)),
            "BUY BB BUY AA SELL DD ");
}

/// A share that was split 10:1 between the two days has not lost nine tenths, and is no SELL for that.
TEST(Momentum, TakesKnownSplitsBetweenTheTwoClosesIntoAccount) {
  FakePrices prices;
  add(prices, "AA", Decimal(10));
  add(prices, "BB", Decimal::of("1.2"));  // +20 %, 10:1
  add(prices, "CC", Decimal(9));
  add(prices, "DD", Decimal(45));  // +12.5 %, 1:4
  add(prices, "EE", Decimal(11));
  const auto split = [](const char* symbol, Date day, const char* ratio) {
    return market::CorporateAction{
        .symbol = symbol, .day = day, .ratio = Decimal::of(ratio), .source = "hand"};
  };
  const market::Universe five = universe({"AA", "BB", "CC", "DD", "EE"});
  const auto noted = [&] {
    return std::vector{split("BB", session_back(21), "10"), split("DD", session_back(200), "0.25"),
                       split("AA", session_back(20), "10"),    // not known yet then
                       split("CC", session_back(252), "10")};  // in both closes
  };
  const Picked picked = make_momentum_picker(prices, five, noted)->pick(kPickedMonday, kMeasuredAgainst);
  EXPECT_EQ(summary(picked), "BUY BB BUY DD SELL CC ");
  EXPECT_EQ(picked.picks[0].reasoning,
            "momentum +20.00 % from 252 to 21 sessions before: close 10 on " + session_back(252).to_string() +
                ", 1.2 on " + session_back(21).to_string() +
                ", when a share had become 10; rank 1 of 5 in four as of 2025-12-31");
  EXPECT_EQ(nlohmann::json::parse(picked.record_json)["ranking"][1]["shares"], "0.25");
  EXPECT_EQ(summary(make_momentum_picker(prices, five)->pick(kPickedMonday, kMeasuredAgainst)),
            "BUY DD BUY EE SELL BB ");
}

TEST(Momentum, OrdersEqualReturnsByTicker) {
  FakePrices prices;
  for (const char* symbol : {"DD", "BB", "CC", "AA"}) add(prices, symbol, Decimal(10));
  EXPECT_EQ(summary(make_momentum_picker(prices, universe({"DD", "BB", "CC", "AA", "AA"}))
                        ->pick(kPickedMonday, kMeasuredAgainst)),
            "BUY AA BUY BB SELL DD ");
}

TEST(Momentum, RanksEachShareOnceAndNotTheBenchmark) {
  FakePrices prices;
  for (const char* symbol : {"AA", "BRK.B", "CC", "SPY"}) add(prices, symbol, Decimal(10));
  prices.closes["SPY"][session_back(252)] = Decimal(5);
  const Picked picked = make_momentum_picker(prices, universe({"SPY", "BRK-B", "BRK.B", "CC", "AA"}))
                            ->pick(kPickedMonday, "spy");
  EXPECT_EQ(summary(picked), "BUY AA BUY BRK.B SELL CC ");
  const auto record = nlohmann::json::parse(picked.record_json);
  ASSERT_EQ(record["left_out"].size(), 1U);
  EXPECT_EQ(record["left_out"][0]["reason"], "the benchmark");
}

TEST(Momentum, LeavesOutAnIncompleteHistory) {
  for (const int k : {0, 21, 100, 252}) {
    FakePrices prices;
    for (const char* symbol : {"AA", "BB", "CC", "DD", "^X"}) add(prices, symbol, Decimal(10));
    prices.closes["AA"].erase(session_back(k));
    const Picked picked = make_momentum_picker(prices, universe({"AA", "BB", "CC", "DD", "^X"}))
                              ->pick(kPickedMonday, kMeasuredAgainst);
    EXPECT_EQ(summary(picked), "BUY BB BUY CC SELL DD ");
    const auto record = nlohmann::json::parse(picked.record_json);
    ASSERT_EQ(record["left_out"].size(), 2U);
    EXPECT_EQ(record["left_out"][0]["symbol"], "AA");
    EXPECT_EQ(record["left_out"][0]["reason"], "no close on " + session_back(k).to_string());
    EXPECT_EQ(record["left_out"][1]["reason"], "not a ticker");
  }
}

TEST(Momentum, TellsACloseThatCannotBeRightFromOneThatIsMissing) {
  FakePrices prices;
  for (const char* symbol : {"AA", "BB", "CC", "DD"}) add(prices, symbol, Decimal(10));
  prices.closes["AA"].erase(session_back(5));
  prices.refused[session_back(5)] = "AA: close '-1' is not above zero";
  const Picked picked =
      make_momentum_picker(prices, universe({"AA", "BB", "CC", "DD"}))->pick(kPickedMonday, kMeasuredAgainst);
  EXPECT_EQ(nlohmann::json::parse(picked.record_json)["left_out"][0]["reason"],
            "AA: close '-1' is not above zero");
}

TEST(Momentum, PassesOverARecordOfADayWithoutASession) {
  FakePrices prices;
  for (const char* symbol : {"AA", "BB", "CC"}) add(prices, symbol, Decimal(10));
  prices.closes["AA"][Date(2025, 12, 25)] = Decimal(1);
  EXPECT_EQ(
      summary(
          make_momentum_picker(prices, universe({"AA", "BB", "CC"}))->pick(kPickedMonday, kMeasuredAgainst)),
      "BUY AA BUY BB SELL CC ");
}

TEST(Momentum, NeedsThreeCompleteHistories) {
  FakePrices prices;
  for (const char* symbol : {"AA", "BB", "CC"}) add(prices, symbol, Decimal(10));
  prices.closes["CC"].erase(session_back(7));
  try {
    make_momentum_picker(prices, universe({"AA", "BB", "CC"}))->pick(kPickedMonday, kMeasuredAgainst);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_EQ(error.message(),
              "momentum 2026-01-26: only 2 of 3 symbols in four as of 2025-12-31 have a close on each of the "
              "253 sessions "
              "before it, expected at least 3 (CC: no close on " +
                  session_back(7).to_string() + ")");
    EXPECT_NE(error.hint().find("2026-01-23"), std::string::npos);
  }
}

TEST(Momentum, NotesAUniverseFromAfterTheRunDate) {
  FakePrices prices;
  for (const char* symbol : {"AA", "BB", "CC"}) add(prices, symbol, Decimal(10));
  const auto note = [&](std::optional<Date> as_of) {
    const Picked picked =
        make_momentum_picker(prices, {"u", as_of, {"AA", "BB", "CC"}})->pick(kPickedMonday, kMeasuredAgainst);
    return nlohmann::json::parse(picked.record_json)["notes"].dump();
  };
  EXPECT_EQ(note(kPickedMonday), "[]");
  EXPECT_EQ(note(kPickedMonday + 1),
            R"(["survivorship: the universe is of 2026-01-27, later than the run date"])");
  EXPECT_EQ(note({}), R"(["survivorship: the universe has no date"])");
}

TEST(Momentum, ReadsAFileOnceForAYearOfWeeks) {
  FakePrices prices;
  for (const char* symbol : {"AA", "BB", "CC"}) add(prices, symbol, Decimal(10), 420);
  const auto picker = make_momentum_picker(prices, universe({"AA", "BB", "CC"}));
  picker->pick(kPickedMonday - 28, kMeasuredAgainst);
  EXPECT_EQ(prices.fetches, 3);
  for (const int week : {-21, -14, -7, 0, 7, -28}) picker->pick(kPickedMonday + week, kMeasuredAgainst);
  EXPECT_EQ(prices.fetches, 3);
  EXPECT_NO_THROW(picker->pick(kPickedMonday - 35, kMeasuredAgainst))
      << "an earlier week begins before what is cached";
  EXPECT_EQ(prices.fetches, 6);
}

TEST(Momentum, AsksAVendorForNothingFromTheRunDateOn) {
  FakePrices prices;
  prices.is_local = false;
  for (const char* symbol : {"AA", "BB", "CC"}) add(prices, symbol, Decimal(10));
  make_momentum_picker(prices, universe({"AA", "BB", "CC"}))->pick(kPickedMonday, kMeasuredAgainst);
  EXPECT_EQ(prices.reserved, 3);
  for (const DateRange& range : prices.asked) {
    EXPECT_EQ(range.first, session_back(252));
    EXPECT_EQ(range.last, session_back(0));
  }
}

// Tickers, closes and days by a separate program over examples/market/closes.csv (252 and 21 rows back).
TEST(Momentum, AgreesWithAnotherProgramOnTheBundledMarket) {
  market::CsvMarket market(AM_SOURCE_DIR "/examples/market");
  const auto picker = make_momentum_picker(market, market.universe());
  const Picked first = picker->pick(Date(2000, 1, 10), kMeasuredAgainst);
  EXPECT_EQ(summary(first), "BUY AA BUY HWP SELL MO ");
  EXPECT_EQ(first.picks[0].reasoning,
            "momentum +71.13 % from 252 to 21 sessions before: close 20.4 on 1999-01-08, 34.91 on "
            "1999-12-08; rank 1 of 30 in "
            "DJIA as of 1999-11-01");
  EXPECT_TRUE(
      first.picks[2].reasoning.starts_with("momentum -52.54 % from 252 to 21 sessions before: close 47.11 on "
                                           "1999-01-08, 22.36 on 1999-12-08; rank 30 of 30"))
      << first.picks[2].reasoning;
  EXPECT_EQ(summary(picker->pick(Date(2000, 1, 17), kMeasuredAgainst)), "BUY AA BUY HD SELL MO ")
      << "a holiday Monday";
  EXPECT_EQ(summary(picker->pick(Date(2000, 7, 3), kMeasuredAgainst)), "BUY INTC BUY DIS SELL T ");
  EXPECT_EQ(summary(picker->pick(Date(2000, 12, 18), kMeasuredAgainst)), "BUY BA BUY MO SELL T ");
  EXPECT_THROW(picker->pick(Date(2000, 1, 3), kMeasuredAgainst), Error) << "one session too few";
}

}  // namespace
}  // namespace am::picks
