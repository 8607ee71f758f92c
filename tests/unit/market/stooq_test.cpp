#include "am/market/stooq.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/scripted_http.hpp"

namespace am::market {
namespace {

using kernel::Verdict;
using std::chrono::milliseconds;
using test::ok;
using test::ScriptedHttp;
using Kind = Verdict::Kind;

const DateRange kJanuary{Date(2026, 1, 1), Date(2026, 1, 31)};
const Instant kAtNoon = *parse_rfc3339("2026-01-23T12:00:00Z");

std::string stooq_fixture(const std::string& name) {
  const std::string path = AM_SOURCE_DIR "/tests/fixtures/vendors/" + name;
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string stooq_reason(const Result<Series>& parsed) { return parsed ? "" : parsed.error().reason; }

TEST(StooqSymbol, NamesTheMarketAndHyphenatesTheClass) {
  EXPECT_EQ(stooq_symbol("SPY"), "spy.us");
  EXPECT_EQ(stooq_symbol("BRK.B"), "brk-b.us");
  EXPECT_EQ(stooq_symbol("BRK-B"), "brk-b.us");
  EXPECT_EQ(stooq_symbol("^SPX"), "^spx");
}

TEST(ParseStooq, ReadsTheCsv) {
  const auto series = parse_stooq(stooq_fixture("stooq_spy.csv"), "SPY", kJanuary);
  ASSERT_TRUE(series) << stooq_reason(series);
  ASSERT_EQ(series->closes.size(), 4U);
  EXPECT_EQ(series->find(Date(2026, 1, 22))->to_string(), "679.74");
  EXPECT_EQ(series->reaches_back_to, std::nullopt);
}

TEST(ParseStooq, TakesOnlyTheRange) {
  const auto series =
      parse_stooq(stooq_fixture("stooq_spy.csv"), "SPY", {Date(2026, 1, 21), Date(2026, 1, 22)});
  ASSERT_TRUE(series);
  EXPECT_EQ(series->closes.size(), 2U);
}

TEST(ParseStooq, PutsTheDaysInTheirOrder) {
  const auto series = parse_stooq("Date,Close\n2026-01-22,6\n2026-01-20,4\n2026-01-21,5\n", "SPY", kJanuary);
  ASSERT_TRUE(series) << stooq_reason(series);
  for (const int day : {20, 21, 22}) {
    const Decimal* close = series->find(Date(2026, 1, static_cast<unsigned>(day)));
    ASSERT_NE(close, nullptr) << day;
    EXPECT_EQ(*close, Decimal(day - 16));
  }
}

TEST(ParseStooq, ReadsNoDataAndAHeaderAloneAsEmpty) {
  for (const char* body : {"No data", "No data\r\n", "Date,Open,High,Low,Close,Volume\r\n"}) {
    const auto series = parse_stooq(body, "SPY", kJanuary);
    ASSERT_TRUE(series) << stooq_reason(series);
    EXPECT_TRUE(series->closes.empty());
  }
}

TEST(ParseStooq, SetsAsideDaysWhosePriceCannotBeRight) {
  const auto series =
      parse_stooq("Date,Close\n2026-01-21,N/D\n2026-01-22,5\n2026-01-23,0\n", "SPY", kJanuary);
  ASSERT_TRUE(series) << stooq_reason(series);
  ASSERT_EQ(series->closes.size(), 1U);
  EXPECT_EQ(series->closes[0].day, Date(2026, 1, 22));
  EXPECT_EQ(series->refused.at(Date(2026, 1, 21)), "SPY 2026-01-21: close 'N/D' is not a number");
  EXPECT_EQ(series->refused.at(Date(2026, 1, 23)), "SPY 2026-01-23: close '0' is not above zero");
}

TEST(ParseStooq, RefusesFlaws) {
  EXPECT_EQ(stooq_reason(parse_stooq("Date,Close\n23.01.2026,5\n", "SPY", kJanuary)),
            "SPY: line 2 has no date ('23.01.2026')");
  EXPECT_EQ(stooq_reason(parse_stooq("Date,Close\n2026-01-23,5\n2026-01-23,6\n", "SPY", kJanuary)),
            "SPY 2026-01-23: listed twice");
  EXPECT_EQ(stooq_reason(parse_stooq("Date,Close\n2026-01-23,5\n2026-01-23,0\n", "SPY", kJanuary)),
            "SPY 2026-01-23: listed twice");
  EXPECT_EQ(stooq_reason(parse_stooq("Date,Open\n2026-01-23,5\n", "SPY", kJanuary)),
            "SPY: the CSV has no Date and Close columns");
  EXPECT_NE(stooq_reason(parse_stooq("Date,Close\n2026-01-23\n", "SPY", kJanuary)), "");
  EXPECT_NE(stooq_reason(parse_stooq("", "SPY", kJanuary)), "");
}

TEST(JudgeStooq, TellsCsvLimitsKeysAndPagesApart) {
  EXPECT_EQ(judge_stooq(ok(stooq_fixture("stooq_spy.csv")), kAtNoon).kind, Kind::accept);
  EXPECT_EQ(judge_stooq(ok("No data"), kAtNoon).kind, Kind::accept);
  EXPECT_EQ(judge_stooq(ok("Get your apikey:\n1. Open the page"), kAtNoon).error, ErrorKind::denied);
  EXPECT_EQ(judge_stooq(ok("<html></html>"), kAtNoon).kind, Kind::retry);
  EXPECT_EQ(judge_stooq(ok(""), kAtNoon).kind, Kind::retry);
  EXPECT_EQ(judge_stooq(test::status(500), kAtNoon).error, ErrorKind::unavailable);
}

TEST(JudgeStooq, SaysWhereAKeyIsToBeHad) {
  const Verdict asks =
      judge_stooq(ok("Get your apikey:\n\n1. Open https://stooq.com/q/d/?s=spy.us&get_apikey"), kAtNoon);
  EXPECT_EQ(asks.kind, Kind::fail);
  EXPECT_EQ(asks.error, ErrorKind::denied);
  EXPECT_NE(asks.hint.find(kStooqKeyPage), std::string::npos);
  EXPECT_NE(asks.hint.find("STOOQ_API_KEY"), std::string::npos);
  const Verdict page = judge_stooq(ok("<html>checking your browser</html>"), kAtNoon);
  EXPECT_NE(page.hint.find("browsers"), std::string::npos);
}

TEST(JudgeStooq, PausesUntilTheNextDay) {
  const Verdict verdict = judge_stooq(ok("Exceeded the daily hits limit"), kAtNoon);
  EXPECT_EQ(verdict.kind, Kind::limit);
  EXPECT_EQ(verdict.wait, std::chrono::hours(12) + std::chrono::minutes(1));
}

TEST(StooqFetch, AsksForSymbolAndRange) {
  std::ostringstream out;
  kernel::Log log(out, {});
  const kernel::Stop stop;
  ScriptedHttp http;
  http.reply("GET", "https://stooq.example/q/d/l/?s=spy.us&d1=20260101&d2=20260131&i=d&apikey=K%2F1",
             ok(stooq_fixture("stooq_spy.csv")));
  kernel::HttpClient client(http, nullptr, log, stop, {.vendor = "stooq", .retry = {.attempts = 1}});
  Stooq vendor(client, {.base_url = "https://stooq.example", .api_key = "K/1"});
  EXPECT_EQ(vendor.fetch("SPY", kJanuary).closes.size(), 4U);
}

TEST(StooqFetch, NeedsAKey) {
  std::ostringstream out;
  kernel::Log log(out, {});
  const kernel::Stop stop;
  ScriptedHttp http;
  kernel::HttpClient client(http, nullptr, log, stop, {.vendor = "stooq", .retry = {.attempts = 1}});
  const Error error = test::error_of([&] { Stooq(client, {}); });
  EXPECT_EQ(error.kind(), ErrorKind::config);
  EXPECT_NE(error.hint().find(kStooqKeyPage), std::string::npos);
}

}  // namespace
}  // namespace am::market
