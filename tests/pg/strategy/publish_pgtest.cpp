// What is published reaches who listens: all of it, in order, as it was.

#include <csignal>

#include <gtest/gtest.h>

#include "am/strategy/publish.hpp"
#include "am/strategy/stream.hpp"
#include "support/error_of.hpp"
#include "support/strategy/redis.hpp"

namespace am::strategy {
namespace {

std::vector<Bar> rising_bars(int count) {
  std::vector<Bar> bars;
  for (int i = 0; i < count; ++i) {
    const double price = 100 + i / 7.0;
    bars.push_back(
        {1'769'437'800'000'000 + i * 60'000'000LL, price, price + 1, price - 1, price + 0.1, 10.0 + i});
  }
  return bars;
}

TEST(Publishing, ReachesTheStreamWholeAndInOrder) {
  test::RedisServer server;
  MarketStream stream({.url = server.url()});
  const SteadyTime until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const auto next = [&]() -> std::optional<Frame> {
    for (;;) {
      if (const auto frame = stream.next()) return frame;
      if (!stream.wait(until)) return std::nullopt;
    }
  };
  ASSERT_TRUE(next());  // connected
  const std::vector<Bar> bars = rising_bars(1000);
  Redis redis(parse_redis_url(server.url()));
  const kernel::Stop stop;
  const PublishedMessages published =
      publish_messages(redis, messages_of_bars({"AAPL", "1m"}, bars, 5), {.rate = 1e6}, stop);
  EXPECT_EQ(published.messages, bars.size());
  EXPECT_EQ(published.subscribers, 1);
  MessageParser parser;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const auto frame = next();
    ASSERT_TRUE(frame);
    const auto message = parser.bar(frame->payload, frame->symbol);
    ASSERT_TRUE(message) << frame->payload.text;
    ASSERT_EQ(message->bar, bars[i]);
    ASSERT_EQ(message->sequence.seq, static_cast<std::int64_t>(i) + 1);
  }
  EXPECT_EQ(publish_messages(redis, messages_of_bars({"AAPL", "1m"}, {}, 5), {}, stop).messages, 0u);
}

TEST(Publishing, EndsWhenItIsAskedTo) {
  test::RedisServer server;
  const std::vector<Bar> bars = rising_bars(3);
  Redis redis(parse_redis_url(server.url()));
  kernel::Stop stop;
  int made = 0;
  const NextMessage bars_of = messages_of_bars({"AAPL", "1m"}, bars, 5);
  const NextMessage next = [&](OutgoingMessage& out) {
    if (++made == 2) stop.request(SIGTERM);
    return bars_of(out);
  };
  EXPECT_EQ(test::error_of([&] { publish_messages(redis, next, {.speed = 1}, stop); }).kind(),
            ErrorKind::terminated);
  EXPECT_EQ(made, 2) << "the second is due a minute after the first";
}

}  // namespace
}  // namespace am::strategy
