// The WebSocket client against real servers on the loopback interface, which the unit label must not need.

#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "am/kernel/websocket.hpp"
#include "support/error_of.hpp"
#include "support/loopback_server.hpp"
#include "support/strategy/alpaca.hpp"

namespace am::kernel {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::AlpacaMock;
using test::LoopbackServer;

constexpr milliseconds kSoon{5000};

struct SocketBed {
  explicit SocketBed(const std::vector<std::string>& switches = {}) : mock(switches) {
    options.url = mock.stream_url() + "/v2/iex";
  }
  Error failure() {
    return test::error_of([&] {
      WebSocket socket(options, stop);
      while (socket.receive(kSoon)) {
      }
    });
  }
  AlpacaMock mock;
  Stop stop;
  WebSocketOptions options;
};

std::string mock_auth() {
  return R"({"action":"auth","key":")" + std::string(AlpacaMock::kKey) + R"(","secret":")" +
         std::string(AlpacaMock::kSecret) + R"("})";
}

TEST(WebSocket, CarriesTextBothWays) {
  SocketBed bed;
  WebSocket socket(bed.options, bed.stop);
  EXPECT_EQ(socket.receive(kSoon), R"([{"T": "success", "msg": "connected"}])");
  socket.send(mock_auth());
  EXPECT_EQ(socket.receive(kSoon), R"([{"T": "success", "msg": "authenticated"}])");
  EXPECT_EQ(socket.receive(milliseconds(20)), std::nullopt);
  const std::string longer(100'000, 'x');
  bed.mock.control(R"({"raw": ")" + longer + R"("})");
  EXPECT_EQ(socket.receive(kSoon), longer);
}

TEST(WebSocket, SaysGoodbye) {
  SocketBed bed;
  {
    WebSocket socket(bed.options, bed.stop);
    socket.receive(kSoon);
    socket.send(mock_auth());
    socket.receive(kSoon);
    EXPECT_EQ(bed.mock.subscribed("/v2/iex", "bars").size(), 0U);
  }
  EXPECT_TRUE(
      AlpacaMock::wait([&] { return bed.mock.state().find(R"("clients": [])") != std::string::npos; }));
}

TEST(WebSocket, EndsWithinASecondWhenAskedTo) {
  SocketBed bed;
  WebSocket socket(bed.options, bed.stop);
  socket.receive(kSoon);
  std::thread asker([&] {
    std::this_thread::sleep_for(milliseconds(50));
    bed.stop.request(SIGTERM);
  });
  const auto began = steady_clock::now();
  EXPECT_EQ(test::error_of([&] { socket.receive(std::chrono::minutes(1)); }).kind(), ErrorKind::terminated);
  asker.join();
  EXPECT_LT(steady_clock::now() - began, std::chrono::seconds(5));
}

TEST(WebSocket, ALostConnectionIsAnError) {
  SocketBed bed;
  WebSocket socket(bed.options, bed.stop);
  socket.receive(kSoon);
  bed.mock.control(R"({"drop": true})");
  EXPECT_EQ(test::error_of([&] { socket.receive(kSoon); }).kind(), ErrorKind::unavailable);
}

TEST(WebSocket, AServerThatAnswersPingsIsAlive) {
  SocketBed bed;
  bed.options.idle_timeout = milliseconds(200);
  WebSocket socket(bed.options, bed.stop);
  socket.receive(kSoon);
  EXPECT_EQ(socket.receive(milliseconds(1000)), std::nullopt);
  EXPECT_GE(bed.mock.count("pings"), 1);
}

TEST(WebSocket, AServerThatDoesNotIsLost) {
  SocketBed bed({"--deaf", "true"});
  bed.options.idle_timeout = milliseconds(200);
  EXPECT_NE(bed.failure().message().find("nothing heard within 200 ms"), std::string::npos);
}

TEST(WebSocket, AMessageThatIsTooLongIsRefused) {
  SocketBed bed;
  bed.options.max_message = 1000;
  WebSocket socket(bed.options, bed.stop);
  socket.receive(kSoon);
  bed.mock.control(R"({"raw": ")" + std::string(2000, 'x') + R"("})");
  const Error error = test::error_of([&] { socket.receive(kSoon); });
  EXPECT_EQ(error.kind(), ErrorKind::data);
  EXPECT_NE(error.message().find("expected at most 1000 bytes"), std::string::npos) << error.message();
}

TEST(WebSocket, NamesWhoIsNotThere) {
  SocketBed bed;
  const std::string here = "127.0.0.1:" + std::to_string(LoopbackServer::closed_port());
  bed.options.url = "ws://" + here + "/secret-path";
  const Error error = bed.failure();
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_EQ(error.message(), here + ": connection refused");
  bed.options.url = "ws://nobody.invalid/";
  EXPECT_EQ(bed.failure().kind(), ErrorKind::unavailable);
}

TEST(WebSocket, OnlyAnUpgradeIsAnAnswer) {
  int status = 403;
  LoopbackServer server(
      [&](const LoopbackServer::Request&) { return LoopbackServer::Answer{.status = status}; });
  SocketBed bed;
  bed.options.url = "ws" + server.url().substr(4);
  EXPECT_EQ(bed.failure().kind(), ErrorKind::denied);
  status = 503;
  const Error error = bed.failure();
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_NE(error.message().find("answered 503 (expected 101)"), std::string::npos);
}

TEST(WebSocket, OpeningHasAnEnd) {
  LoopbackServer server([](const LoopbackServer::Request&) {
    return LoopbackServer::Answer{.stall = std::chrono::minutes(1)};
  });
  SocketBed bed;
  bed.options.url = "ws" + server.url().substr(4);
  bed.options.connect_timeout = milliseconds(200);
  EXPECT_NE(bed.failure().message().find("no connection within 200 ms"), std::string::npos);
}

/// A certificate of localhost, its own authority.
struct OwnAuthority {
  OwnAuthority() {
    std::string pattern = std::filesystem::temp_directory_path() / "am-websocket-XXXXXX";
    path = mkdtemp(pattern.data());
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext "
        "subjectAltName=DNS:localhost -keyout " +
        path + "/key.pem -out " + path + "/cert.pem 2>/dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0);
  }
  ~OwnAuthority() { std::filesystem::remove_all(path); }
  OwnAuthority(const OwnAuthority&) = delete;
  OwnAuthority& operator=(const OwnAuthority&) = delete;
  std::string path;
};

TEST(WebSocket, TlsWantsACertificateOfThatName) {
  const OwnAuthority authority;
  SocketBed bed({"--tls", authority.path});
  const Error stranger = bed.failure();
  EXPECT_EQ(stranger.kind(), ErrorKind::unavailable);
  EXPECT_NE(stranger.message().find("the certificate was not accepted"), std::string::npos)
      << stranger.message();
  bed.options.ca_file = authority.path + "/cert.pem";
  {
    WebSocket socket(bed.options, bed.stop);
    EXPECT_TRUE(socket.receive(kSoon));
  }
  bed.options.url.replace(bed.options.url.find("localhost"), 9, "127.0.0.1");
  EXPECT_NE(bed.failure().message().find("the certificate was not accepted"), std::string::npos);
  bed.options.ca_file = authority.path + "/none.pem";
  EXPECT_EQ(bed.failure().kind(), ErrorKind::config);
}

}  // namespace
}  // namespace am::kernel
