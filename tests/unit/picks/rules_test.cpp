#include "am/picks/rules.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace am::picks {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

Json pick(const std::string& ticker, const std::string& action = "BUY",
          const std::string& reasoning = "cheap") {
  return {{"ticker", ticker}, {"action", action}, {"reasoning", reasoning}};
}

std::string picks(const std::vector<Json>& list) { return Json{{"picks", list}}.dump(); }

std::string refusal_of(const std::string& text) {
  const auto parsed = parse_picks(text, "SPY");
  return parsed ? "accepted" : parsed.error().reason;
}

TEST(Ticker, IsOneToFiveCapitalsAndPerhapsAClass) {
  for (const char* good : {"A", "XOM", "GOOGL", "BRK.B", "BF-B", "ABCDE.F"})
    EXPECT_TRUE(is_ticker(good)) << good;
  for (const char* bad : {"", "xom", "ABCDEF", "BRK.", "BRK.BB", "BRK.b", ".B", "-", "A B", " A", "A ",
                          "BRK/B", "A1", "Ä", "A\n", "BRK..B", "^SPX"}) {
    EXPECT_FALSE(is_ticker(bad)) << bad;
  }
  EXPECT_FALSE(is_ticker(std::string_view("AB\0", 3)));
}

TEST(ParsePicks, ReadsThreePicksInTheirOrder) {
  const auto parsed = parse_picks(picks({pick("XOM"), pick("BRK.B", "SELL", " dear "), pick("AA")}), "SPY");
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->size(), 3U);
  EXPECT_EQ((*parsed)[0].ticker, "XOM");
  EXPECT_EQ((*parsed)[1].action, Action::sell);
  EXPECT_EQ((*parsed)[1].reasoning, " dear ") << "kept as it was said";
  EXPECT_EQ((*parsed)[2].action, Action::buy);
}

TEST(ParsePicks, IgnoresFurtherFields) {
  Json extra = pick("A");
  extra["confidence"] = 0.9;
  EXPECT_EQ(refusal_of(Json{{"picks", {extra, pick("B"), pick("C")}}, {"model", "x"}}.dump()), "accepted");
}

TEST(ParsePicks, NamesTheFirstThingThatIsWrong) {
  const Json a = pick("A");
  const Json b = pick("B");
  EXPECT_EQ(refusal_of(""), "not JSON");
  EXPECT_EQ(refusal_of("{\"picks\":["), "not JSON");
  EXPECT_EQ(refusal_of("```json\n" + picks({a, b, pick("C")}) + "\n```"), "not JSON");
  const std::string shape = R"(not an object with an array "picks")";
  for (const char* text :
       {"null", "[]", "3", "\"x\"", "{}", R"({"picks":{}})", R"({"picks":null})", R"({"Picks":[]})"}) {
    EXPECT_EQ(refusal_of(text), shape) << text;
  }
  EXPECT_EQ(refusal_of(picks({})), "expected exactly 3 picks, got 0");
  EXPECT_EQ(refusal_of(picks({a, b})), "expected exactly 3 picks, got 2");
  EXPECT_EQ(refusal_of(picks({a, b, pick("C"), pick("D")})), "expected exactly 3 picks, got 4");
  const std::string texts = "pick 3: needs the texts ticker, action and reasoning";
  for (const Json& third : {Json(1), Json(), Json::array({1}), Json{{"ticker", "C"}, {"action", "BUY"}},
                            Json{{"ticker", "C"}, {"action", "BUY"}, {"reasoning", 5}},
                            Json{{"ticker", nullptr}, {"action", "BUY"}, {"reasoning", "x"}}}) {
    EXPECT_EQ(refusal_of(picks({a, b, third})), texts) << third;
  }
  EXPECT_EQ(refusal_of(picks({a, pick("b"), pick("C")})),
            "pick 2: \"b\" is not a ticker (1 to 5 capitals, then perhaps .X or -X)");
  EXPECT_EQ(refusal_of(picks({a, b, pick("A", "SELL")})), "pick 3: A is picked twice");
  EXPECT_EQ(refusal_of(picks({pick("A", "HOLD"), b, pick("C")})),
            "pick 1: action must be BUY or SELL, got \"HOLD\"");
  EXPECT_EQ(refusal_of(picks({pick("A", "buy"), b, pick("C")})),
            "pick 1: action must be BUY or SELL, got \"buy\"");
  EXPECT_EQ(refusal_of(picks({a, pick("B", "BUY", " \t\n"), pick("C")})), "pick 2: the reasoning is empty");
  const std::string size = "pick 3: the reasoning is above 4000 bytes or holds a NUL";
  EXPECT_EQ(refusal_of(picks({a, b, pick("C", "BUY", std::string(4001, 'x'))})), size);
  EXPECT_EQ(refusal_of(picks({a, b, pick("C", "BUY", std::string("x\0y", 3))})), size);
  EXPECT_EQ(refusal_of(picks({a, b, pick("C", "BUY", std::string(4000, 'x'))})), "accepted");
}

TEST(ParsePicks, RefusesAShareTwiceHoweverItIsWritten) {
  EXPECT_EQ(refusal_of(picks({pick("BRK.B"), pick("BRK-B", "SELL"), pick("T")})),
            "pick 2: BRK-B is picked twice: it is the same share as BRK.B");
  EXPECT_EQ(refusal_of(picks({pick("BF-B"), pick("T"), pick("BF.B")})),
            "pick 3: BF.B is picked twice: it is the same share as BF-B");
  EXPECT_EQ(refusal_of(picks({pick("BRK.A"), pick("BRK-B"), pick("BRK")})), "accepted") << "three shares";
}

TEST(ParsePicks, RefusesTheBenchmark) {
  const auto refusal = [](const char* ticker, std::string_view benchmark) {
    const auto parsed = parse_picks(picks({pick("KO"), pick(ticker), pick("T")}), benchmark);
    return parsed ? "accepted" : parsed.error().reason;
  };
  EXPECT_EQ(refusal("SPY", "SPY"), "pick 2: SPY is the benchmark, which nothing is gained over by itself");
  EXPECT_NE(refusal("SPY", "spy"), "accepted");
  EXPECT_NE(refusal("BRK-B", "BRK.B"), "accepted");
  EXPECT_EQ(refusal("SPY", "^SPX"), "accepted") << "a fund is not its index";
  EXPECT_EQ(refusal("SPY", ""), "accepted");
}

TEST(ParsePicks, QuotesOnlyALittleOfAHugeField) {
  EXPECT_LT(refusal_of(picks({pick(std::string(100000, 'A')), pick("B"), pick("C")})).size(), 200U);
  EXPECT_LT(refusal_of(picks({pick("A", std::string(100000, 'A')), pick("B"), pick("C")})).size(), 200U);
}

TEST(ParsePicks, SurvivesDeepNesting) {
  EXPECT_EQ(refusal_of(std::string(100000, '[') + std::string(100000, ']')),
            R"(not an object with an array "picks")");
}

std::string return_of(const char* initial, const char* current) {
  const auto result = return_pct(Decimal::of(initial), Decimal::of(current));
  return result ? result->to_string() : result.error().reason;
}

// The expected digits come from Python's decimal with prec=34: (c - i) / i * 100.
TEST(ReturnPct, KeepsThirtyFourDigits) {
  EXPECT_EQ(return_of("100", "110"), "10.0");
  EXPECT_EQ(return_of("3", "4"), "33.33333333333333333333333333333333");
  EXPECT_EQ(return_of("3", "5"), "66.66666666666666666666666666666667");
  EXPECT_EQ(return_of("20.4", "34.91"), "71.12745098039215686274509803921569");
  EXPECT_EQ(return_of("1455.219971", "1399.420044"), "-3.834466823710186698640352840512247");
  EXPECT_EQ(return_of("50", "50"), "0");
  EXPECT_EQ(return_of("2", "0.01"), "-99.500");
  EXPECT_EQ(return_of("9999999.999999999999999999999999999", "1"), "-99.99999000000000000000000000000000");
  EXPECT_EQ(return_of("0.000001", "10000000"), "999999999999900");
}

TEST(ReturnPct, RefusesAPriceThatIsNotAboveZero) {
  EXPECT_EQ(return_of("0", "1"), "initial price 0 is not above zero");
  EXPECT_EQ(return_of("-1", "1"), "initial price -1 is not above zero");
  EXPECT_EQ(return_of("1", "0.00"), "price 0.00 is not above zero");
  EXPECT_EQ(return_of("1", "-5"), "price -5 is not above zero");
}

// Beyond it a quotient could be one that no Decimal holds: nothing is thrown, nothing comes about.
TEST(ReturnPct, RefusesAPriceOutOfRange) {
  const std::string range = " cannot be right (expected 0.000001 to 10000000)";
  EXPECT_EQ(return_of("10000000.01", "1"), "initial price 10000000.01" + range);
  EXPECT_EQ(return_of("1", "0.0000009"), "price 0.0000009" + range);
  EXPECT_NE(return_of("1e-6000", "1e6000"), "");
  EXPECT_NE(return_of("1e-6000", "1").find(range), std::string::npos);
  EXPECT_LT(return_of("1", "1e6000").size(), 120U);
}

TEST(Directional, FlipsTheSignOfASell) {
  EXPECT_EQ(directional(Action::buy, Decimal::of("1.5")).to_string(), "1.5");
  EXPECT_EQ(directional(Action::sell, Decimal::of("1.5")).to_string(), "-1.5");
  EXPECT_EQ(directional(Action::sell, Decimal::of("-1.5")).to_string(), "1.5");
}

Batch batch() {
  Batch made;
  made.run_date = Date(2026, 1, 26);
  made.benchmark_symbol = "SPY";
  made.benchmark_initial_price = Decimal(500);
  made.picks = {{"p1", {"AA", Action::buy, "r"}, Decimal(10)},
                {"p2", {"BB", Action::sell, "r"}, Decimal(20)},
                {"p3", {"CC", Action::buy, "r"}, Decimal(40)}};
  return made;
}

TEST(ComputeCheckpoint, MeasuresEachPickAgainstTheBenchmark) {
  const auto made = compute_checkpoint(batch(), Date(2026, 1, 27),
                                       {{"SPY", Decimal(505)},
                                        {"AA", Decimal(11)},
                                        {"BB", Decimal(22)},
                                        {"CC", Decimal(36)},
                                        {"DD", Decimal(1)}});
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->computed);
  EXPECT_EQ(made->date, Date(2026, 1, 27));
  EXPECT_EQ(made->benchmark_price, Decimal(505));
  EXPECT_EQ(made->benchmark_return_pct, Decimal(1));
  ASSERT_EQ(made->metrics.size(), 3U);
  EXPECT_EQ(made->metrics[0].pick_id, "p1");
  EXPECT_EQ(made->metrics[0].absolute_return_pct, Decimal(10));
  EXPECT_EQ(made->metrics[0].vs_benchmark_pct, Decimal(9));
  EXPECT_EQ(made->metrics[1].absolute_return_pct, Decimal(10))
      << "the stored return follows the price, also for SELL";
  EXPECT_EQ(made->metrics[2].vs_benchmark_pct, Decimal(-11));
}

TEST(ComputeCheckpoint, NeedsEveryClose) {
  const std::map<std::string, Decimal> all{
      {"SPY", Decimal(505)}, {"AA", Decimal(11)}, {"BB", Decimal(22)}, {"CC", Decimal(36)}};
  for (const char* symbol : {"SPY", "AA", "BB", "CC"}) {
    auto closes = all;
    closes.erase(symbol);
    const auto missing = compute_checkpoint(batch(), Date(2026, 1, 27), closes);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().reason, std::string(symbol) + ": no close");
    closes[symbol] = Decimal(0);
    const auto zero = compute_checkpoint(batch(), Date(2026, 1, 27), closes);
    ASSERT_FALSE(zero);
    EXPECT_EQ(zero.error().reason, std::string(symbol) + ": price 0 is not above zero");
  }
}

TEST(DecideDay, SkipsAClosedDayAtOnceAndALateOneAfterTwentyFourHours) {
  const Instant due = *parse_rfc3339("2026-01-27T14:00:00Z");
  for (const Instant now : {due, due + 100h}) {
    EXPECT_EQ(decide_day(false, false, due, now), DayDecision::skip_closed);
    EXPECT_EQ(decide_day(false, true, due, now), DayDecision::skip_closed);
    EXPECT_EQ(decide_day(true, true, due, now), DayDecision::compute)
        << "a close that came at last still counts";
  }
  EXPECT_EQ(decide_day(true, false, due, due), DayDecision::wait);
  EXPECT_EQ(decide_day(true, false, due, due + 24h - 1us), DayDecision::wait);
  EXPECT_EQ(decide_day(true, false, due, due + 24h), DayDecision::skip_late);
  EXPECT_EQ(decide_day(true, false, due, due + 24h + 1us), DayDecision::skip_late);
}

TEST(CheckpointDate, IsTheDayBeforeItsDueDay) {
  EXPECT_EQ(checkpoint_date(Date(2026, 1, 26), 1), Date(2026, 1, 26));
  EXPECT_EQ(checkpoint_date(Date(2026, 1, 26), 14), Date(2026, 2, 8));
}

}  // namespace
}  // namespace am::picks
