#include "am/strategy/messages.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace am::strategy {
namespace {

constexpr std::string_view kGoodBar =
    R"({"symbol":"AAPL","timeframe":"1m","open":187.5,"high":188,"low":187.25,"close":187.75,"volume":1200,"timestamp":"2026-01-26T14:30:00Z"})";
constexpr Micros kHalfPastTwo = 1'769'437'800'000'000;

/// The good bar with one text instead of another.
std::string bar_with(std::string_view old, std::string_view now) {
  std::string text(kGoodBar);
  text.replace(text.find(old), old.size(), now);
  return text;
}

std::optional<MessageReject> refused_bar(std::string_view payload, std::string_view symbol = "AAPL") {
  MessageParser parser;
  const auto message = parser.bar(payload, symbol);
  return message ? std::nullopt : std::optional(message.error());
}

std::optional<MessageReject> refused_trade(std::string_view payload) {
  MessageParser parser;
  const auto message = parser.trade(payload, "AAPL");
  return message ? std::nullopt : std::optional(message.error());
}

std::optional<MessageReject> refused_control(std::string_view payload) {
  MessageParser parser;
  const auto message = parser.control(payload);
  return message ? std::nullopt : std::optional(message.error());
}

TEST(BarMessages, AreReadAsTheSeedHasThem) {
  MessageParser parser;
  const auto message = parser.bar(kGoodBar, "AAPL");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->symbol, "AAPL");
  EXPECT_EQ(message->timeframe, "1m");
  EXPECT_EQ(message->bar, (Bar{kHalfPastTwo, 187.5, 188, 187.25, 187.75, 1200}));
  EXPECT_FALSE(message->sequence.seq || message->sequence.epoch);
}

TEST(BarMessages, FieldsComeInAnyOrderAndUnknownOnesAreIgnored) {
  MessageParser parser;
  const auto message = parser.bar(
      R"({"epoch":7,"vwap":{"a":[1,"}"]},"timestamp":"2026-01-26T09:30:00-05:00","volume":0.5,"close":2,"low":1,"high":3,)"
      R"( "open":2 , "timeframe":"5m","seq":41,"symbol":"BTC\/USD", "note":null})",
      "BTC/USD");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->symbol, "BTC/USD");
  EXPECT_EQ(message->bar, (Bar{kHalfPastTwo, 2, 3, 1, 2, 0.5}));
  EXPECT_EQ(message->sequence.seq, 41);
  EXPECT_EQ(message->sequence.epoch, 7);
}

TEST(BarMessages, TimestampsAreTextOrNumbersOfAnyUnit) {
  MessageParser parser;
  for (const char* at : {"\"2026-01-26T14:30:00+00:00\"", "\"2026-01-26T14:30:00.000000000Z\"", "1769437800",
                         "1769437800000", "1769437800000000", "1769437800000000000"}) {
    const auto message = parser.bar(bar_with("\"2026-01-26T14:30:00Z\"", at), "AAPL");
    ASSERT_TRUE(message) << at;
    EXPECT_EQ(message->bar.start, kHalfPastTwo) << at;
  }
  for (const char* at : {"\"\"", "\"2026-01-26\"", "\"2026-01-26T14:30:00\"", "\"1969-12-31T23:59:59Z\"",
                         "-1", "1.5", "1e9", "99999999999999999999"})
    EXPECT_EQ(refused_bar(bar_with("\"2026-01-26T14:30:00Z\"", at)), MessageReject::bad_timestamp) << at;
  EXPECT_EQ(refused_bar(bar_with("\"2026-01-26T14:30:00Z\"", "true")), MessageReject::wrong_type);
}

TEST(BarMessages, EachFieldIsNeeded) {
  for (const char* field : {"symbol", "timeframe", "open", "high", "low", "close", "volume", "timestamp"})
    EXPECT_EQ(refused_bar(bar_with(field, "other")), MessageReject::missing_field) << field;
  EXPECT_EQ(refused_bar("{}"), MessageReject::missing_field);
}

TEST(BarMessages, WhatIsNoneIsRefusedWithItsReason) {
  EXPECT_EQ(refused_bar(""), MessageReject::not_json);
  EXPECT_EQ(refused_bar("hello"), MessageReject::not_an_object);
  EXPECT_EQ(refused_bar(std::string(kGoodBar) + "{}"), MessageReject::not_json);
  EXPECT_EQ(refused_bar(kGoodBar.substr(0, kGoodBar.size() - 1)), MessageReject::not_json);
  EXPECT_EQ(refused_bar(bar_with("AAPL", "AA\xFFPL")), MessageReject::not_json);
  EXPECT_EQ(refused_bar("[1,2]"), MessageReject::not_an_object);
  EXPECT_EQ(refused_bar("17"), MessageReject::not_an_object);
  EXPECT_EQ(refused_bar(bar_with("187.5", "\"187.5\"")), MessageReject::wrong_type);
  EXPECT_EQ(refused_bar(bar_with("187.5", "null")), MessageReject::wrong_type);
  EXPECT_EQ(refused_bar(bar_with("\"1m\"", "1")), MessageReject::wrong_type);
  EXPECT_EQ(refused_bar(bar_with("1m", "1 minute")), MessageReject::bad_timeframe);
  EXPECT_EQ(refused_bar(bar_with("AAPL", ""), ""), MessageReject::bad_symbol);
  EXPECT_EQ(refused_bar(kGoodBar, "MSFT"), MessageReject::other_symbol);
  EXPECT_EQ(refused_bar(kGoodBar, "aapl"), MessageReject::other_symbol);
}

TEST(BarMessages, PricesHaveToBePossible) {
  EXPECT_EQ(refused_bar(bar_with("\"high\":188", "\"high\":187.6")), MessageReject::impossible);
  EXPECT_EQ(refused_bar(bar_with("\"low\":187.25", "\"low\":0")), MessageReject::impossible);
  EXPECT_EQ(refused_bar(bar_with("\"low\":187.25", "\"low\":-1")), MessageReject::impossible);
  EXPECT_EQ(refused_bar(bar_with("1200", "-1")), MessageReject::impossible);
  EXPECT_EQ(refused_bar(bar_with("188", "1e400")), MessageReject::wrong_type);
}

TEST(BarMessages, TooLongOnesAreNotLookedAt) {
  std::string padded = bar_with("}", "");
  padded += ",\"note\":\"" + std::string(1 << 20, 'x') + "\"}";
  EXPECT_EQ(refused_bar(padded), MessageReject::too_large);
  std::string largest = bar_with("}", "") + ",\"note\":\"\"}";
  largest.insert(largest.size() - 2, kMostMessageBytes - largest.size(), 'x');
  EXPECT_EQ(refused_bar(largest), std::nullopt);
  EXPECT_EQ(refused_bar(largest + " "), MessageReject::too_large);
}

TEST(BarMessages, WrittenOnesAreReadAsTheSame) {
  const double third = 1.0 / 3;
  const BarMessage written{"BRK.B",
                           "1m",
                           {kHalfPastTwo + 1, third, 1.25e11, 5e-324, 0.1 + 0.2, 123456789.125},
                           {std::numeric_limits<std::int64_t>::max(), -3}};
  std::string text;
  write_message(text, written);
  EXPECT_EQ(
      text,
      R"({"symbol":"BRK.B","timeframe":"1m","open":0.3333333333333333,"high":125000000000,"low":5e-324,)"
      R"("close":0.30000000000000004,"volume":123456789.125,"timestamp":"2026-01-26T14:30:00.000001Z",)"
      R"("seq":9223372036854775807,"epoch":-3})");
  MessageParser parser;
  const auto read = parser.bar(text, "BRK.B");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->bar, written.bar);
  EXPECT_EQ(read->sequence.seq, written.sequence.seq);
  EXPECT_EQ(read->sequence.epoch, written.sequence.epoch);
}

TEST(TradeMessages, AreReadAndWritten) {
  std::string text;
  write_message(text, TradeMessage{"AAPL", "last", {kHalfPastTwo, 187.51, 100}, {3, 4}});
  EXPECT_EQ(
      text,
      R"({"symbol":"AAPL","price":187.51,"size":100,"timestamp":"2026-01-26T14:30:00Z","tickType":"last","seq":3,"epoch":4})");
  MessageParser parser;
  const auto message = parser.trade(text, "AAPL");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->trade, (Trade{kHalfPastTwo, 187.51, 100}));
  EXPECT_EQ(message->tick_type, "last");
  EXPECT_EQ(message->sequence.seq, 3);
  EXPECT_EQ(refused_trade(R"({"symbol":"AAPL","price":1,"size":1,"timestamp":1769437800,"tickType":null})"),
            std::nullopt);
  EXPECT_EQ(refused_trade(R"({"symbol":"AAPL","price":0,"size":1,"timestamp":1769437800})"),
            MessageReject::impossible);
  EXPECT_EQ(refused_trade(R"({"symbol":"AAPL","price":1,"size":0,"timestamp":1769437800})"),
            MessageReject::impossible);
  EXPECT_EQ(refused_trade(R"({"symbol":"MSFT","price":1,"size":1,"timestamp":1769437800})"),
            MessageReject::other_symbol);
  EXPECT_EQ(refused_trade(R"({"symbol":"AAPL","price":1,"timestamp":1769437800})"),
            MessageReject::missing_field);
}

TEST(ControlEvents, AreReadAndWritten) {
  MessageParser parser;
  const ControlEvent event{ControlEvent::Action::subscribe, "BTC/USD", AssetType::crypto, "s-1", "e-2"};
  std::string text;
  write_message(text, event);
  EXPECT_EQ(
      text,
      R"({"action":"subscribe","symbol":"BTC/USD","type":"crypto","strategyId":"s-1","sessionId":"e-2"})");
  const auto read = parser.control(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, event);
  const auto bare = parser.control(
      R"({"action":"unsubscribe","symbol":"AAPL","type":"stock","strategyId":null,"sessionId":null})");
  ASSERT_TRUE(bare);
  EXPECT_EQ(*bare, (ControlEvent{ControlEvent::Action::unsubscribe, "AAPL", AssetType::stock}));
}

TEST(ControlEvents, WhatIsNoneIsRefusedWithItsReason) {
  EXPECT_EQ(refused_control(R"({"action":"pause","symbol":"AAPL","type":"stock"})"),
            MessageReject::unknown_action);
  EXPECT_EQ(refused_control(R"({"action":"subscribe","symbol":"AAPL","type":"bond"})"),
            MessageReject::unknown_asset_type);
  EXPECT_EQ(refused_control(R"({"action":"subscribe","symbol":"A B","type":"stock"})"),
            MessageReject::bad_symbol);
  EXPECT_EQ(refused_control(R"({"action":"subscribe","type":"stock"})"), MessageReject::missing_field);
  EXPECT_EQ(refused_control(R"({"action":"subscribe","symbol":"A","type":"stock","sessionId":7})"),
            MessageReject::wrong_type);
  EXPECT_EQ(refused_control(R"({"action":"subscribe","symbol":"A","type":"stock","sessionId":")" +
                            std::string(65, 'x') + R"("})"),
            MessageReject::wrong_type);
}

TEST(ControlEvents, WhatIsWrittenIsJsonWhateverTheSymbolIs) {
  std::string text;
  write_message(text, ControlEvent{ControlEvent::Action::subscribe, "A\"\\B", AssetType::stock, "x\ny"});
  MessageParser parser;
  const auto read = parser.control(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->symbol, "A\"\\B");
  EXPECT_EQ(read->strategy_id, "x\ny");
}

TEST(MessageRejects, HaveNamesOfTheirOwn) {
  for (std::size_t i = 0; i < kMessageRejects; ++i)
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_NE(name_of(static_cast<MessageReject>(i)), name_of(static_cast<MessageReject>(j)));
  EXPECT_EQ(name_of(MessageReject::unknown_asset_type), "unknown_asset_type");
  EXPECT_EQ(subscription_set(AssetType::crypto), "active_subscriptions:crypto");
}

}  // namespace
}  // namespace am::strategy
