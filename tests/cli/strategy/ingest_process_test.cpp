// `am strategy ingest` as a scheduler starts it.

#include <gtest/gtest.h>

#include "am/strategy/redis.hpp"
#include "support/am_process.hpp"
#include "support/strategy/alpaca.hpp"
#include "support/strategy/redis.hpp"

namespace am::test {
namespace {

struct IngestProcessBed {
  TestDb home;
  AlpacaMock mock;
  RedisServer redis;
  std::map<std::string, std::string> env() const {
    std::map<std::string, std::string> all = mock.env();
    all.insert({{"PATH", "/usr/bin:/bin"},
                {"DATABASE_URL", home.url()},
                {"REDIS_URL", redis.url()},
                {"AM_DESKS_ENABLED", "strategy"}});
    return all;
  }
  bool follows() const {
    return AlpacaMock::wait([&] { return !mock.subscribed("/v1beta3/crypto/us", "bars").empty(); });
  }
};

TEST(IngestProcess, LivesUntilItIsAskedToEnd) {
  IngestProcessBed bed;
  strategy::Redis(strategy::parse_redis_url(bed.redis.url())).add("active_subscriptions:crypto", "BTC/USD");
  Process process(am_command({"strategy", "ingest", "--type", "crypto"}), {.env = bed.env()});
  ASSERT_TRUE(bed.follows());
  const Finished second = am({"strategy", "ingest", "--type", "crypto"}, bed.env());
  EXPECT_EQ(second.exit, 0) << second.err;
  EXPECT_NE(second.out.find("skipped: another ingest has slot crypto/"), std::string::npos) << second.out;
  process.signal(SIGTERM);
  const Finished ended = process.wait();
  EXPECT_EQ(ended.exit, 143) << ended.err;
  EXPECT_EQ((ended.out + ended.err).find(AlpacaMock::kSecret), std::string::npos);
  const Finished next =
      am({"strategy", "ingest", "--type", "crypto", "--for", "1s", "-o", "json"}, bed.env());
  EXPECT_EQ(next.exit, 0) << next.err;
  EXPECT_NE(next.out.find(R"("end":"until")"), std::string::npos) << next.out;
}

TEST(IngestProcess, WithoutAKeyNothingIsStarted) {
  IngestProcessBed bed;
  std::map<std::string, std::string> env = bed.env();
  env.erase("ALPACA_API_KEY");
  const Finished refused = am({"strategy", "ingest", "--type", "crypto"}, env);
  EXPECT_EQ(refused.exit, 78);
  EXPECT_NE(refused.err.find("ALPACA_API_KEY: not set"), std::string::npos) << refused.err;
}

}  // namespace
}  // namespace am::test
