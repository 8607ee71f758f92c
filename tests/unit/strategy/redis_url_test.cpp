#include <gtest/gtest.h>

#include "am/strategy/redis.hpp"
#include "support/error_of.hpp"

namespace am::strategy {
namespace {

TEST(RedisUrl, NamesHostPortAndDatabase) {
  const RedisTarget plain = parse_redis_url("redis://localhost");
  EXPECT_EQ(plain.host, "localhost");
  EXPECT_EQ(plain.port, 6379);
  EXPECT_EQ(plain.database, 0);
  EXPECT_FALSE(plain.tls);
  EXPECT_EQ(plain.where(), "localhost:6379");
  const RedisTarget full = parse_redis_url(" redis://joe:p%40ss%2F@[::1]:7000/3 ");
  EXPECT_EQ(full.user, "joe");
  EXPECT_EQ(full.password, "p@ss/");
  EXPECT_EQ(full.database, 3);
  EXPECT_EQ(full.where(), "[::1]:7000");
  EXPECT_EQ(parse_redis_url("redis://:secret@h/").password, "secret");
}

TEST(RedisUrl, NamesASocket) {
  const RedisTarget target = parse_redis_url("unix:///run/redis%20x.sock?db=2");
  EXPECT_EQ(target.path, "/run/redis x.sock");
  EXPECT_EQ(target.database, 2);
  EXPECT_EQ(target.where(), "/run/redis x.sock");
  EXPECT_EQ(parse_redis_url("redis+unix://:secret@/run/r.sock").password, "secret");
}

TEST(RedisUrl, TlsIsThereOrRefusedClearly) {
  if (redis_has_tls())
    EXPECT_TRUE(parse_redis_url("rediss://h").tls);
  else
    EXPECT_EQ(test::error_of([] { (void)parse_redis_url("rediss://h"); }).kind(), ErrorKind::config);
}

TEST(RedisUrl, WhatIsNoneIsRefusedAndNothingOfItIsRepeated) {
  for (const char* url :
       {"", "localhost:6379", "http://joe:hunter22@h", "redis://", "redis://joe:hunter22@",
        "redis://hunter22@h", "redis://:hunter22@h:x", "redis://:hunter22@h:0", "redis://:hunter22@h/x",
        "redis://:hunter22@h/1?timeout=3", "redis://:hunter%2@h", "redis://:hunter22@h#x",
        "redis://:hunter22@[::1", "unix://host/run/r.sock", "unix://:hunter22@", "unix:///r.sock?x=hunter22",
        "redis://:hunter22@h/-1", "redis://:hunter22%00@h"}) {
    const Error error = test::error_of([&] { (void)parse_redis_url(url); });
    EXPECT_EQ(error.kind(), ErrorKind::config) << url;
    EXPECT_EQ((error.message() + error.hint()).find("hunter"), std::string::npos) << url;
  }
}

}  // namespace
}  // namespace am::strategy
