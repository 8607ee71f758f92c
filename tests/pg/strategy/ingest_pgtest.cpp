#include <atomic>

#include <gtest/gtest.h>

#include "ingest_bed.hpp"
#include "support/loopback_server.hpp"

namespace am::strategy {
namespace {

using test::AlpacaMock;
using test::IngestBed;
using test::kCoin;
using test::kCryptoStream;

/// What comes by Redis, from now on.
class Listener {
 public:
  explicit Listener(const IngestBed& bed) : stream_({.url = bed.redis.url()}) {
    while (!next(Frame::Kind::connected)) {
    }
  }
  /// The next one of that kind; others are passed over.
  std::optional<std::string> next(Frame::Kind kind,
                                  std::chrono::milliseconds longest = std::chrono::seconds(20)) {
    const auto end = std::chrono::steady_clock::now() + longest;
    while (std::chrono::steady_clock::now() < end) {
      if (const auto frame = stream_.next()) {
        if (frame->kind == kind) return std::string(frame->payload.text);
      } else if (!stream_.wait(end)) {
        break;
      }
    }
    return std::nullopt;
  }
  std::optional<std::pair<double, long long>> next_bar() {
    const auto text = next(Frame::Kind::bar);
    if (!text) return std::nullopt;
    const auto message = parser_.bar(std::string_view(*text));
    if (!message) return std::nullopt;
    return std::pair{message->bar.close, static_cast<long long>(message->sequence.seq.value_or(-1))};
  }

 private:
  MarketStream stream_;
  MessageParser parser_;
};

TEST(Ingest, StoresThenPublishes) {
  IngestBed bed;
  Listener listener(bed);
  bed.start();
  ASSERT_TRUE(bed.follows());
  bed.say(IngestBed::minute(1), 101.5);
  EXPECT_EQ(listener.next_bar(), (std::pair{101.5, 1LL}));
  EXPECT_EQ(bed.closes(), "101.5") << "before it is published";
  bed.mock.control(R"({"trades": [{"S": "BTC/USD", "p": 101.25, "s": 0.5, "tks": "B", "t": ")" +
                   format_rfc3339(kernel::Clock::wall()) + R"("}]})");
  const auto trade = listener.next(Frame::Kind::trade);
  ASSERT_TRUE(trade);
  EXPECT_NE(trade->find("101.25"), std::string::npos) << *trade;
  const IngestResult result = bed.end();
  EXPECT_EQ(result.end, IngestResult::End::stopped);
  EXPECT_EQ(result.bars, 1U);
  EXPECT_EQ(result.trades, 1U);
  EXPECT_EQ(result.published, 2U);
}

TEST(Ingest, ARevisionTakesTheBarsPlace) {
  IngestBed bed;
  bed.start();
  ASSERT_TRUE(bed.follows());
  bed.say(IngestBed::minute(1), 101.5);
  EXPECT_TRUE(bed.stores("101.5"));
  bed.say(IngestBed::minute(1), 102.5, R"(, "updated": true)");
  EXPECT_TRUE(bed.stores("102.5")) << bed.closes();
  EXPECT_EQ(bed.end().revised, 1U);
}

TEST(Ingest, AsksForWhatTheStreamDidNotSay) {
  IngestBed bed;
  bed.say(IngestBed::minute(5), 101.5, R"(, "lost": true)");
  bed.say(IngestBed::minute(4), 102.5, R"(, "lost": true)");
  bed.say(IngestBed::minute(0), 999, R"(, "lost": true)");  // it lasts
  Listener listener(bed);
  bed.start();
  EXPECT_TRUE(bed.stores("101.5 102.5")) << bed.closes();
  bed.say(IngestBed::minute(3), 103.5);
  EXPECT_EQ(listener.next_bar(), (std::pair{103.5, 1LL}));
  bed.mock.control(R"({"bars": [)" + IngestBed::bar_json(IngestBed::minute(2), 104.5, R"(, "lost": true)") +
                   R"(], "drop": true})");
  EXPECT_TRUE(bed.stores("101.5 102.5 103.5 104.5")) << bed.closes();
  ASSERT_TRUE(bed.follows());
  bed.say(IngestBed::minute(1), 105.5);
  EXPECT_EQ(listener.next_bar(), (std::pair{105.5, 3LL}))
      << "a number is left out: something may have been lost";
  const IngestResult result = bed.end();
  EXPECT_EQ(result.connects, 2U);
  EXPECT_GE(result.backfilled, 3U);
}

TEST(Ingest, FollowsTheSymbolsThatAreWanted) {
  IngestBed bed;
  bed.start();
  ASSERT_TRUE(bed.follows());
  bed.want("ETH/USD");
  bed.want("AAPL");  // of the other market
  EXPECT_TRUE(bed.follows("ETH/USD"));
  bed.commands.remove("active_subscriptions:crypto", kCoin);
  EXPECT_TRUE(AlpacaMock::wait([&] {
    return bed.mock.subscribed(kCryptoStream, "bars") == std::vector<std::string>{"ETH/USD"} &&
           bed.mock.subscribed(kCryptoStream, "trades") == std::vector<std::string>{"ETH/USD"};
  }));
  bed.commands.remove("active_subscriptions:crypto", "ETH/USD");
  EXPECT_TRUE(AlpacaMock::wait([&] { return bed.mock.subscribed(kCryptoStream, "bars").empty(); }));
  const IngestResult result = bed.end();
  EXPECT_EQ(result.connects, 1U);
  EXPECT_EQ(result.lost, 0U);
}

TEST(Ingest, WaitsForItsPlaceWhenThereAreTooManyConnections) {
  IngestBed bed({"--refuse-406", "3"});
  bed.start();
  EXPECT_TRUE(bed.follows());
  const IngestResult result = bed.end();
  EXPECT_EQ(result.refused, 3U);
  EXPECT_EQ(result.connects, 1U);
  EXPECT_EQ(bed.mock.count("most_at_once"), 1);
}

TEST(Ingest, ASlowClientConnectsAgain) {
  IngestBed bed;
  bed.start();
  ASSERT_TRUE(bed.follows());
  bed.mock.control(R"({"error": 407})");
  EXPECT_TRUE(AlpacaMock::wait([&] { return bed.mock.count("authenticated") == 2; }));
  EXPECT_TRUE(bed.follows());
  bed.say(IngestBed::minute(1), 101.5);
  EXPECT_TRUE(bed.stores("101.5"));
}

TEST(Ingest, AStreamThatIsOpenAndSilentIsMadeAnew) {
  for (const char* how : {"silent", "deaf"}) {
    IngestBed bed({"--" + std::string(how), "true"});
    bed.options.silence = std::chrono::milliseconds(how == std::string("silent") ? 200 : 60'000);
    bed.options.idle = std::chrono::milliseconds(how == std::string("silent") ? 20'000 : 200);
    bed.start();
    EXPECT_TRUE(AlpacaMock::wait([&] { return bed.mock.count("authenticated") >= 2; })) << how;
    bed.mock.control(R"({")" + std::string(how) + R"(": false})");
    bed.say(IngestBed::minute(1), 101.5);
    EXPECT_TRUE(bed.stores("101.5")) << how;
    const IngestResult result = bed.end();
    EXPECT_GE(how == std::string("silent") ? result.silences : result.lost, 1U);
  }
}

TEST(Ingest, AKeyThatIsNotTakenEndsIt) {
  IngestBed bed;
  bed.options.secret = "CANARY-secret";
  bed.start();
  bed.wait();
  ASSERT_TRUE(bed.problem);
  EXPECT_EQ(bed.problem->kind(), ErrorKind::denied);
  EXPECT_EQ((bed.problem->message() + bed.problem->hint() + bed.out.str()).find("CANARY"), std::string::npos);
}

TEST(Ingest, WithoutRedisBarsAreStoredAllTheSame) {
  IngestBed bed;
  bed.start();
  ASSERT_TRUE(bed.follows());
  bed.redis.kill();
  bed.say(IngestBed::minute(2), 101.5);
  EXPECT_TRUE(bed.stores("101.5"));
  bed.redis.start();
  bed.want(kCoin);
  Listener listener(bed);
  double close = 110;
  EXPECT_TRUE(AlpacaMock::wait([&] {
    bed.say(IngestBed::minute(1), ++close);
    return bed.closes() == "101.5 " + std::to_string(static_cast<int>(close));
  }));
  EXPECT_TRUE(AlpacaMock::wait([&] {
    bed.say(IngestBed::minute(1), ++close);
    return listener.next(Frame::Kind::bar, std::chrono::milliseconds(100)).has_value();
  }));
  EXPECT_GE(bed.end().unpublished, 1U);
}

TEST(Ingest, MessagesThatAreNoneAreCounted) {
  IngestBed bed;
  bed.start();
  ASSERT_TRUE(bed.follows());
  for (const char* text : {R"({\"no\": 1})", "[[[", R"([{\"T\": \"b\", \"S\": \"BTC/USD\"}])"})
    bed.mock.control(R"({"raw": ")" + std::string(text) + R"("})");
  bed.say(kernel::Clock::wall() + std::chrono::hours(3), 101.5);
  bed.say(IngestBed::minute(1), 102.5);
  EXPECT_TRUE(bed.stores("102.5")) << bed.closes();
  EXPECT_EQ(bed.end().bad, 4U);
}

TEST(Ingest, ASymbolWithoutPastBarsIsAskedForAgain) {
  IngestBed bed;
  const std::string page =
      R"({"bars": {"BTC/USD": [)" + IngestBed::bar_json(IngestBed::minute(3), 101.5) + "]}}";
  std::atomic<int> asked = 0;
  test::LoopbackServer data([&](const test::LoopbackServer::Request&) {
    return ++asked <= 4 ? test::LoopbackServer::Answer{.status = 503}
                        : test::LoopbackServer::Answer{.status = 200, .body = page};
  });
  bed.options.data_url = data.url();
  bed.start();
  ASSERT_TRUE(bed.follows());
  bed.say(IngestBed::minute(2), 102.5);
  EXPECT_TRUE(bed.stores("101.5 102.5")) << bed.closes();
  EXPECT_EQ(bed.end().connects, 1U) << "the stream goes on meanwhile";
}

TEST(Ingest, EndsWhenItsTimeIsOver) {
  IngestBed bed;
  bed.options.until = kernel::Clock::wall() + std::chrono::milliseconds(300);
  bed.start();
  EXPECT_EQ(bed.wait().end, IngestResult::End::until);
  IngestBed over;
  over.options.slot.type = AssetType::stock;
  over.options.window.to = kernel::Clock::wall();
  over.start();
  EXPECT_EQ(over.wait().end, IngestResult::End::day_over);
}

TEST(Ingest, ACryptoDayIsHandedOver) {
  IngestBed bed;
  bed.options.window.to = kernel::Clock::wall();
  bed.start();
  ASSERT_TRUE(bed.follows()) << "it goes on until the next one lives";
  bed.db->query(
      "INSERT INTO ops.runs (id, job, slot, status, lease_until, version) VALUES (gen_random_uuid(), 'strategy_ingest_v1', $1, "
      "'running', clock_timestamp() + interval '1 hour', 'test')",
      kernel::sql_values("crypto/" + (bed.options.slot.day + 1).to_string()));
  EXPECT_EQ(bed.wait().end, IngestResult::End::day_over);
}

}  // namespace
}  // namespace am::strategy
