#include "am/strategy/signal_post.hpp"

#include <gtest/gtest.h>

namespace am::strategy {
namespace {

constexpr const char* kId = "0198c0de-0000-7000-8000-000000000001";

std::string body_of(const std::string& members) {
  return std::string(R"({"sessionId":")") + kId +
         R"(","symbol":"AAPL","action":"BUY","price":187.42,"qty":10)" + members + "}";
}

std::string refusal(const std::string& body) {
  const auto post = parse_signal_post(body);
  return post ? "" : post.error().reason;
}

TEST(SignalPost, NeedsNoMoreThanTheSeedSends) {
  const auto post = parse_signal_post(body_of(""));
  ASSERT_TRUE(post) << post.error().reason;
  EXPECT_EQ(post->session_id, kId);
  EXPECT_EQ(post->symbol, "AAPL");
  EXPECT_EQ(post->side, Side::buy);
  EXPECT_EQ(post->price.to_string(), "187.42");
  EXPECT_EQ(post->quantity.to_string(), "10");
  EXPECT_FALSE(post->epoch);
  EXPECT_EQ(post->signal_id, "");
  EXPECT_FALSE(post->generated_at);
  EXPECT_EQ(post->metadata, "{}");
}

TEST(SignalPost, ReadsNumbersByTheirText) {
  const auto post =
      parse_signal_post(std::string(R"({"sessionId":")") + kId +
                        R"(","symbol":"A","action":"sell","price":0.1000000000000000055,"qty":"0.30"})");
  ASSERT_TRUE(post) << post.error().reason;
  EXPECT_EQ(post->price.to_string(), "0.1000000000000000055");
  EXPECT_EQ(post->quantity.to_string(), "0.30");
  EXPECT_EQ(post->side, Side::sell);
}

TEST(SignalPost, TakesEverythingThatAnEngineSends) {
  const auto post = parse_signal_post(body_of(
      std::string(R"(,"sessionEpoch":3,"strategyId":")") + kId + R"(","confidence":0.75,"signalId":")" + kId +
      R"(","generatedAt":"2026-01-26T15:00:00.5Z","metadata":{"sma":1.5},"later":"ignored")"));
  ASSERT_TRUE(post) << post.error().reason;
  EXPECT_EQ(post->epoch, 3);
  EXPECT_EQ(post->confidence, 0.75);
  EXPECT_EQ(format_rfc3339(*post->generated_at), "2026-01-26T15:00:00.5Z");
  EXPECT_EQ(post->metadata, R"({"sma":1.5})");
}

TEST(SignalPost, SaysWhatIsWrong) {
  EXPECT_EQ(refusal(""), "body: missing");
  EXPECT_EQ(refusal("[]"), "body: not an object");
  EXPECT_EQ(refusal("{"), "body: not JSON (byte 2)");
  EXPECT_EQ(refusal("{}"), "sessionId: missing");
  EXPECT_EQ(refusal(body_of(R"(,"qty":11)")), "body: 'qty': given twice");
  EXPECT_EQ(refusal(body_of(R"(,"sessionEpoch":-1)")), "sessionEpoch: not a number from 0 on");
  EXPECT_EQ(refusal(body_of(R"(,"signalId":"x")")), "signalId: not a UUID (got 'x')");
  EXPECT_EQ(refusal(body_of(R"(,"generatedAt":"today")")),
            "generatedAt: not a moment as RFC 3339 has it (got 'today')");
  EXPECT_EQ(refusal(body_of(R"(,"metadata":[])")), "metadata: not an object");
  EXPECT_EQ(refusal(body_of(R"(,"metadata":{"a":)" + std::string(40, '[') + std::string(40, ']') + "}")),
            "body: nested too deep");
  EXPECT_EQ(refusal(body_of(R"(,"metadata":{"a":")" + std::string(17000, 'x') + R"("})")),
            "metadata: too long (expected at most 16 KiB)");
  EXPECT_EQ(refusal(std::string(R"({"sessionId":")") + kId +
                    R"(","symbol":"A","action":"HOLD","price":1,"qty":1})"),
            "action: unknown (expected BUY or SELL, got 'HOLD')");
  EXPECT_EQ(refusal(std::string(R"({"sessionId":")") + kId +
                    R"(","symbol":"A","action":"BUY","price":true,"qty":1})"),
            "price: not a number (got 'true')");
}

}  // namespace
}  // namespace am::strategy
