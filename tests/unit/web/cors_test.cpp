#include "am/web/cors.hpp"

#include <gtest/gtest.h>

#include "support/error_of.hpp"

namespace am::web {
namespace {

std::string allowed(const std::string& configured, const std::string& origin) {
  return std::string(CorsOrigins::parse(configured).allowed(origin));
}

TEST(CorsOrigins, NoneIsOff) {
  EXPECT_TRUE(CorsOrigins().off());
  EXPECT_TRUE(CorsOrigins::parse(" , ,").off());
  EXPECT_FALSE(CorsOrigins::parse("*").off());
  EXPECT_EQ(allowed("", "https://a.example"), "");
  EXPECT_EQ(allowed("*", ""), "");
  EXPECT_EQ(allowed("*", "https://a.example"), "*");
  EXPECT_EQ(allowed("https://a.example,*", "null"), "*");
}

TEST(CorsOrigins, OriginsAreComparedAsBrowsersWriteThem) {
  const std::string both = "https://a.example, http://b.example:8080";
  for (const char* origin : {"https://a.example", "http://b.example:8080"})
    EXPECT_EQ(allowed(both, origin), origin);
  for (const char* origin :
       {"http://a.example", "https://a.example:8080", "https://b.example", "https://x.a.example",
        "https://a.example.evil.example", "https://a.exampl", "null", "https://evil.example"})
    EXPECT_EQ(allowed(both, origin), "") << origin;
  EXPECT_EQ(allowed("HTTPS://A.Example:443", "https://a.example"), "https://a.example");
  EXPECT_EQ(allowed("http://a.example:80", "http://a.example"), "http://a.example");
  EXPECT_EQ(allowed("http://[::1]:3000", "http://[::1]:3000"), "http://[::1]:3000");
  EXPECT_EQ(allowed("http://[::1]", "http://[::1]"), "http://[::1]");
}

TEST(CorsOrigins, AStarStandsForTheHostsBelow) {
  const std::string below = "https://*.example.org";
  for (const char* origin : {"https://a.example.org", "https://a.b.example.org", "https://x-1.example.org"})
    EXPECT_EQ(allowed(below, origin), origin);
  for (const char* origin :
       {"https://example.org", "https://.example.org", "https://a..example.org", "https://evil-example.org",
        "https://evilexample.org", "http://a.example.org", "https://a.example.org:8443",
        "https://a.example.org.evil.example", "https://evil.example/.example.org",
        "https://evil.example:1.example.org", "https://u@a.example.org", "https://evil.example?.example.org",
        "https://evil.example#.example.org", "https://A b.example.org", "null"})
    EXPECT_EQ(allowed(below, origin), "") << origin;
  EXPECT_EQ(allowed("https://*.example.org:8443", "https://a.example.org:8443"),
            "https://a.example.org:8443");
  EXPECT_EQ(allowed("https://*.example.org:8443", "https://a.example.org"), "");
  EXPECT_EQ(allowed("https://*.x", "https://a.x"), "https://a.x");
}

TEST(CorsOrigins, WhatCouldNeverMatchIsRefused) {
  for (const char* wrong : {"a.example",
                            "https://",
                            "ftp://a.example",
                            "ws://a.example",
                            "chrome-extension://abc",
                            "httpss://a.example",
                            "https://a.example/",
                            "https://a.example/path",
                            "https://a b.example",
                            "https://a.example:",
                            "https://a.example:0",
                            "https://a.example:65536",
                            "https://a.example:x",
                            "https://u@a.example",
                            "://a.example",
                            "1://a.example",
                            "https://a..example",
                            "https://a.example.",
                            "https://\xc3\xa9.example",
                            "https://*",
                            "https://*.",
                            "https://*.*.example",
                            "https://**.example",
                            "https://a.*.example",
                            "https://*a.example",
                            "https://a*.example",
                            "*.example.org",
                            "*://a.example",
                            "https://*.example.org/",
                            "https://*.[::1]",
                            "https://[::1",
                            "https://[x]",
                            "https://a.example;https://b.example",
                            "null"}) {
    const Error error = test::error_of([&] { CorsOrigins::parse(wrong); });
    EXPECT_EQ(error.kind(), ErrorKind::config) << wrong;
    EXPECT_TRUE(error.message().starts_with("server.cors_allow_origins: not an origin: ")) << error.message();
  }
}

}  // namespace
}  // namespace am::web
