#include "strategy/brokers/alpaca_answer.hpp"

#include <gtest/gtest.h>

#include "support/scripted_http.hpp"

namespace am::strategy {
namespace {

using What = Placed::What;
using test::ok;
using test::status;

constexpr const char* kOrder =
    R"({"id":"b1","client_order_id":"am-1","status":"partially_filled","submitted_at":"2026-01-26T15:00:00.123456789Z",
        "asset_class":"us_equity","side":"buy","qty":"3","filled_qty":1.10,"filled_avg_price":"100.123456789012"})";

AlpacaOrder read_order(std::string text) {
  const auto order = parse_order(text, 25);
  EXPECT_TRUE(order) << (order ? "" : order.error().reason);
  return order ? *order : AlpacaOrder{};
}

std::string crypto_order(const std::string& side) {
  return R"({"id":"b1","client_order_id":"am-1","status":"filled","submitted_at":"2026-01-26T15:00:00Z","asset_class":"crypto",
             "filled_qty":"0.5","filled_avg_price":"40000","side":")" +
         side + R"("})";
}

OrderRequest asked() {
  OrderRequest order;
  order.client_order_id = "am-1";
  return order;
}

Placed judged(const kernel::HttpResponse& response) { return judge_placed(response, asked(), 25); }

std::string message(const std::string& words) { return R"({"code":40310000,"message":")" + words + R"("})"; }

TEST(AlpacaOrder, NumbersKeepTheirDigits) {
  const AlpacaOrder read = read_order(kOrder);
  EXPECT_EQ(read.order.filled_quantity.to_string(), "1.10");
  EXPECT_EQ(read.order.average_price->to_string(), "100.123456789012");
  EXPECT_TRUE(read.order.open);
  EXPECT_FALSE(read.order.fee);
  EXPECT_EQ(format_rfc3339(read.submitted_at), "2026-01-26T15:00:00.123456Z");
}

TEST(AlpacaOrder, OnlyKnownEndsAreOver) {
  for (const char* over : {"filled", "canceled", "expired", "rejected", "replaced"})
    EXPECT_FALSE(
        read_order(R"({"id":"b","client_order_id":"c","submitted_at":"2026-01-26T15:00:00Z","status":")" +
                   std::string(over) + R"("})")
            .order.open)
        << over;
  for (const char* open : {"new", "accepted", "pending_cancel", "done_for_day", "stopped", "held_for_review"})
    EXPECT_TRUE(
        read_order(R"({"id":"b","client_order_id":"c","submitted_at":"2026-01-26T15:00:00Z","status":")" +
                   std::string(open) + R"("})")
            .order.open)
        << open;
}

TEST(AlpacaOrder, CryptoPaysOutOfWhatItReceives) {
  const BrokerOrder bought = read_order(crypto_order("buy")).order;
  EXPECT_EQ(bought.fee_quantity, Decimal::of("0.00125"));
  EXPECT_FALSE(bought.fee);
  const BrokerOrder sold = read_order(crypto_order("sell")).order;
  EXPECT_EQ(sold.fee, Decimal::of("50.00"));
  EXPECT_FALSE(sold.fee_quantity);
}

TEST(AlpacaOrder, RefusesWhatIsNone) {
  for (
      const char* text :
      {"", "[]", "null", "{}",
       R"({"id":7,"client_order_id":"c","status":"new","submitted_at":"2026-01-26T15:00:00Z"})",
       R"({"id":"b","client_order_id":"c","status":"new","submitted_at":"now"})",
       R"({"id":"b","client_order_id":"c","status":"new","submitted_at":"2026-01-26T15:00:00Z","filled_qty":"-1"})",
       R"({"id":"b","client_order_id":"c","status":"new","submitted_at":"2026-01-26T15:00:00Z","filled_qty":"NaN"})",
       R"({"id":"b","client_order_id":"c","status":"new","submitted_at":"2026-01-26T15:00:00Z","filled_qty":1e5000})",
       R"({"id":"b","client_order_id":"c","status":"new","submitted_at":"2026-01-26T15:00:00Z","filled_qty":"1"})",
       R"({"id":"b\u001b","client_order_id":"c","status":"new","submitted_at":"2026-01-26T15:00:00Z"})"})
    EXPECT_FALSE(parse_order(text, 25)) << text;
}

TEST(AlpacaPlaced, OnlyItsOwnOrderIsAccepted) {
  EXPECT_EQ(judged(ok(kOrder)).what, What::accepted);
  std::string other = kOrder;
  other.replace(other.find("am-1"), 4, "am-2");
  EXPECT_EQ(judged(ok(other)).what, What::unknown);
  EXPECT_EQ(judged(ok(R"({"id": ")")).what, What::unknown);
}

TEST(AlpacaPlaced, OneCodeMeansManyThings) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"insufficient buying power", "buying_power"},
      {"insufficient day trading buying power", "buying_power"},
      {"insufficient balance for USD (requested: 5, available: 1)", "buying_power"},
      {"trade denied due to pattern day trading protection", "day_trades"},
      {"insufficient qty available for order (requested: 5, available: 0)", "quantity"},
      {"insufficient balance for BTC (requested: 5, available: 1)", "quantity"},
      {"potential wash trade detected. use complex orders", "crosses"},
      {"asset BRK.A is not fractionable", "invalid"},
      {"account is restricted to liquidation only", "denied"}};
  for (const auto& [words, word] : cases) {
    const Placed placed = judged(status(403, message(words)));
    EXPECT_EQ(placed.what, What::refused) << words;
    EXPECT_EQ(placed.reason, std::string(word) + ": " + words);
  }
}

TEST(AlpacaPlaced, WhatNobodySaysItRefusedMayBeThere) {
  for (const int code : {301, 408, 409, 425, 500, 502, 503, 504})
    EXPECT_EQ(judged(status(code, message("words"))).what, What::unknown) << code;
  EXPECT_EQ(judged(status(403, "<html>403 Forbidden</html>")).what, What::unknown);
  EXPECT_EQ(judged(status(422, R"({"code":40010001,"message":"client_order_id must be unique"})")).what,
            What::unknown);
  EXPECT_EQ(judged(status(422, message("qty must be > 0"))).reason, "invalid: qty must be > 0");
  EXPECT_EQ(judged(status(401, message("unauthorized."))).reason, "denied: unauthorized.");
  EXPECT_EQ(judged(status(429, message("rate limit exceeded"))).what, What::throttled);
}

TEST(AlpacaReset, SaysHowLongNobodyAsks) {
  const Instant now = *parse_rfc3339("2026-01-26T15:00:00.5Z");
  const auto wait = [&](const std::string& reset) {
    return wait_for_reset({.status = 429, .headers = {{"x-ratelimit-reset", reset}}}, now).count();
  };
  EXPECT_EQ(wait("1769439607"), 6500);
  EXPECT_EQ(wait("1769439500"), 1000);
  EXPECT_EQ(wait("1869439607"), 120000);
  EXPECT_EQ(wait("soon"), 60000);
  EXPECT_EQ(wait_for_reset({.status = 429, .headers = {{"retry-after", "7"}}}, now).count(), 7000);
}

TEST(AlpacaAsset, HasItsSteps) {
  const auto coin = parse_asset(
      R"({"status":"active","tradable":true,"fractionable":true,"min_order_size":"0.0001","min_trade_increment":0.0001,"price_increment":1})",
      AssetType::crypto);
  ASSERT_TRUE(coin);
  EXPECT_TRUE(coin->tradable);
  EXPECT_EQ(coin->min_quantity, Decimal::of("0.0001"));
  EXPECT_EQ(coin->quantity_step, Decimal::of("0.0001"));
  EXPECT_EQ(coin->price_step, 1);
  const auto share =
      parse_asset(R"({"status":"inactive","tradable":true,"fractionable":false})", AssetType::stock);
  ASSERT_TRUE(share);
  EXPECT_FALSE(share->tradable);
  EXPECT_EQ(share->quantity_step, 1);
  EXPECT_FALSE(parse_asset(R"({"price_increment":"-1"})", AssetType::crypto));
}

TEST(AlpacaPositions, AreNamedAsSessionsNameThem) {
  const auto held = parse_positions(
      R"([{"symbol":"BTCUSD","qty":"0.49875","asset_class":"crypto","side":"long"},
          {"symbol":"AAPL","qty":"3","asset_class":"us_equity","side":"long"},
          {"symbol":"USD","qty":"2","asset_class":"us_equity","side":"short"}])");
  ASSERT_TRUE(held);
  EXPECT_EQ(*held,
            (std::map<std::string, Decimal>{{"BTC/USD", Decimal::of("0.49875")}, {"AAPL", 3}, {"USD", -2}}));
  EXPECT_EQ(pair_of("ETHUSDT"), "ETH/USDT");
  EXPECT_EQ(pair_of("ETH/USD"), "ETH/USD");
  EXPECT_EQ(pair_of("USD"), "USD");
}

TEST(AlpacaAccount, BlockedIsNotActive) {
  const auto account = parse_account(R"({"status":"ACTIVE","buying_power":"12.34","trading_blocked":true})");
  ASSERT_TRUE(account);
  EXPECT_FALSE(account->active);
  EXPECT_EQ(account->status, "ACTIVE, trading_blocked");
  EXPECT_TRUE(parse_account(R"({"status":"ACTIVE","buying_power":"12.34"})")->active);
  EXPECT_FALSE(parse_account(R"({"status":"ACTIVE"})"));
}

TEST(AlpacaFees, AreWhatWasTaken) {
  const auto fees = parse_fees(
      R"([{"id":"20260126::a","activity_type":"CFEE","date":"2026-01-26","symbol":"ETHUSD","qty":"-0.000195","price":"1884.5"}])");
  ASSERT_TRUE(fees);
  ASSERT_EQ(fees->size(), 1U);
  EXPECT_EQ((*fees)[0].symbol, "ETH/USD");
  EXPECT_EQ((*fees)[0].quantity, Decimal::of("0.000195"));
  EXPECT_EQ((*fees)[0].day, Date(2026, 1, 26));
}

}  // namespace
}  // namespace am::strategy
