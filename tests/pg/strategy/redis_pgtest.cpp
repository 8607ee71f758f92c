#include <gtest/gtest.h>

#include "am/strategy/redis.hpp"
#include "support/error_of.hpp"
#include "support/silent_relay.hpp"
#include "support/strategy/redis.hpp"

namespace am::strategy {
namespace {

using std::chrono::milliseconds;
using test::error_of;
using test::RedisServer;

constexpr RedisTimeouts kImpatient{.connect = milliseconds(2000), .answer = milliseconds(300)};

class RedisCommands : public testing::TestWithParam<std::string> {
 protected:
  RedisServer server{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Servers, RedisCommands, testing::ValuesIn(RedisServer::programs()),
                         [](const auto& of) { return of.param.substr(0, of.param.find('-')); });

TEST_P(RedisCommands, SetsHoldWhatIsAdded) {
  Redis redis(parse_redis_url(server.socket_url()));
  redis.ping();
  EXPECT_TRUE(redis.add("active_subscriptions:stock", "MSFT"));
  EXPECT_TRUE(redis.add("active_subscriptions:stock", "AAPL"));
  EXPECT_FALSE(redis.add("active_subscriptions:stock", "AAPL"));
  EXPECT_EQ(redis.members("active_subscriptions:stock"), (std::vector<std::string>{"AAPL", "MSFT"}));
  EXPECT_TRUE(redis.remove("active_subscriptions:stock", "AAPL"));
  EXPECT_FALSE(redis.remove("active_subscriptions:stock", "AAPL"));
  EXPECT_EQ(redis.members("active_subscriptions:crypto"), std::vector<std::string>{});
  EXPECT_EQ(redis.publish("nobody", "listens"), 0);
  EXPECT_EQ(redis.publish(std::span<const Publication>()), 0);
  Redis other(parse_redis_url(server.url() + "/1"));
  EXPECT_EQ(other.members("active_subscriptions:stock"), std::vector<std::string>{});
}

TEST_P(RedisCommands, ARestartedServerIsReachedByTheNextCommand) {
  Redis redis(parse_redis_url(server.url()));
  redis.ping();
  server.kill();
  EXPECT_EQ(error_of([&] { redis.ping(); }).kind(), ErrorKind::unavailable);
  server.start();
  redis.ping();
  server.kill();
  server.start();
  EXPECT_EQ(redis.publish("nobody", "the connection was lost meanwhile"), 0);
}

TEST_P(RedisCommands, AServerThatSaysNothingIsUnavailable) {
  Redis redis(parse_redis_url(server.url()), kImpatient);
  redis.ping();
  server.pause();
  const Error error = error_of([&] { redis.ping(); });
  server.resume();
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_NE(error.message().find("in time"), std::string::npos) << error.message();
  redis.ping();
}

TEST_P(RedisCommands, WhoMayNotIsDenied) {
  RedisServer locked(GetParam(), {"--requirepass", "correct-horse"});
  const std::string address = "127.0.0.1:" + std::to_string(locked.port());
  for (const char* login : {"", ":battery-staple@", "joe:battery-staple@"}) {
    Redis redis(parse_redis_url("redis://" + std::string(login) + address));
    const Error error = error_of([&] { redis.publish("channel", "x"); });
    EXPECT_EQ(error.kind(), ErrorKind::denied) << login;
    EXPECT_EQ((error.message() + error.hint()).find("battery"), std::string::npos) << error.message();
  }
  Redis(parse_redis_url("redis://:correct-horse@" + address)).ping();
  Redis(parse_redis_url("redis://default:correct-horse@" + address)).ping();
}

TEST_P(RedisCommands, APermissionThatIsMissingIsDenied) {
  RedisServer limited(GetParam(), {"--user", "reader", "on", ">correct-horse", "+ping", "+smembers", "~*"});
  Redis redis(parse_redis_url("redis://reader:correct-horse@127.0.0.1:" + std::to_string(limited.port())));
  EXPECT_EQ(redis.members("none").size(), 0u);
  const Error error = error_of([&] { redis.publish("channel", "x"); });
  EXPECT_EQ(error.kind(), ErrorKind::denied) << error.message();
}

TEST_P(RedisCommands, AnAnswerOfAnotherKindIsData) {
  Redis redis(parse_redis_url(server.url()));
  redis.add("set", "member");
  const Error none = error_of([&] { (void)Redis(parse_redis_url(server.url() + "/999")).members("set"); });
  EXPECT_EQ(none.kind(), ErrorKind::data) << none.message();
}

TEST(RedisUnreached, IsUnavailableWithItsPlace) {
  const Error refused = error_of([] { Redis(parse_redis_url("redis://127.0.0.1:1")).ping(); });
  EXPECT_EQ(refused.kind(), ErrorKind::unavailable);
  EXPECT_NE(refused.message().find("127.0.0.1:1"), std::string::npos) << refused.message();
  const Error nowhere = error_of([] { Redis(parse_redis_url("unix:///nowhere/redis.sock")).ping(); });
  EXPECT_EQ(nowhere.kind(), ErrorKind::unavailable);
  EXPECT_NE(nowhere.message().find("/nowhere/redis.sock"), std::string::npos) << nowhere.message();
}

}  // namespace
}  // namespace am::strategy
