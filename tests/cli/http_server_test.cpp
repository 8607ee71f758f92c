// The server itself, in process, with short deadlines: slow, rude and very many clients.

#include "am/kernel/http_server.hpp"

#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/http_socket.hpp"
#include "support/running_server.hpp"

namespace am::kernel {
namespace {

using namespace std::chrono_literals;
using test::http_get;
using test::HttpAnswer;
using test::HttpSocket;
using Running = test::RunningServer;
using testing::HasSubstr;

TEST(HttpServer, KeepsAConnectionAndItsOrder) {
  Running server;
  HttpSocket client(server.port());
  EXPECT_EQ(client.get("/one")->body, "/one");
  const HttpAnswer head = client.get("/two", "", "HEAD").value();
  EXPECT_EQ(head.header("content-length"), "4");
  std::string many;
  for (int i = 0; i < 200; ++i) many += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  many += "GET /later HTTP/1.1\r\nHost: h\r\n\r\nGET /after HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  ASSERT_TRUE(client.send(many));
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.answer()->body, "/" + std::to_string(i));
  EXPECT_EQ(client.answer()->body, "later");
  const HttpAnswer last = client.answer().value();
  EXPECT_EQ(last.body, "/after");
  EXPECT_EQ(last.header("connection"), "close");
  EXPECT_TRUE(client.closed_within(2s));
}

TEST(HttpServer, AnswersAClientThatClosedItsHalf) {
  Running server;
  HttpSocket client(server.port());
  client.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  client.finish_sending();
  EXPECT_EQ(client.answer()->body, "later");
  EXPECT_TRUE(client.closed_within(2s));
}

TEST(HttpServer, OldClientsAreKeptOnlyWhenTheyAsk) {
  Running server;
  HttpSocket client(server.port());
  client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n");
  const HttpAnswer kept = client.answer().value();
  EXPECT_EQ(kept.version, "HTTP/1.0") << "as the earlier service";
  EXPECT_EQ(kept.header("connection"), "keep-alive");
  const HttpAnswer last = client.answer().value();
  EXPECT_EQ(last.version, "HTTP/1.0");
  EXPECT_EQ(last.header("connection"), "close");
  EXPECT_TRUE(client.closed_within(2s));
  EXPECT_EQ(http_get(server.port(), "/c").version, "HTTP/1.1");
}

TEST(HttpServer, TakesARequestInEveryFormThatItMustAccept) {
  Running server;
  HttpSocket client(server.port());
  client.send(
      "GET http://api.example.org/a HTTP/1.1\r\nHost: api.example.org\r\n\r\n"
      "\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      "GET /d HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  for (const char* target : {"/a", "/b", "/c", "/d"}) EXPECT_EQ(client.answer()->body, target);
}

TEST(HttpServer, NothingIsServedBehindARequestThatTwoReadersWouldEndInTwoPlaces) {
  Running server;
  const std::string smuggled = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
  for (const char* framing :
       {"Transfer-Encoding: xchunked", "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: chunked\r\nContent-Length: 5", "Transfer-Encoding:\r\n chunked",
        "Content-Length: 5\r\nContent-Length: 0", "Content-Length: +5"}) {
    HttpSocket client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n" + std::string(framing) + "\r\n\r\n" + smuggled);
    const HttpAnswer answer = client.answer().value_or(HttpAnswer{});
    EXPECT_EQ(answer.status, 400) << framing;
    EXPECT_EQ(answer.header("connection"), "close") << framing;
    EXPECT_FALSE(client.answer(false, 3s)) << framing;
  }
}

TEST(HttpServer, RefusesWhatIsTooMuchOrMalformed) {
  Running server;
  const auto status = [&](const std::string& request) {
    HttpSocket client(server.port());
    client.send(request);
    const auto answer = client.answer();
    EXPECT_TRUE(answer && client.closed_within(4s)) << request.substr(0, 60);
    return answer ? answer->status : 0;
  };
  const std::string host = "Host: h\r\n";
  EXPECT_EQ(status("GET /" + std::string(3000, 'a') + " HTTP/1.1\r\n" + host + "\r\n"), 414);
  EXPECT_EQ(status("GET /" + std::string(60000, 'a')), 414);
  EXPECT_EQ(status("GET / HTTP/1.1\r\n" + host + "X: " + std::string(9000, 'a') + "\r\n\r\n"), 431);
  std::string flood = "GET / HTTP/1.1\r\n" + host;
  for (int i = 0; i < 5000; ++i) flood += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(status(flood), 431);
  EXPECT_EQ(status("POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc"), 413);
  EXPECT_EQ(status("POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999999\r\n\r\n"), 413);
  EXPECT_EQ(
      status("POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
      413);
  EXPECT_EQ(status("GET / HTTP/1.1\r\n\r\n"), 400) << "no Host";
  EXPECT_EQ(status("GET / HTTP/1.1\r\n" + host + host + "\r\n"), 400) << "two Hosts";
  EXPECT_EQ(status("hello\r\n\r\n"), 400);
  EXPECT_EQ(status(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15)), 400) << "TLS";
  EXPECT_EQ(status("GET / HTTP/2.0\r\n" + host + "\r\n"), 505);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n" + host + "\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\nHost: h\n\n"), 400) << "bare line feeds";
  EXPECT_EQ(status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505) << "HTTP/2";
  EXPECT_EQ(http_get(server.port(), "/well").status, 200);
}

TEST(HttpServer, ARefusalArrivesWholeThoughNotAllWasRead) {
  const std::string refusal(60000, 'r');
  Running server({}, refusal);
  // The answer waits in the server's kernel, and bytes that nobody reads in front of it: closing now would drop both.
  HttpSocket client(server.port(), "127.0.0.1", 4096);
  ASSERT_TRUE(
      client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\n" + std::string(60000, 'b')));
  std::this_thread::sleep_for(100ms);
  const HttpAnswer answer = client.answer().value_or(HttpAnswer{});
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.body.size(), refusal.size());
}

TEST(HttpServer, AHandlerThatGivesUpIsA500) {
  Running server;
  EXPECT_EQ(http_get(server.port(), "/drop").status, 500);
  EXPECT_EQ(http_get(server.port(), "/throw").status, 500);
  EXPECT_EQ(http_get(server.port(), "/well").status, 200);
  EXPECT_THAT(server.lines(), HasSubstr("thrown"));
}

TEST(HttpServer, RequestIdsComeAndGo) {
  Running server;
  EXPECT_EQ(http_get(server.port(), "/", "X-Request-Id: abc-1.2_3\r\n").header("x-request-id"), "abc-1.2_3");
  const std::string made = http_get(server.port(), "/", "X-Request-Id: a b<\r\n").header("x-request-id");
  EXPECT_EQ(made.size(), 32U);
  for (const std::size_t size : {64U, 65U}) {
    const std::string id(size, 'a');
    EXPECT_EQ(http_get(server.port(), "/", "X-Request-Id: " + id + "\r\n").header("x-request-id") == id,
              size == 64);
  }
  EXPECT_NE(made, http_get(server.port(), "/").header("x-request-id"));
}

TEST(HttpServer, DripsAndSilenceEndAtTheirDeadline) {
  HttpServerOptions options;
  options.header_timeout = 700ms;
  Running server(options);
  std::vector<std::unique_ptr<HttpSocket>> drips;
  for (int i = 0; i < 300; ++i)
    drips.push_back(std::make_unique<HttpSocket>(server.port(), "127.0.0." + std::to_string(2 + i % 20)));
  HttpSocket silent(server.port());
  const auto began = std::chrono::steady_clock::now();
  const std::string request = "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ";
  for (std::size_t byte = 0; byte < 12; ++byte) {
    for (const auto& drip : drips) drip->send(std::string(1, request[byte]));
    EXPECT_EQ(http_get(server.port(), "/good").status, 200);
    std::this_thread::sleep_for(80ms);
  }
  for (const auto& drip : drips) ASSERT_TRUE(drip->closed_within(3s));
  EXPECT_TRUE(silent.closed_within(3s)) << "it has the time of a header, not that between two requests";
  EXPECT_LT(std::chrono::steady_clock::now() - began, 6s);
  EXPECT_GE(server.server().stats().timed_out, 301U);
}

TEST(HttpServer, WhoNeverReadsIsClosed) {
  HttpServerOptions options;
  options.write_timeout = 500ms;
  Running server(options);
  std::vector<std::unique_ptr<HttpSocket>> deaf;
  for (int i = 0; i < 40; ++i) {
    deaf.push_back(std::make_unique<HttpSocket>(server.port()));
    deaf.back()->send("GET /big HTTP/1.1\r\nHost: h\r\n\r\nGET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  EXPECT_EQ(http_get(server.port(), "/good").status, 200);
  for (int i = 0; i < 100 && server.server().stats().open > 0; ++i) std::this_thread::sleep_for(50ms);
  EXPECT_EQ(server.server().stats().open, 0U);
  EXPECT_EQ(server.server().stats().timed_out, 40U);
}

TEST(HttpServer, ABigAnswerArrivesWhole) {
  Running server;
  EXPECT_EQ(http_get(server.port(), "/big").body, test::big_body());
}

TEST(HttpServer, IdleConnectionsAreClosed) {
  HttpServerOptions options;
  options.idle_timeout = 300ms;
  Running server(options);
  HttpSocket client(server.port());
  EXPECT_EQ(client.get("/a")->status, 200);
  EXPECT_TRUE(client.closed_within(3s));
}

TEST(HttpServer, CapsPerAddressAndInAll) {
  HttpServerOptions options;
  options.max_connections = 12;
  options.max_connections_per_address = 8;
  Running server(options);
  std::vector<std::unique_ptr<HttpSocket>> held;
  for (int i = 0; i < 8; ++i) {
    held.push_back(std::make_unique<HttpSocket>(server.port()));
    ASSERT_EQ(held.back()->get("/a")->status, 200);
  }
  EXPECT_EQ(HttpSocket(server.port()).answer()->status, 429);
  for (int i = 0; i < 4; ++i) {
    held.push_back(std::make_unique<HttpSocket>(server.port(), "127.0.0.9"));
    ASSERT_EQ(held.back()->get("/a")->status, 200);
  }
  EXPECT_EQ(HttpSocket(server.port(), "127.0.0.10").answer()->status, 503);
  held.clear();
  for (int i = 0; i < 100 && server.server().stats().open > 0; ++i) std::this_thread::sleep_for(20ms);
  EXPECT_EQ(http_get(server.port(), "/again").status, 200);
  EXPECT_EQ(server.server().stats().refused, 2U);
}

TEST(ParseListen, KnowsItsForms) {
  EXPECT_EQ(parse_listen("8080").port, 8080);
  EXPECT_EQ(parse_listen("127.0.0.1:0").host, "127.0.0.1");
  EXPECT_EQ(parse_listen("[::1]:80").host, "::1");
  EXPECT_EQ(parse_listen(":80").host, "");
  EXPECT_EQ(parse_listen("unix:/run/am.sock").unix_path, "/run/am.sock");
  for (const std::string bad : {"", "http", "65536", "-1", "80 ", "localhost:80", "1.2.3:80", "::1:80",
                                "[::1]", "unix:", "[1.2.3.4]:80", "1.2.3.4:", "+80"}) {
    EXPECT_EQ(test::error_of([&] { parse_listen(bad); }).kind(), ErrorKind::usage) << bad;
  }
  EXPECT_EQ(test::error_of([] { parse_listen("unix:/" + std::string(200, 'a')); }).kind(), ErrorKind::usage);
}

}  // namespace
}  // namespace am::kernel
