#include "kernel/websocket_url.hpp"

#include <gtest/gtest.h>

#include "am/kernel/websocket.hpp"
#include "support/error_of.hpp"

namespace am::kernel {
namespace {

TEST(WebSocketUrl, HasItsParts) {
  const WebSocketUrl plain = parse_websocket_url("wss://stream.data.alpaca.markets/v2/iex?a=b");
  EXPECT_TRUE(plain.secure);
  EXPECT_EQ(plain.host, "stream.data.alpaca.markets");
  EXPECT_EQ(plain.port, "443");
  EXPECT_EQ(plain.target, "/v2/iex?a=b");
  const WebSocketUrl six = parse_websocket_url("WS://[::1]:8080");
  EXPECT_FALSE(six.secure);
  EXPECT_EQ(six.host, "::1");
  EXPECT_EQ(six.port, "8080");
  EXPECT_EQ(six.target, "/");
  EXPECT_EQ(six.host_and_port(), "[::1]:8080");
  EXPECT_EQ(websocket_host("ws://a.example?x"), "a.example:80");
  EXPECT_EQ(parse_websocket_url("ws://a.example?x").target, "/?x");
}

TEST(WebSocketUrl, RefusesWhatIsNone) {
  for (const char* url :
       {"", "a.example", "https://a.example", "wss://", "wss:///x", "wss://u:p@a.example/",
        "wss://a.example:0/", "wss://a.example:99999/", "wss://a.example:x/", "wss://a.example/a b",
        "wss://a.example/\r\nX: y", "wss://[::1", "wss://a:b:c/", "wss://a.example/#x"})
    EXPECT_EQ(test::error_of([&] { parse_websocket_url(url); }).kind(), ErrorKind::config) << url;
}

}  // namespace
}  // namespace am::kernel
