// What the tests of the feed rely on when they ask the stand-in from C++.

#include "support/feed/standin.hpp"

#include <gtest/gtest.h>

#include "support/http_socket.hpp"

namespace am::test {
namespace {

int port_of(const Standin& standin) {
  return std::stoi(standin.endpoint().substr(standin.endpoint().rfind(':') + 1));
}

TEST(Standin, SaysWhatIsOnSaleAndWhatStayed) {
  const Standin standin({"--stones", "200"});
  const auto all = standin.on_sale();
  ASSERT_EQ(all.size(), 200);
  EXPECT_EQ(standin.staying(), all);
  standin.control(R"({"sell": [")" + all[3] + R"("], "add": 1, "latency_ms": 1})");
  EXPECT_EQ(standin.on_sale().size(), 200);
  EXPECT_EQ(standin.staying().size(), 199);
  EXPECT_NE(standin.stone(all[3]).find(R"("on_sale":false)"), std::string::npos);
  standin.control(R"({"mark": true})");
  EXPECT_EQ(standin.staying(), standin.on_sale());
  EXPECT_EQ(standin.counters().stones, 201);
  EXPECT_THROW(standin.control(R"({"no_such_switch": 1})"), std::runtime_error);
}

TEST(Standin, CountsWhatCame) {
  const Standin standin({"--stones", "10"});
  HttpSocket client(port_of(standin));
  const std::string body = R"({"query": "{ diamonds_by_query_count }"})";
  client.send("POST /api/diamonds HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  const auto answer = client.answer();
  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(answer->body.find("Authentication required"), std::string::npos);
  const StandinCounters counters = standin.counters();
  EXPECT_EQ(counters.requests, 1);
  EXPECT_EQ(counters.count_requests, 1);
  EXPECT_EQ(counters.unauthorized, 1);
  EXPECT_EQ(counters.most_in_a_second, 1);
}

TEST(Standin, AnUnknownOptionIsAnError) {
  EXPECT_THROW(Standin({"--no-such-option", "1"}), std::runtime_error);
}

}  // namespace
}  // namespace am::test
