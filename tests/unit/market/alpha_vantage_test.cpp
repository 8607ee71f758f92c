#include "am/market/alpha_vantage.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/scripted_http.hpp"

namespace am::market {
namespace {

using kernel::HttpResponse;
using kernel::Verdict;
using std::chrono::milliseconds;
using test::ok;
using test::ScriptedHttp;
using test::status;
using Kind = Verdict::Kind;

const DateRange kAlways{Date(1990, 1, 1), Date(2099, 12, 31)};

std::string fixture(const std::string& name) {
  const std::string path = AM_SOURCE_DIR "/tests/fixtures/vendors/" + name;
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string daily(const std::string& records, const std::string& symbol = "SPY") {
  return R"j({"Meta Data":{"2. Symbol":")j" + symbol + R"j("},"Time Series (Daily)":{)j" + records + "}}";
}

std::string reason(const Result<Series>& parsed) { return parsed ? "" : parsed.error().reason; }

/// What the only refused day said; "" when there is none.
std::string refused(const Series& series) {
  return series.refused.size() == 1 ? series.refused.begin()->second : "";
}

/// Noon in New York.
const Instant kNoon = *parse_rfc3339("2026-01-26T17:00:00Z");

Verdict judge(const std::string& body) { return judge_alpha_vantage(ok(body), kNoon); }

TEST(ParseDaily, ReadsACompactListing) {
  const auto series = parse_daily(fixture("alpha_vantage_daily_spy.json"), "SPY", kAlways);
  ASSERT_TRUE(series) << reason(series);
  ASSERT_EQ(series->closes.size(), 100U);
  EXPECT_EQ(series->closes.back().day, Date(2026, 1, 23));
  EXPECT_EQ(series->closes.back().close.to_string(), "680.0000");
  EXPECT_EQ(series->reaches_back_to, series->closes.front().day);
  EXPECT_EQ(series->find(Date(2026, 1, 24)), nullptr);
}

TEST(ParseDaily, TakesOnlyTheRangeButKnowsHowFarTheListingReaches) {
  const auto series =
      parse_daily(fixture("alpha_vantage_daily_spy.json"), "SPY", {Date(2026, 1, 22), Date(2026, 1, 25)});
  ASSERT_TRUE(series);
  ASSERT_EQ(series->closes.size(), 2U);
  EXPECT_EQ(series->closes.front().day, Date(2026, 1, 22));
  EXPECT_EQ(series->reaches_back_to, Date(2025, 9, 8));
}

TEST(ParseDaily, KeepsEveryDigitOfStringsAndOfNumbers) {
  const auto series = parse_daily(fixture("alpha_vantage_daily_short.json"), "BRK.B", kAlways);
  ASSERT_TRUE(series) << reason(series);
  ASSERT_EQ(series->closes.size(), 3U);
  EXPECT_EQ(series->closes[0].close.to_string(), "479");
  EXPECT_EQ(series->closes[1].close.to_string(), "480.10000000000000000070");
  EXPECT_EQ(series->closes[2].close.to_string(), "481.250000000000000001");
  EXPECT_EQ(series->reaches_back_to, std::nullopt) << "a short listing is the whole history";
}

TEST(ParseDaily, SetsAsideDaysWhosePriceCannotBeRight) {
  for (const char* close : {R"("0.0000")", R"("-1.5")", R"("NaN")", R"("inf")", R"("")", R"("1,5")",
                            R"(" 1.5")", R"("0x10")", "-3", "0", R"("1e400")", "12345678901234567890"}) {
    const auto series = parse_daily(
        daily(R"("2026-01-23":{"4. close":)" + std::string(close) + R"(},"2026-01-22":{"4. close":"5"})"),
        "SPY", kAlways);
    ASSERT_TRUE(series) << close << reason(series);
    EXPECT_EQ(series->closes.size(), 1U) << close;
    EXPECT_EQ(refused(*series).rfind("SPY 2026-01-23: close ", 0), 0U) << refused(*series);
  }
}

TEST(ParseDaily, DoesNotLookAtPricesOutsideTheRange) {
  const auto body = daily(R"("2026-01-23":{"4. close":"5"},"2025-12-01":{"4. close":"0.0000"})");
  const auto series = parse_daily(body, "SPY", {Date(2026, 1, 23), Date(2026, 1, 23)});
  ASSERT_TRUE(series) << reason(series);
  EXPECT_EQ(series->closes.size(), 1U);
  EXPECT_EQ(refused(*series), "");
}

TEST(ParseDaily, RefusesWhatIsNotAListing) {
  EXPECT_EQ(reason(parse_daily("<html>", "SPY", kAlways)), "SPY: the answer is not a JSON object");
  EXPECT_EQ(reason(parse_daily("[1]", "SPY", kAlways)), "SPY: the answer is not a JSON object");
  EXPECT_EQ(reason(parse_daily("{", "SPY", kAlways)), "SPY: the answer is not a JSON object");
  EXPECT_EQ(reason(parse_daily("{}", "SPY", kAlways)), "SPY: the answer has no \"Time Series (Daily)\"");
  EXPECT_EQ(reason(parse_daily(daily(""), "SPY", kAlways)), "SPY: the answer has no \"Time Series (Daily)\"");
  EXPECT_EQ(reason(parse_daily(daily(R"("2026-01-23":{"1. open":"5"})"), "SPY", kAlways)),
            "SPY 2026-01-23: the answer has no \"4. close\"");
  EXPECT_EQ(reason(parse_daily(daily(R"("2026-01-23":{"4. close":["5"]},"2026-01-22":{"4. close":"5"})"),
                               "SPY", kAlways)),
            "")
      << "a record without a price is no record";
  EXPECT_EQ(reason(parse_daily(daily(R"("2026-1-23":{"4. close":"5"})"), "SPY", kAlways)),
            "SPY: a record's key is not a date ('2026-1-23')");
  EXPECT_EQ(reason(parse_daily(daily(R"("2026-02-30":{"4. close":"5"})"), "SPY", kAlways)),
            "SPY: a record's key is not a date ('2026-02-30')");
}

TEST(ParseDaily, RefusesADayTwice) {
  EXPECT_EQ(
      reason(parse_daily(
          daily(
              R"("2026-01-23":{"4. close":"5"},"2026-01-22":{"4. close":"5"},"2026-01-23":{"4. close":"6"})"),
          "SPY", kAlways)),
      "SPY 2026-01-23: listed twice");
  EXPECT_EQ(reason(parse_daily(daily(R"("2026-01-23":{"4. close":"5"},"2026-01-23":{"4. close":"6"})"), "SPY",
                               kAlways)),
            "SPY 2026-01-23: two closes in one record");
}

TEST(ParseDaily, RefusesAnotherSymbolsAnswer) {
  EXPECT_EQ(reason(parse_daily(fixture("alpha_vantage_daily_spy.json"), "AAPL", kAlways)),
            "AAPL: the answer is for another symbol ('SPY')");
}

TEST(ParseQuote, PairsTheLatestDayWithItsPrice) {
  const auto series = parse_quote(fixture("alpha_vantage_quote_spy.json"), "SPY", kAlways);
  ASSERT_TRUE(series) << reason(series);
  ASSERT_EQ(series->closes.size(), 1U);
  EXPECT_EQ(series->closes[0].day, Date(2026, 1, 23));
  EXPECT_EQ(series->closes[0].close.to_string(), "680.0000");
  EXPECT_EQ(series->reaches_back_to, Date(2026, 1, 23));
}

TEST(ParseQuote, NeverOffersThePreviousCloseForAnEarlierDay) {
  const auto series =
      parse_quote(fixture("alpha_vantage_quote_spy.json"), "SPY", {Date(2026, 1, 22), Date(2026, 1, 22)});
  ASSERT_TRUE(series);
  EXPECT_TRUE(series->closes.empty());
  EXPECT_EQ(series->reaches_back_to, Date(2026, 1, 23)) << "the day before is unknown, not closed";
}

TEST(ParseQuote, SetsAsideAPriceThatCannotBeRight) {
  const auto series = parse_quote(
      R"({"Global Quote":{"05. price":"0","07. latest trading day":"2026-01-23"}})", "SPY", kAlways);
  ASSERT_TRUE(series) << reason(series);
  EXPECT_TRUE(series->closes.empty());
  EXPECT_EQ(refused(*series), "SPY 2026-01-23: close '0' is not above zero");
}

TEST(ParseQuote, RefusesFlaws) {
  EXPECT_EQ(reason(parse_quote(fixture("alpha_vantage_quote_empty.json"), "SPY", kAlways)),
            "SPY: the answer has no \"Global Quote\"");
  EXPECT_EQ(reason(parse_quote(R"({"Global Quote":{"01. symbol":"SPY","05. price":"1"}})", "SPY", kAlways)),
            "SPY: the answer has no \"07. latest trading day\"");
  EXPECT_EQ(
      reason(parse_quote(R"({"Global Quote":{"07. latest trading day":"2026-01-23"}})", "SPY", kAlways)),
      "SPY 2026-01-23: the answer has no \"05. price\"");
}

TEST(JudgeAlphaVantage, AcceptsPrices) {
  EXPECT_EQ(judge(fixture("alpha_vantage_daily_spy.json")).kind, Kind::accept);
  EXPECT_EQ(judge(fixture("alpha_vantage_quote_spy.json")).kind, Kind::accept);
}

TEST(JudgeAlphaVantage, PausesAsLongAsTheNoticeMeans) {
  using std::chrono::minutes;
  using std::chrono::seconds;
  const std::optional<milliseconds> a_minute;  // the default pause
  const std::optional<milliseconds> a_moment = seconds(5);
  const std::optional<milliseconds> until_tomorrow = minutes(12 * 60 + 1);
  const std::vector<std::pair<std::string, std::optional<milliseconds>>> notices{
      {fixture("alpha_vantage_note_minute.json"), a_minute},
      {fixture("alpha_vantage_information_volume.json"), a_minute},
      {fixture("alpha_vantage_information_burst.json"), a_moment},
      {fixture("alpha_vantage_information_burst_pattern.json"), a_moment},
      {fixture("alpha_vantage_information_day.json"), until_tomorrow},
      {R"({"Information":"Thank you for using Alpha Vantage! Please contact premium@alphavantage.co if you are )"
       R"(targeting a higher API call volume."})",
       a_minute},
      {R"({"Information":"Burst pattern detected. Please consider spreading out your API requests more evenly )"
       R"(across a 1-minute window and query no more than 20 requests per second. Please contact )"
       R"(support@alphavantage.co if you are targeting a higher API request volume."})",
       a_moment},
      {R"({"Information":"Thank you for using Alpha Vantage! Please consider spreading out your free API requests )"
       R"(more sparingly. You may subscribe to any of the premium plans at https://www.alphavantage.co/premium/ to )"
       R"(lift the free key rate limit (25 requests per day) and instantly unlock all premium endpoints"})",
       a_moment},
      {R"({"Information":"Minute-level rate limit exceed. Please stay under the number of API requests per minute )"
       R"(for your premium subscription plan."})",
       a_minute},
      {R"({"Note":"Our standard API rate limit is 25 requests per day."})", until_tomorrow}};
  for (const auto& [body, pause] : notices) {
    const Verdict verdict = judge(body);
    EXPECT_EQ(verdict.kind, Kind::limit) << body;
    EXPECT_EQ(verdict.wait, pause) << body;
  }
}

TEST(JudgeAlphaVantage, ADayEndsAtMidnightInNewYork) {
  const auto wait_at = [](const char* now) {
    return judge_alpha_vantage(ok(fixture("alpha_vantage_information_day.json")), *parse_rfc3339(now)).wait;
  };
  EXPECT_EQ(wait_at("2026-01-27T04:59:00Z"), std::chrono::minutes(2));
  EXPECT_EQ(wait_at("2026-01-27T05:00:30Z"), std::chrono::hours(24) + std::chrono::seconds(30));
  EXPECT_EQ(wait_at("2026-07-01T03:59:00Z"), std::chrono::minutes(2)) << "in summer too";
}

TEST(JudgeAlphaVantage, TellsRefusedKeysFromUnknownSymbols) {
  for (const char* name : {"alpha_vantage_information_premium.json", "alpha_vantage_information_demo.json",
                           "alpha_vantage_error_key.json"}) {
    EXPECT_EQ(judge(fixture(name)).kind, Kind::fail) << name;
    EXPECT_EQ(judge(fixture(name)).error, ErrorKind::denied) << name;
  }
  const Verdict feature = judge(
      R"({"Information":"The outputsize=full parameter value is a premium feature for the TIME_SERIES_DAILY )"
      R"(endpoint. You may subscribe to any of the premium plans to lift the free key rate limit (25 requests )"
      R"(per day)."})");
  EXPECT_EQ(feature.error, ErrorKind::denied) << "though it names the day's limit";
  for (const std::string& body :
       {fixture("alpha_vantage_error_symbol.json"), fixture("alpha_vantage_quote_empty.json"),
        std::string("{}"), std::string(R"({"Information":"Invalid API call. Please retry."})")}) {
    EXPECT_EQ(judge(body).kind, Kind::fail) << body;
    EXPECT_EQ(judge(body).error, ErrorKind::data) << body;
  }
}

TEST(JudgeAlphaVantage, RetriesPagesAndBrokenJson) {
  for (const char* body :
       {"<html>busy</html>", "", "{\"Time Series", "[]", "\xff\xfe", R"({"Information":"maintenance"})"}) {
    EXPECT_EQ(judge(body).kind, Kind::retry) << body;
    EXPECT_EQ(judge(body).error, ErrorKind::data) << body;
  }
  EXPECT_EQ(judge_alpha_vantage(status(503, "{}"), kNoon).error, ErrorKind::unavailable);
}

class AlphaVantageFetch : public ::testing::Test {
 protected:
  std::ostringstream out_;
  kernel::Log log_{out_, {.level = kernel::LogLevel::debug}};
  kernel::Stop stop_;
  ScriptedHttp http_;
  kernel::HttpClient client_{
      http_,
      nullptr,
      log_,
      stop_,
      {.vendor = "alpha-vantage",
       .retry = {
           .attempts = 2, .base = milliseconds(1), .cap = milliseconds(1), .budget = milliseconds(1000)}}};

  Error error_of(AlphaVantage& vendor, std::string_view symbol) {
    return test::error_of([&] { vendor.fetch(symbol, kAlways); });
  }
};

TEST_F(AlphaVantageFetch, AsksForTheCompactDailyListing) {
  http_.reply(
      "GET",
      "https://av.example/query?function=TIME_SERIES_DAILY&symbol=BRK-B&outputsize=compact&apikey=K%2F1",
      ok(fixture("alpha_vantage_daily_short.json")));
  AlphaVantage vendor(client_, {.base_url = "https://av.example/", .api_key = "K/1"});
  EXPECT_EQ(vendor.fetch("BRK.B", kAlways).closes.size(), 3U);
}

TEST_F(AlphaVantageFetch, WritesAClassOfSharesWithAHyphenHoweverShortTheSymbol) {
  for (const auto& [symbol, asked] :
       {std::pair{"F.B", "F-B"}, {"F-B", "F-B"}, {"F", "F"}, {"BF.B", "BF-B"}}) {
    http_.reply("GET", "symbol=" + std::string(asked) + "&",
                ok(daily(R"("2026-01-23":{"4. close":"5"})", asked)));
    AlphaVantage vendor(client_, {.base_url = "https://av.example", .api_key = "K"});
    EXPECT_EQ(vendor.fetch(symbol, kAlways).closes.size(), 1U) << symbol;
  }
}

TEST_F(AlphaVantageFetch, AsksForTheQuote) {
  http_.reply("GET", "/query?function=GLOBAL_QUOTE&symbol=SPY&apikey=K",
              ok(fixture("alpha_vantage_quote_spy.json")));
  AlphaVantage vendor(
      client_, {.base_url = "https://av.example", .api_key = "K", .function = AlphaVantage::Function::quote});
  EXPECT_EQ(vendor.fetch("SPY", kAlways).closes.size(), 1U);
}

TEST_F(AlphaVantageFetch, KeepsTheExchangeOfASymbol) {
  http_.reply("GET", "symbol=TSCO.LON&", ok(daily(R"("2026-01-23":{"4. close":"5"})", "TSCO.LON")));
  AlphaVantage vendor(client_, {.base_url = "https://av.example", .api_key = "K"});
  EXPECT_EQ(vendor.fetch("TSCO.LON", kAlways).closes.size(), 1U);
}

TEST_F(AlphaVantageFetch, NeedsAKey) { EXPECT_THROW(AlphaVantage(client_, {}), Error); }

TEST_F(AlphaVantageFetch, NamesTheSymbolAndNeverTheKey) {
  const std::string key = "CANARYKEY1234";
  AlphaVantage vendor(client_, {.base_url = "https://av.example", .api_key = key});
  http_.reply("GET", "symbol=NOPE", ok(fixture("alpha_vantage_error_symbol.json")));
  const Error unknown = error_of(vendor, "NOPE");
  EXPECT_EQ(unknown.kind(), ErrorKind::data);
  EXPECT_EQ(unknown.message(),
            "alpha-vantage: NOPE: the vendor refused the request, which mostly means an unknown symbol");
  http_.reply("GET", "symbol=SPY", ok(fixture("alpha_vantage_information_day.json")));
  const Error limited = error_of(vendor, "SPY");
  EXPECT_EQ(limited.kind(), ErrorKind::deferred);
  EXPECT_TRUE(limited.not_before());
  http_.reply("GET", "symbol=SPY", ok("<p>key " + key + "</p>"), 2);
  const Error page = error_of(vendor, "SPY");
  EXPECT_EQ(page.message(), "alpha-vantage: SPY: the answer is not a JSON object (it is a web page)");
  for (const std::string& text :
       {unknown.message(), unknown.hint(), limited.message(), limited.hint(), page.message(), out_.str()}) {
    EXPECT_EQ(text.find(key), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace am::market
