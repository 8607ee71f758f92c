// The stream against real servers: what is lost, killed, paused, restarted or too slow is told, and order is kept.

#include <chrono>
#include <thread>

#include <gtest/gtest.h>
#include <poll.h>

#include "am/strategy/stream.hpp"
#include "support/silent_relay.hpp"
#include "support/strategy/redis.hpp"

namespace am::strategy {
namespace {

using std::chrono::milliseconds;
using test::RedisServer;
using Kind = Frame::Kind;

constexpr auto kStreamPatience = std::chrono::seconds(30);  // for what takes milliseconds on an idle machine

SteadyTime from_now(std::chrono::nanoseconds time) { return std::chrono::steady_clock::now() + time; }

StreamOptions quick(const std::string& url) {
  return {.url = url, .first_wait = milliseconds(10), .most_wait = milliseconds(100)};
}

/// As quick, and a connection that says nothing is noticed within half a second.
StreamOptions alert(const std::string& url) {
  StreamOptions options = quick(url);
  options.ping_every = options.ping_answer = milliseconds(250);
  options.connect = milliseconds(2000);
  return options;
}

/// A frame with texts of its own.
struct Seen {
  Kind kind = Kind::connected;
  bool coalesced = false;
  std::string symbol{}, payload{};
};

std::optional<Seen> next_frame(MarketStream& stream, std::chrono::nanoseconds longest = kStreamPatience) {
  const SteadyTime until = from_now(longest);
  for (;;) {
    if (const auto frame = stream.next())
      return Seen{frame->kind, frame->coalesced, std::string(frame->symbol),
                  std::string(frame->payload.text)};
    if (!stream.wait(until)) return std::nullopt;
  }
}

/// Whether the next frame is of that kind.
testing::AssertionResult comes(MarketStream& stream, Kind kind) {
  const auto frame = next_frame(stream);
  if (!frame) return testing::AssertionFailure() << "nothing came: " << stream.problem();
  if (frame->kind == kind) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "kind " << static_cast<int>(frame->kind)
                                     << " came: " << frame->payload;
}

class MarketStreamOn : public testing::TestWithParam<std::string> {
 protected:
  RedisServer server{GetParam()};
  Redis redis{parse_redis_url(server.url())};
};

INSTANTIATE_TEST_SUITE_P(Servers, MarketStreamOn, testing::ValuesIn(RedisServer::programs()),
                         [](const auto& of) { return of.param.substr(0, of.param.find('-')); });

TEST_P(MarketStreamOn, TellsWhatIsPublishedInOrderAndNothingElse) {
  MarketStream stream(quick(server.socket_url()));
  ASSERT_TRUE(comes(stream, Kind::connected));
  EXPECT_TRUE(stream.counts().is_connected);
  EXPECT_EQ(redis.publish("market_data:BTC/USD", "{\"a\":1}"), 1);
  redis.publish("market_trades:AAPL", "");
  redis.publish(kControlChannel, "hint");
  redis.publish("market_data:", "nobody's");
  redis.publish("market_data:" + std::string(300, 'x'), "nobody's");
  EXPECT_EQ(redis.publish("elsewhere", "nobody's"), 0);
  redis.publish("market_data:AAPL", std::string(1 << 20, 'x'));
  redis.publish("market_data:AAPL", std::string(kMostMessageBytes, 'x'));
  const auto bar = next_frame(stream), trade = next_frame(stream), control = next_frame(stream),
             last = next_frame(stream);
  ASSERT_TRUE(bar && trade && control && last);
  EXPECT_EQ(bar->kind, Kind::bar);
  EXPECT_EQ(bar->symbol, "BTC/USD");
  EXPECT_EQ(bar->payload, "{\"a\":1}");
  EXPECT_EQ(trade->kind, Kind::trade);
  EXPECT_EQ(trade->symbol, "AAPL");
  EXPECT_EQ(control->kind, Kind::control);
  EXPECT_EQ(control->payload, "hint");
  EXPECT_EQ(last->payload.size(), kMostMessageBytes);
  const StreamCounts counts = stream.counts();
  EXPECT_EQ(counts.bars, 2u);
  EXPECT_EQ(counts.trades, 1u);
  EXPECT_EQ(counts.controls, 1u);
  EXPECT_EQ(counts.too_large, 1u);
  EXPECT_EQ(counts.unknown, 2u);
}

TEST_P(MarketStreamOn, ManyMessagesComeInOrder) {
  MarketStream stream(quick(server.url()));
  ASSERT_TRUE(comes(stream, Kind::connected));
  constexpr int kMessages = 20'000, kBatch = 500;
  std::thread publisher([&] {
    std::vector<std::string> texts(kBatch);
    std::vector<Publication> batch(kBatch);
    for (int i = 0; i < kMessages; i += kBatch) {
      for (int j = 0; j < kBatch; ++j) {
        texts[j] = std::to_string(i + j) + std::string(200, ' ');
        batch[j] = {"market_data:AAPL", texts[j]};
      }
      redis.publish(batch);
    }
  });
  int wrong = 0;
  for (int i = 0; i < kMessages; ++i) {
    const auto frame = next_frame(stream);
    if (!frame) break;
    wrong += frame->payload.substr(0, frame->payload.find(' ')) != std::to_string(i);
  }
  publisher.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(stream.counts().bars, kMessages);
  EXPECT_EQ(stream.counts().dropped + stream.counts().coalesced, 0u);
}

TEST_P(MarketStreamOn, AServerThatIsKilledAndComesBackIsToldAsAGap) {
  MarketStream stream(quick(server.url()));
  ASSERT_TRUE(comes(stream, Kind::connected));
  redis.publish(kControlChannel, "before");
  ASSERT_TRUE(comes(stream, Kind::control));
  server.kill();
  const auto lost = next_frame(stream);
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->kind, Kind::disconnected);
  EXPECT_NE(lost->payload.find("127.0.0.1"), std::string::npos) << lost->payload;
  EXPECT_FALSE(stream.counts().is_connected);
  EXPECT_FALSE(stream.wait(from_now(milliseconds(150))))
      << "one frame says it, however often it is tried again";
  EXPECT_NE(stream.problem(), "");
  server.start();
  ASSERT_TRUE(comes(stream, Kind::connected));
  EXPECT_EQ(stream.problem(), "");
  EXPECT_EQ(redis.publish("market_data:AAPL", "after"), 1)
      << "the patterns are confirmed when it says connected";
  EXPECT_EQ(next_frame(stream)->payload, "after");
  EXPECT_EQ(stream.counts().connects, 2u);
}

TEST_P(MarketStreamOn, AServerThatIsPausedIsNoticedByItsSilence) {
  MarketStream stream(alert(server.url()));
  ASSERT_TRUE(comes(stream, Kind::connected));
  server.pause();
  const auto lost = next_frame(stream);
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->kind, Kind::disconnected);
  EXPECT_EQ(stream.counts().silences, 1u);
  server.resume();
  ASSERT_TRUE(comes(stream, Kind::connected));
}

TEST_P(MarketStreamOn, AnIdleConnectionIsHeldByPings) {
  StreamOptions options = quick(server.url());
  options.ping_every = milliseconds(20);
  options.ping_answer = std::chrono::seconds(20);
  MarketStream stream(options);
  ASSERT_TRUE(comes(stream, Kind::connected));
  const std::uint64_t before = stream.counts().bytes;
  const SteadyTime until = from_now(kStreamPatience);
  while (stream.counts().bytes < before + 3 * std::string_view("*2\r\n$4\r\npong\r\n$0\r\n\r\n").size()) {
    ASSERT_LT(std::chrono::steady_clock::now(), until);
    EXPECT_FALSE(stream.wait(from_now(milliseconds(20))));
  }
  EXPECT_EQ(stream.counts().connects, 1u);
}

TEST_P(MarketStreamOn, AConnectionThatIsHalfOpenIsNoticed) {
  test::SilentRelay relay(test::SilentRelay::When::on_demand, server.socket());
  MarketStream stream(alert("redis://127.0.0.1:" + std::to_string(relay.port())));
  ASSERT_TRUE(comes(stream, Kind::connected));
  relay.silence();
  redis.publish("market_data:AAPL", "lost");
  ASSERT_TRUE(comes(stream, Kind::disconnected));
  relay.speak();
  ASSERT_TRUE(comes(stream, Kind::connected));
  redis.publish("market_data:AAPL", "heard");
  EXPECT_EQ(next_frame(stream)->payload, "heard");
}

TEST_P(MarketStreamOn, AConsumerThatIsTooSlowLosesBarsByKeyAndNoControl) {
  StreamOptions options = quick(server.url());
  options.ring_bytes = 1;  // the least there is: 512 KiB
  MarketStream stream(options);
  ASSERT_TRUE(comes(stream, Kind::connected));
  const std::string filler(2000, 'x');
  constexpr int kRounds = 400;
  for (int i = 0; i < kRounds; ++i) {
    const std::string n = std::to_string(i);
    redis.publish("market_data:AAPL", R"({"timeframe":"1m","n":)" + n + ",\"" + filler);
    redis.publish("market_trades:AAPL", n);
    redis.publish(kControlChannel, n);
  }
  const SteadyTime until = from_now(kStreamPatience);
  while (stream.counts().controls < kRounds && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(milliseconds(1));
  int controls = 0, coalesced = 0, last = -1, bars = 0, trades = 0;
  while (controls < kRounds || last != kRounds - 1) {
    const auto frame = next_frame(stream);
    ASSERT_TRUE(frame);
    if (frame->kind == Kind::control) {
      EXPECT_EQ(frame->payload, std::to_string(controls++));
    } else if (frame->kind == Kind::trade) {
      ++trades;
    } else {
      const int n = std::stoi(frame->payload.substr(frame->payload.find("\"n\":") + 4));
      EXPECT_GT(n, last);
      if (frame->coalesced)
        ++coalesced;
      else
        EXPECT_EQ(n, last + 1) << "without a word";
      last = n;
      ++bars;
    }
  }
  const StreamCounts counts = stream.counts();
  EXPECT_EQ(counts.bars, kRounds);
  EXPECT_EQ(counts.coalesced + bars, kRounds);
  EXPECT_EQ(counts.dropped + trades, kRounds);
  EXPECT_GT(coalesced, 0);
  EXPECT_GT(counts.dropped, 0u);
  redis.publish("market_data:AAPL", "{}");
  const auto now = next_frame(stream);
  ASSERT_TRUE(now);
  EXPECT_FALSE(now->coalesced);
}

TEST_P(MarketStreamOn, AWrongPasswordIsAProblemThatDoesNotNameIt) {
  RedisServer locked(GetParam(), {"--requirepass", "correct-horse"});
  const std::string address = "127.0.0.1:" + std::to_string(locked.port());
  for (const std::string& login : {std::string(), std::string(":battery-staple@")}) {
    MarketStream refused(quick("redis://" + login + address));
    const auto frame = next_frame(refused);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->kind, Kind::disconnected);
    EXPECT_EQ((frame->payload + refused.problem()).find("battery"), std::string::npos) << frame->payload;
    EXPECT_GT(refused.counts().failed_connects, 0u);
  }
  MarketStream stream(quick("redis://:correct-horse@" + address + "/2"));
  EXPECT_TRUE(comes(stream, Kind::connected));
}

TEST_P(MarketStreamOn, SleepsOnADescriptorAmongOthers) {
  MarketStream stream(quick(server.url()));
  ASSERT_TRUE(comes(stream, Kind::connected));
  const auto sleeps = [&](int longest) {
    pollfd waiting{stream.descriptor(), POLLIN, 0};
    const int ready = stream.prepare_to_poll() ? poll(&waiting, 1, longest) : 1;
    stream.polled();
    return ready;
  };
  for (int i = 0; i < 200; ++i) {
    redis.publish("market_data:AAPL", "{}");
    std::optional<Frame> frame;
    while (!(frame = stream.next())) ASSERT_EQ(sleeps(30'000), 1);
    EXPECT_EQ(frame->symbol, "AAPL");
  }
  EXPECT_FALSE(stream.next());
  EXPECT_EQ(sleeps(20), 0) << "nothing is there, and it does not say that there is";
  std::thread waker([&] { stream.wake(); });
  EXPECT_EQ(sleeps(30'000), 1);
  waker.join();
  EXPECT_FALSE(stream.next());
}

TEST_P(MarketStreamOn, IsWokenFromElsewhere) {
  MarketStream stream(quick(server.url()));
  ASSERT_TRUE(comes(stream, Kind::connected));
  EXPECT_FALSE(stream.next());
  std::thread waker([&] { stream.wake(); });
  EXPECT_TRUE(stream.wait(SteadyTime::max()));
  waker.join();
  EXPECT_FALSE(stream.next());
  EXPECT_FALSE(stream.wait(from_now(milliseconds(1)))) << "it woke once";
}

TEST(MarketStream, EndsWhileNobodyAnswers) {
  const auto began = std::chrono::steady_clock::now();
  {
    MarketStream stream(quick("redis://127.0.0.1:1"));
  }
  {
    MarketStream stream(quick("unix:///nowhere/redis.sock"));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

}  // namespace
}  // namespace am::strategy
