#include "am/strategy/publish.hpp"

#include <array>
#include <limits>

#include <gtest/gtest.h>

#include "support/error_of.hpp"

namespace am::strategy {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::array kTwoBars{Bar{1'769'437'800'000'000, 10, 12, 9, 11, 100},
                              Bar{1'769'437'860'000'000, 11, 12, 10, 11.5, 50}};

TEST(PublishedBars, AreNumberedAndKnownAtTheirEnd) {
  const NextMessage next = messages_of_bars({"AAPL", "1m"}, kTwoBars, 7);
  OutgoingMessage message;
  ASSERT_TRUE(next(message));
  EXPECT_EQ(message.channel, "market_data:AAPL");
  EXPECT_EQ(message.at, kTwoBars[1].start);
  EXPECT_EQ(message.payload,
            R"({"symbol":"AAPL","timeframe":"1m","open":10,"high":12,"low":9,"close":11,"volume":100,)"
            R"("timestamp":"2026-01-26T14:30:00Z","seq":1,"epoch":7})");
  ASSERT_TRUE(next(message));
  MessageParser parser;
  const auto bar = parser.bar(message.payload, "AAPL");
  ASSERT_TRUE(bar);
  EXPECT_EQ(bar->bar, kTwoBars[1]);
  EXPECT_EQ(bar->sequence.seq, 2);
  EXPECT_FALSE(next(message));
}

TEST(PublishedLines, AreNumberedByChannel) {
  const std::string text =
      R"({"symbol":"A","timeframe":"1m","open":1,"high":1,"low":1,"close":1,"volume":1,"timestamp":60,"seq":99})"
      "\r\n\n"
      R"({"symbol":"A","price":2,"size":1,"timestamp":61})"
      "\n"
      R"({"symbol":"B/USD","timeframe":"1h","open":1,"high":1,"low":1,"close":1,"volume":1,"timestamp":60})"
      "\n"
      R"({"symbol":"A","timeframe":"1m","open":1,"high":1,"low":1,"close":1,"volume":1,"timestamp":120})";
  const NextMessage next = messages_of_lines(text, "file", 7);
  std::string seen;
  OutgoingMessage message;
  while (next(message)) {
    const auto seq = message.payload.find("\"seq\":");
    seen += message.channel + " " + std::to_string(message.at / 1'000'000) + " " +
            message.payload.substr(seq, message.payload.size() - seq - 1) + "\n";
  }
  EXPECT_EQ(seen,
            "market_data:A 120 \"seq\":1,\"epoch\":7\nmarket_trades:A 61 \"seq\":1,\"epoch\":7\n"
            "market_data:B/USD 3660 \"seq\":1,\"epoch\":7\nmarket_data:A 180 \"seq\":2,\"epoch\":7\n");
}

TEST(PublishedLines, WhatIsNoMessageIsNamedWithItsLine) {
  const std::pair<const char*, const char*> lines[] = {
      {R"({"symbol":"A","price":-2,"size":1,"timestamp":61})",
       "file:2: it is neither a bar nor a trade (impossible)"},
      {R"({"symbol":"A","open":1,"timestamp":61})",
       "file:2: it is neither a bar nor a trade (missing_field)"},
      {"nonsense", "file:2: it is neither a bar nor a trade (not_an_object)"}};
  for (const auto& [line, expected] : lines) {
    const std::string text = std::string("\n") + line;
    const NextMessage next = messages_of_lines(text, "file", 7);
    OutgoingMessage message;
    const Error error = test::error_of([&] { next(message); });
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_EQ(error.message(), expected);
  }
}

TEST(PublishPace, IsAsTheEventsWereOrSoManyASecond) {
  constexpr Micros kSecond = 1'000'000;
  EXPECT_EQ(due_after({}, 5, 60 * kSecond, 0), nanoseconds(0));
  EXPECT_EQ(due_after({.speed = 60}, 5, 60 * kSecond, 0), milliseconds(1000));
  EXPECT_EQ(due_after({.speed = 1}, 5, 0, 60 * kSecond), nanoseconds(0)) << "an event that comes late";
  EXPECT_EQ(due_after({.rate = 1000}, 5, 60 * kSecond, 0), milliseconds(5));
  EXPECT_GT(due_after({.speed = 1}, 0, std::numeric_limits<Micros>::max(), 0), std::chrono::hours(24 * 365));
}

}  // namespace
}  // namespace am::strategy
