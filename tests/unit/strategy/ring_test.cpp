#include "strategy/stream/ring.hpp"

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "strategy/stream/backlog.hpp"

namespace am::strategy {
namespace {

using Kind = Frame::Kind;

Frame bar_frame(std::string_view symbol, std::string_view payload) {
  return {.kind = Kind::bar,
          .symbol = symbol,
          .payload = {payload},
          .read_at = SteadyTime(std::chrono::seconds(3))};
}

TEST(Ring, GivesBackWhatWasPutInOrder) {
  Ring ring(0);
  EXPECT_FALSE(ring.next());
  EXPECT_TRUE(ring.push(bar_frame("AAPL", "one"), ring.capacity()));
  EXPECT_TRUE(ring.push({.kind = Kind::connected, .coalesced = true}, ring.capacity()));
  const auto first = ring.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind, Kind::bar);
  EXPECT_EQ(first->symbol, "AAPL");
  EXPECT_EQ(first->payload.text, "one");
  EXPECT_EQ(first->read_at, SteadyTime(std::chrono::seconds(3)));
  EXPECT_FALSE(first->coalesced);
  const auto second = ring.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->kind, Kind::connected);
  EXPECT_TRUE(second->coalesced);
  EXPECT_FALSE(ring.has_next());
  EXPECT_GT(ring.used(), 0u) << "it is held";
  EXPECT_FALSE(ring.next());
  EXPECT_EQ(ring.used(), 0u);
}

TEST(Ring, TakesNoMoreThanTheLimitAndLosesNothingOverManyRounds) {
  Ring ring(0);
  const std::string payload(1000, 'x');
  std::size_t put = 0, got = 0;
  for (int round = 0; round < 50; ++round) {
    while (ring.push(bar_frame("S" + std::to_string(put), payload.substr(0, put % 1000)),
                     ring.capacity() / 4 * 3))
      ++put;
    EXPECT_LE(ring.used(), ring.capacity() / 4 * 3);
    EXPECT_GT(ring.used(), ring.capacity() / 4 * 3 - 2000);
    for (int i = 0; i < 100; ++i, ++got) {
      const auto frame = ring.next();
      ASSERT_TRUE(frame);
      ASSERT_EQ(frame->symbol, "S" + std::to_string(got));
      ASSERT_EQ(frame->payload.text.size(), got % 1000);
    }
  }
  while (ring.next()) ++got;
  EXPECT_EQ(put, got);
}

TEST(Ring, OneThreadWritesWhileAnotherReads) {
  Ring ring(0);
  constexpr int kFrames = 200'000;
  std::thread writer([&] {
    std::string text;
    for (int i = 0; i < kFrames; ++i) {
      text = std::to_string(i);
      while (!ring.push(bar_frame("A", text), ring.capacity())) std::this_thread::yield();
    }
  });
  int wrong = 0;
  for (int i = 0; i < kFrames;) {
    const auto frame = ring.next();
    if (!frame) {
      std::this_thread::yield();
      continue;
    }
    wrong += frame->payload.text != std::to_string(i);
    ++i;
  }
  writer.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Backlog, KeepsTheNewestBarOfEachKeyAndSaysSo) {
  Backlog backlog(1 << 20);
  backlog.add(bar_frame("A", R"({"timeframe":"1m","n":1})"));
  backlog.add(bar_frame("B", R"({"timeframe":"1m","n":2})"));
  backlog.add(bar_frame("A", R"({"timeframe": "5m","n":3})"));
  backlog.add({.kind = Kind::trade, .symbol = "A", .payload = {"gone"}});
  backlog.add({.kind = Kind::control, .payload = {"hint"}});
  backlog.add(bar_frame("A", R"({"timeframe":"1m","n":4})"));
  backlog.add({.kind = Kind::control, .payload = {"hint"}});
  Ring ring(0);
  backlog.drain(ring, ring.capacity());
  EXPECT_TRUE(backlog.is_empty());
  std::string seen;
  while (const auto frame = ring.next()) {
    seen += frame->symbol;
    seen += frame->coalesced ? "!" : "";
    seen += frame->kind == Kind::control ? "control"
                                         : frame->payload.text.substr(frame->payload.text.size() - 2, 1);
    seen += ' ';
  }
  EXPECT_EQ(seen, "B2 A3 control A!4 control ");
  EXPECT_EQ(backlog.coalesced(), 1u);
  EXPECT_EQ(backlog.dropped(), 1u);
}

TEST(Backlog, BeyondItsBytesAFrameSaysThatThingsWereLost) {
  Backlog backlog(2000);
  for (int i = 0; i < 100; ++i) backlog.add(bar_frame("S" + std::to_string(i), std::string(200, 'x')));
  backlog.add({.kind = Kind::disconnected, .payload = {"why"}});
  backlog.add(bar_frame("LATE", std::string(200, 'x')));
  Ring ring(0);
  backlog.drain(ring, ring.capacity());
  std::size_t bars = 0;
  std::string others;
  while (const auto frame = ring.next())
    if (frame->kind == Kind::bar)
      ++bars;
    else
      others +=
          frame->kind == Kind::connected ? (frame->coalesced ? "lost " : "connected ") : "disconnected ";
  EXPECT_EQ(others, "disconnected lost ");
  EXPECT_EQ(bars + backlog.dropped(), 101u);
  EXPECT_GE(bars, 3u);
  backlog.add(bar_frame("S1", "again"));
  backlog.drain(ring, ring.capacity());
  EXPECT_FALSE(ring.next()->coalesced);
}

TEST(Backlog, DrainsAsFarAsThereIsRoom) {
  Backlog backlog(1 << 20);
  for (int i = 0; i < 10; ++i) backlog.add(bar_frame("S" + std::to_string(i), "x"));
  Ring ring(0);
  backlog.drain(ring, 500);
  EXPECT_FALSE(backlog.is_empty());
  EXPECT_EQ(ring.next()->symbol, "S0");
  backlog.drain(ring, ring.capacity());
  EXPECT_TRUE(backlog.is_empty());
}

TEST(Timeframe, IsFoundInABarWithoutParsing) {
  EXPECT_EQ(timeframe_in(R"({"timeframe" :	"1m"})"), "1m");
  EXPECT_EQ(timeframe_in(R"({"timeframe":7})"), "");
  EXPECT_EQ(timeframe_in(R"({"timeframe":)"), "");
  EXPECT_EQ(timeframe_in(R"({"a":1})"), "");
  EXPECT_EQ(timeframe_in(R"({"timeframe":"1m)"), "1m");
}

}  // namespace
}  // namespace am::strategy
