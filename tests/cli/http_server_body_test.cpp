// The server where requests may have a body: its limits, its deadlines, its order.

#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/http_socket.hpp"
#include "support/running_server.hpp"

namespace am::kernel {
namespace {

using namespace std::chrono_literals;
using test::HttpAnswer;
using test::HttpSocket;
using Running = test::RunningServer;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t kMostBody = 100'000;

HttpServerOptions with_bodies() {
  HttpServerOptions options;
  options.max_body_bytes = kMostBody;
  return options;
}

std::string post(const std::string& target, const std::string& body, const std::string& lines = {}) {
  return "POST " + target + " HTTP/1.1\r\nHost: h\r\n" + lines +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string chunked(const std::string& target, const std::string& chunks) {
  return "POST " + target + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

HttpAnswer answer_of(HttpSocket& client) { return client.answer(false, 5s).value_or(HttpAnswer{}); }

TEST(HttpServerBody, ArrivesWholeHoweverItIsSent) {
  Running server(with_bodies());
  HttpSocket client(server.port());
  client.send(post("/echo", "hello", "Content-Type: text/plain\r\n"));
  EXPECT_EQ(answer_of(client).body, "text/plain  hello");
  const std::string big(kMostBody, 'b');
  client.send(post("/echo", big));
  EXPECT_EQ(answer_of(client).body, "  " + big);
  client.send(chunked("/echo", "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n"));
  EXPECT_EQ(answer_of(client).body, "  hello, world");
  for (const char c : post("/echo", "drip")) client.send(std::string(1, c));
  EXPECT_EQ(answer_of(client).body, "  drip");
}

TEST(HttpServerBody, IsFollowedByTheNextRequestOfTheConnection) {
  Running server(with_bodies());
  HttpSocket client(server.port());
  std::string many;
  for (int i = 0; i < 50; ++i) {
    many += post("/echo", "a" + std::to_string(i));
    many += chunked("/echo", "1\r\nb\r\n0\r\n\r\n");
    many += "GET /c HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  ASSERT_TRUE(client.send(many));
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(answer_of(client).body, "  a" + std::to_string(i));
    ASSERT_EQ(answer_of(client).body, "  b");
    ASSERT_EQ(answer_of(client).body, "/c");
  }
}

TEST(HttpServerBody, IsRefusedBeforeItIsReadWhenItIsTooLong) {
  Running server(with_bodies());
  for (const std::string& request :
       {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\n\r\n" + std::string(),
        "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 100001\r\n\r\n" +
            std::string(),
        chunked("/echo", "186A1\r\n"), chunked("/echo", "186A0\r\n" + std::string(100000, 'x') + "\r\n1")}) {
    HttpSocket client(server.port());
    client.send(request);
    const HttpAnswer answer = answer_of(client);
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.body, "the request body is too long (expected at most 100000 bytes)");
    EXPECT_EQ(answer.header("connection"), "close");
  }
}

TEST(HttpServerBody, DoesNotCountAsHeader) {
  Running server(with_bodies());
  HttpSocket client(server.port());
  client.send(post("/echo", std::string(20000, 'b')));
  EXPECT_EQ(answer_of(client).status, 200);
  client.send(post("/echo", "", "X: " + std::string(9000, 'x') + "\r\n"));
  EXPECT_EQ(answer_of(client).status, 431);
}

TEST(HttpServerBody, IsAskedForWhereTheClientWaitsForThat) {
  Running server(with_bodies());
  HttpSocket client(server.port());
  for (int i = 0; i < 2; ++i) {
    client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(client.answer(true, 5s).value_or(HttpAnswer{}).status, 100);
    client.send("hello");
    EXPECT_EQ(answer_of(client).body, "  hello");
  }
  client.send(post("/echo", "there", "Expect: 100-continue\r\n"));
  EXPECT_EQ(answer_of(client).body, "  there") << "it did not wait";
}

TEST(HttpServerBody, HasTheTimeOfItsRequest) {
  HttpServerOptions options = with_bodies();
  options.header_timeout = 300ms;
  Running server(options);
  HttpSocket client(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 20 && client.send("x"); ++i) std::this_thread::sleep_for(50ms);
  EXPECT_EQ(answer_of(client).status, 408) << "a byte now and then gains nothing";
  EXPECT_GE(std::chrono::steady_clock::now() - began, 250ms);
}

TEST(HttpServerBody, AHandlerThatDoesNotAnswerIsAnsweredFor) {
  HttpServerOptions options = with_bodies();
  options.answer_timeout = 100ms;
  options.stop_timeout = 100ms;  // for the one that never does
  Running server(options);
  HttpSocket client(server.port());
  client.send(post("/never", "x") + post("/echo", "next"));
  const HttpAnswer answer = answer_of(client);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "the answer took too long");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_FALSE(client.answer(false, 1s)) << "what it says later must meet no other request";
  HttpSocket late(server.port());
  late.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(answer_of(late).status, 503);
  std::this_thread::sleep_for(450ms);  // the handler answers meanwhile
  HttpSocket other(server.port());
  EXPECT_EQ(other.get("/well")->body, "/well");
}

TEST(HttpServerBody, SecretsOfARequestAreInNoLine) {
  Running server(with_bodies());
  HttpSocket client(server.port());
  const std::string secret = "Authorization: Bearer canary-7\r\n";
  client.send(post("/echo", "canary-7", secret));
  EXPECT_EQ(answer_of(client).body, " Bearer canary-7 canary-7");
  client.send(post("/throw", "canary-7", secret));
  EXPECT_EQ(answer_of(client).status, 500);
  client.send(post("/echo", "x", secret + secret));
  const HttpAnswer twice = answer_of(client);
  EXPECT_EQ(twice.status, 400);
  EXPECT_THAT(twice.body, Not(HasSubstr("canary")));
  const std::string lines = server.lines();
  EXPECT_THAT(lines, HasSubstr("/echo"));
  EXPECT_THAT(lines, Not(HasSubstr("canary")));
}

TEST(HttpServerBody, AtTheEndWhatRunsIsFinishedAndWhatWaitsIsRefused) {
  HttpServerOptions options = with_bodies();
  options.stop_timeout = 700ms;
  Running server(options);
  HttpSocket sending(server.port());
  const std::string request = post("/echo", "body");
  sending.send(request.substr(0, request.size() - 2));
  HttpSocket running(server.port());
  running.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  HttpSocket waiting(server.port());
  waiting.send(post("/never", "x"));
  while (server.server().stats().connections < 3) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(50ms);
  server.ask_to_end();
  std::this_thread::sleep_for(100ms);
  sending.send("dy");
  EXPECT_EQ(answer_of(sending).body, "  body") << "a request that was under way";
  EXPECT_EQ(answer_of(running).body, "later");
  const HttpAnswer refused = answer_of(waiting);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body, "the server ends");
  EXPECT_EQ(refused.header("connection"), "close");
}

}  // namespace
}  // namespace am::kernel
