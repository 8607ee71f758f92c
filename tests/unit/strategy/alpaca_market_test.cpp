#include "strategy/ingest/alpaca_market.hpp"

#include <gtest/gtest.h>

namespace am::strategy {
namespace {

using Kind = StreamNotice::Kind;

TEST(AlpacaStream, ReadsWhatComesInOneFrame) {
  const StreamBatch batch = parse_stream(
      R"([{"T":"b","S":"SPY","o":388.985,"h":389.13,"l":388.975,"c":389.12,"v":49378,"n":461,"vw":389.06,"t":"2021-02-22T19:15:00Z"},
          {"T":"u","S":"SPY","o":388.985,"h":389.13,"l":388.975,"c":389.1,"v":49400,"t":"2021-02-22T19:15:00Z"},
          {"T":"t","i":96921,"S":"AAPL","x":"D","p":126.55,"s":1,"t":"2021-02-22T15:51:44.208Z","c":["@","I"],"z":"C"},
          {"T":"t","S":"AVAX/USD","p":47.299,"s":29.205707815,"t":"2024-03-12T10:27:48.858228144Z","i":3447222699101865076,"tks":"S"},
          {"T":"q","S":"AAPL","bp":1}])");
  EXPECT_EQ(batch.bad, 0U);
  ASSERT_EQ(batch.bars.size(), 2U);
  EXPECT_EQ(batch.bars[0].symbol, "SPY");
  EXPECT_EQ(batch.bars[0].bar, (Bar{.start = 1614021300000000,
                                    .open = 388.985,
                                    .high = 389.13,
                                    .low = 388.975,
                                    .close = 389.12,
                                    .volume = 49378}));
  EXPECT_FALSE(batch.bars[0].revised);
  EXPECT_TRUE(batch.bars[1].revised);
  ASSERT_EQ(batch.trades.size(), 2U);
  EXPECT_EQ(batch.trades[0].tick_type, "trade");
  EXPECT_EQ(batch.trades[1].tick_type, "S");
  EXPECT_EQ(batch.trades[1].trade, (Trade{.at = 1710239268858228, .price = 47.299, .size = 29.205707815}));
}

TEST(AlpacaStream, ReadsWhatItSaysOfItself) {
  const StreamBatch batch = parse_stream(
      R"([{"T":"success","msg":"connected"},{"T":"success","msg":"authenticated"},{"T":"subscription","bars":["A"]},
          {"T":"error","code":406,"msg":"connection limit exceeded"}])");
  ASSERT_EQ(batch.notices.size(), 4U);
  EXPECT_EQ(batch.notices[0].kind, Kind::connected);
  EXPECT_EQ(batch.notices[1].kind, Kind::authenticated);
  EXPECT_EQ(batch.notices[2].kind, Kind::subscribed);
  EXPECT_EQ(batch.notices[3].kind, Kind::error);
  EXPECT_EQ(batch.notices[3].code, 406);
  EXPECT_EQ(batch.notices[3].words, "connection limit exceeded");
}

TEST(AlpacaStream, CountsWhatIsNone) {
  for (const char* text :
       {"", "{}", "[", "7", "null", R"({"T":"b"})", "[1]", R"([{"S":"A"}])",
        R"([{"T":"b","S":"SPY","o":1,"h":2,"l":1,"c":1,"v":1}])",
        R"([{"T":"b","S":"SPY","o":1,"h":0.5,"l":1,"c":1,"v":1,"t":"2021-02-22T19:15:00Z"}])",
        R"([{"T":"b","S":"SPY","o":"1","h":2,"l":1,"c":1,"v":1,"t":"2021-02-22T19:15:00Z"}])",
        R"([{"T":"b","S":"S Y","o":1,"h":2,"l":1,"c":1,"v":1,"t":"2021-02-22T19:15:00Z"}])",
        R"([{"T":"t","S":"SPY","p":0,"s":1,"t":"2021-02-22T19:15:00Z"}])"}) {
    const StreamBatch batch = parse_stream(text);
    EXPECT_EQ(batch.bad, 1U) << text;
    EXPECT_TRUE(batch.bars.empty() && batch.trades.empty()) << text;
  }
}

TEST(AlpacaStream, AsksForBarsTheirRevisionsAndTrades) {
  const std::vector<std::string> symbols = {"AAPL", "MSFT"};
  EXPECT_EQ(
      subscription_message("subscribe", symbols),
      R"({"action":"subscribe","trades":["AAPL","MSFT"],"bars":["AAPL","MSFT"],"updatedBars":["AAPL","MSFT"]})");
  EXPECT_EQ(auth_message("k", "s\""), R"({"action":"auth","key":"k","secret":"s\""})");
}

TEST(AlpacaBars, APageHasOneSymbolsMinutes) {
  EXPECT_EQ(
      bars_target(AssetType::stock, "BRK.B", 1769439600000000, 1769439660000000, ""),
      "/v2/stocks/bars?symbols=BRK.B&timeframe=1Min&start=2026-01-26T15%3A00%3A00Z&end=2026-01-26T15%3A01%3A00Z"
      "&limit=10000&sort=asc&adjustment=raw&feed=iex");
  EXPECT_EQ(
      bars_target(AssetType::crypto, "BTC/USD", 1769439600000000, 1769439660000000, "a="),
      "/v1beta3/crypto/us/bars?symbols=BTC%2FUSD&timeframe=1Min&start=2026-01-26T15%3A00%3A00Z&end=2026-01-26T15%3A01%3A00Z"
      "&limit=10000&sort=asc&page_token=a%3D");
  const auto page = parse_bars_page(
      R"({"bars":{"A":[{"t":"2026-01-26T15:00:00Z","o":1,"h":2,"l":1,"c":2,"v":3.5},{"t":"2026-01-26T15:01:00Z","o":-1}],
          "B":[{}]},"next_page_token":"x"})",
      "A");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->bars.size(), 1U);
  EXPECT_EQ(page->bad, 1U);
  EXPECT_EQ(page->next, "x");
  EXPECT_TRUE(parse_bars_page(R"({"bars":null,"next_page_token":null})", "A")->bars.empty());
  EXPECT_TRUE(parse_bars_page(R"({"bars":{}})", "A")->next.empty());
  for (const char* text : {"", "[]", "{}", R"({"bars":[]})", R"({"bars":{"A":{}}})"})
    EXPECT_FALSE(parse_bars_page(text, "A")) << text;
}

}  // namespace
}  // namespace am::strategy
