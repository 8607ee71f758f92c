// How the server ends: what was sent to it before is answered.

#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/http_socket.hpp"
#include "support/running_server.hpp"

namespace am::kernel {
namespace {

using namespace std::chrono_literals;
using test::HttpAnswer;
using test::HttpSocket;
using Running = test::RunningServer;
using Clients = std::vector<std::unique_ptr<HttpSocket>>;

constexpr const char* kRequest = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

Clients asking(int port, int count) {
  Clients clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<HttpSocket>(port));
    clients.back()->send(kRequest);
  }
  return clients;
}

/// Until nobody listens any more.
void wait_until_refused(int port) {
  for (int i = 0; i < 500; ++i, std::this_thread::sleep_for(10ms)) {
    try {
      const HttpSocket probe(port);
    } catch (const std::runtime_error&) {
      return;
    }
  }
  FAIL() << "it still listens";
}

void expect_last_answers(const Clients& clients) {
  int answered = 0;
  for (const auto& client : clients) {
    const HttpAnswer answer = client->answer(false, 5s).value_or(HttpAnswer{});
    answered +=
        answer.status == 200 && answer.header("connection") == "close" && client->closed_within(3s) ? 1 : 0;
  }
  EXPECT_EQ(answered, static_cast<int>(clients.size()));
}

TEST(HttpServerStop, WhatWaitsInTheKernelIsAnswered) {
  HttpServerOptions options;
  options.workers = 1;
  Running server(options);
  HttpSocket kept(server.port());
  ASSERT_EQ(kept.get("/a")->status, 200);
  HttpSocket holding(server.port());
  holding.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  server.wait_until_held();  // nothing is accepted or read from now on
  const Clients clients = asking(server.port(), 20);
  kept.send(kRequest);
  server.ask_to_end();
  std::this_thread::sleep_for(
      100ms);  // twice as long as it takes to notice: that it ends is what it sees first
  server.let_go();
  expect_last_answers(clients);
  EXPECT_EQ(kept.answer().value_or(HttpAnswer{}).status, 200);
  EXPECT_EQ(holding.answer().value_or(HttpAnswer{}).body, "/wait");
  wait_until_refused(server.port());
}

TEST(HttpServerStop, WhatIsAcceptedAndNotReadIsAnswered) {
  HttpServerOptions options;
  options.workers = 2;
  Running server(options);
  HttpSocket first(server.port());
  ASSERT_EQ(first.get("/a")->status, 200);
  HttpSocket holding(server.port());  // the second worker's; the first accepts for both
  holding.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  server.wait_until_held();
  const Clients clients = asking(server.port(), 20);
  while (server.server().stats().connections < 22) std::this_thread::sleep_for(1ms);
  server.ask_to_end();
  wait_until_refused(server.port());
  server.let_go();
  EXPECT_EQ(holding.answer().value_or(HttpAnswer{}).body, "/wait");
  int answered = 0;
  for (const auto& client : clients)
    answered += client->answer(false, 5s).value_or(HttpAnswer{}).status == 200 ? 1 : 0;
  EXPECT_EQ(answered, 20);
}

TEST(HttpServerStop, WhoHasJustConnectedGetsAMoment) {
  Running server;
  HttpSocket late(server.port());
  const HttpSocket silent(server.port());
  while (server.server().stats().connections < 2) std::this_thread::sleep_for(1ms);
  const auto began = std::chrono::steady_clock::now();
  server.ask_to_end();
  wait_until_refused(server.port());
  late.send(kRequest);
  const HttpAnswer answer = late.answer().value_or(HttpAnswer{});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("connection"), "close");
  server.end();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s) << "the silent one holds nothing up";
  EXPECT_EQ(server.server().stats().timed_out, 0U);
}

TEST(HttpServerStop, EndsGracefully) {
  auto server = std::make_unique<Running>();
  HttpSocket idle(server->port());
  EXPECT_EQ(idle.get("/a")->status, 200);
  HttpSocket busy(server->port());
  busy.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  std::this_thread::sleep_for(100ms);
  const auto began = std::chrono::steady_clock::now();
  server->ask_to_end();
  const HttpAnswer answer = busy.answer().value_or(HttpAnswer{});
  EXPECT_EQ(answer.body, "later");
  EXPECT_EQ(answer.header("connection"), "close");
  server->end();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 4s);
  EXPECT_TRUE(idle.closed_within(1s));
  EXPECT_THROW(HttpSocket(server->port()), std::runtime_error);
}

TEST(HttpServerStop, AStuckHandlerDoesNotHoldItsEndForever) {
  HttpServerOptions options;
  options.stop_timeout = 100ms;
  Running server(options);
  HttpSocket busy(server.port());
  busy.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  std::this_thread::sleep_for(100ms);
  server.end();
  EXPECT_TRUE(busy.closed_within(2s));
}

}  // namespace
}  // namespace am::kernel
