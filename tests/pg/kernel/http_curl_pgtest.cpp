// The real transport against a real server on the loopback interface, which the unit label must not need. The
// suite TransportConformance runs against ScriptedHttp as well, so that the fake keeps the promises that the
// desks' tests rely on.

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "am/kernel/http_client.hpp"
#include "support/error_of.hpp"
#include "support/loopback_server.hpp"
#include "support/scripted_http.hpp"

namespace am::kernel {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::LoopbackServer;
using test::ScriptedHttp;
using Mode = LoopbackServer::Answer::Mode;

/// curl honours http_proxy; a machine that has one must not send these tests through it.
[[maybe_unused]] const int kNoProxy = setenv("no_proxy", "127.0.0.1", 1);

Error error_of(Transport& transport, const HttpRequest& request) {
  return test::error_of([&] { transport.send(request); });
}

/// A transport, and a vendor behind it that gives prepared answers.
class World {
 public:
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  virtual ~World() = default;
  virtual Transport& transport() = 0;
  virtual std::string url(const std::string& path) = 0;
  virtual void serve(const std::string& method, const std::string& path, const HttpResponse& response,
                     int times) = 0;
  virtual std::size_t count() = 0;
};

class ScriptedWorld final : public World {
 public:
  Transport& transport() override { return http_; }
  std::string url(const std::string& path) override { return "http://127.0.0.1:9" + path; }
  void serve(const std::string& method, const std::string& path, const HttpResponse& response,
             int times) override {
    http_.reply(method, path, response, times);
  }
  std::size_t count() override { return http_.count(); }

 private:
  ScriptedHttp http_;
};

class RealWorld final : public World {
 public:
  Transport& transport() override { return *curl_; }
  std::string url(const std::string& path) override { return server_.url() + path; }
  void serve(const std::string& method, const std::string& path, const HttpResponse& response,
             int /*times*/) override {
    const std::lock_guard lock(mutex_);
    answers_[method + path] = {.status = response.status, .headers = response.headers, .body = response.body};
  }
  std::size_t count() override { return server_.requests().size(); }

 private:
  std::mutex mutex_;
  std::map<std::string, LoopbackServer::Answer> answers_;
  LoopbackServer server_{[this](const LoopbackServer::Request& request) {
    const std::lock_guard lock(mutex_);
    return answers_.at(request.method + request.target);
  }};
  std::unique_ptr<Transport> curl_ = make_curl_transport("am-test/1");
};

class TransportConformance : public ::testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<World> world_ =
      GetParam() ? std::unique_ptr<World>(std::make_unique<RealWorld>()) : std::make_unique<ScriptedWorld>();
};

TEST_P(TransportConformance, ReturnsAnyStatusAsAnAnswer) {
  for (const int status : {200, 201, 302, 404, 429, 500, 503}) {
    const std::string path = "/status/" + std::to_string(status);
    world_->serve("GET", path, {.status = status, .headers = {{"location", "/elsewhere"}}, .body = "text"},
                  1);
    const HttpResponse response = world_->transport().send({.url = world_->url(path)});
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.body, "text");
  }
  EXPECT_EQ(world_->count(), 7U) << "no redirect is followed";
}

TEST_P(TransportConformance, ReturnsBodiesByteForByte) {
  std::string body(200'000, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 % 256);
  world_->serve("POST", "/bytes", {.status = 200, .body = body}, 1);
  EXPECT_EQ(world_->transport().send({.method = "POST", .url = world_->url("/bytes"), .body = "q"}).body,
            body);
}

TEST_P(TransportConformance, FindsHeadersByLowerCaseName) {
  world_->serve("GET", "/h", {.status = 200, .headers = {{"retry-after", "7"}}}, 1);
  EXPECT_EQ(world_->transport().send({.url = world_->url("/h")}).header("retry-after"), "7");
}

TEST_P(TransportConformance, RefusesABodyAboveTheCapOnly) {
  world_->serve("GET", "/long", {.status = 200, .body = std::string(1000, 'x')}, 2);
  EXPECT_EQ(world_->transport().send({.url = world_->url("/long"), .max_body = 1000}).body.size(), 1000U);
  EXPECT_EQ(error_of(world_->transport(), {.url = world_->url("/long"), .max_body = 999}).kind(),
            ErrorKind::data);
}

TEST_P(TransportConformance, ServesManyThreads) {
  world_->serve("GET", "/t", {.status = 200, .body = "text"}, 80);
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 10; ++k)
          good += world_->transport().send({.url = world_->url("/t")}).body == "text" ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, 80);
}

INSTANTIATE_TEST_SUITE_P(Transports, TransportConformance, ::testing::Bool(),
                         [](const auto& which) { return which.param ? "Curl" : "Scripted"; });

class CurlTransport : public ::testing::Test {
 protected:
  LoopbackServer::Answer answer_;
  std::atomic<int> calls_ = 0;
  LoopbackServer server_{[this](const LoopbackServer::Request&) {
    ++calls_;
    return answer_;
  }};
  std::unique_ptr<Transport> curl_ = make_curl_transport("am-test/1");
  std::string here_ = "127.0.0.1:" + std::to_string(server_.port());
};

TEST_F(CurlTransport, SendsMethodTargetHeadersAndBody) {
  curl_->send({.method = "POST",
               .url = server_.url() + "/v1/x?a=b%20c",
               .headers = {{"X-Test", "yes"}, {"Content-Type", "application/json"}},
               .body = "{}"});
  curl_->send({.method = "DELETE", .url = server_.url() + "/v1/y"});
  const auto requests = server_.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].target, "/v1/x?a=b%20c");
  EXPECT_EQ(requests[0].headers.at("x-test"), "yes");
  EXPECT_EQ(requests[0].headers.at("content-type"), "application/json");
  EXPECT_EQ(requests[0].headers.at("user-agent"), "am-test/1");
  EXPECT_NE(requests[0].headers.at("accept-encoding").find("gzip"), std::string::npos);
  EXPECT_EQ(requests[0].headers.count("expect"), 0U);
  EXPECT_EQ(requests[0].body, "{}");
  EXPECT_EQ(requests[1].method, "DELETE");
  EXPECT_EQ(requests[1].body, "");
  EXPECT_EQ(requests[1].headers.count("x-test"), 0U) << "nothing of a request stays in the handle";
}

TEST_F(CurlTransport, UsesOneConnectionForRequestsInTurn) {
  for (int i = 0; i < 5; ++i) curl_->send({.url = server_.url() + "/"});
  std::set<int> connections;
  for (const auto& request : server_.requests()) connections.insert(request.connection);
  EXPECT_EQ(connections.size(), 1U);
}

TEST_F(CurlTransport, SendsOnceWhatMustNotBeRepeated) {
  curl_->send({.url = server_.url() +
                      "/"});  // a connection that is kept, and closed by the server at the next request
  answer_.mode = Mode::hang_up;
  const Error error =
      error_of(*curl_, {.method = "POST", .url = server_.url() + "/order", .body = "{}", .once = true});
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_EQ(server_.requests().size(), 2U);
}

TEST_F(CurlTransport, NamesHostAndPortOfARefusedConnectionButNoQuery) {
  const int port = LoopbackServer::closed_port();
  const Error error =
      error_of(*curl_, {.url = "http://user:CANARY@127.0.0.1:" + std::to_string(port) + "/q?apikey=CANARY"});
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_TRUE(error.retryable());
  EXPECT_EQ(error.message(), "127.0.0.1:" + std::to_string(port) + ": connection refused");
}

TEST_F(CurlTransport, GivesUpOnAStalledAnswer) {
  answer_.stall = std::chrono::seconds(20);
  const auto start = steady_clock::now();
  const Error error =
      error_of(*curl_, {.url = server_.url() + "/?token=CANARY", .timeout = milliseconds(150)});
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_EQ(error.message(), here_ + ": no complete answer within 150 ms");
}

TEST_F(CurlTransport, TakesNoHalfAnswer) {
  answer_.body = std::string(5000, 'x');
  answer_.mode = Mode::cut;
  EXPECT_EQ(error_of(*curl_, {.url = server_.url()}).message(),
            here_ + ": connection closed in the middle of the answer");
}

TEST_F(CurlTransport, TakesNoGarbageAndNoHangUp) {
  answer_.mode = Mode::garbage;
  answer_.body = "SSH-2.0-whatever\r\n";
  EXPECT_EQ(error_of(*curl_, {.url = server_.url()}).message(), here_ + ": the answer is not HTTP");
  answer_.mode = Mode::hang_up;
  const Error error = error_of(*curl_, {.url = server_.url()});
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_EQ(error.message(), here_ + ": connection closed without an answer");
}

TEST_F(CurlTransport, TakesNoEndlessHeaders) {
  for (int i = 0; i < 40; ++i)
    answer_.headers.emplace_back("X-Long-" + std::to_string(i), std::string(4000, 'x'));
  EXPECT_EQ(error_of(*curl_, {.url = server_.url()}).kind(), ErrorKind::data);
}

TEST_F(CurlTransport, UnpacksGzipAndCapsWhatComesOut) {
  // 20,000 times "a", packed by gzip -9.
  static const char kPacked[] =
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\xac\xeb\x5f\xc2\x1a\x1e"
      "\x40\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xf0\x60\x31\x87\xbd"
      "\xca\x20\x4e\x00\x00";
  answer_.headers = {{"Content-Encoding", "gzip"}};
  answer_.body = std::string(kPacked, sizeof kPacked - 1);
  EXPECT_EQ(curl_->send({.url = server_.url()}).body, std::string(20'000, 'a'));
  EXPECT_EQ(error_of(*curl_, {.url = server_.url(), .max_body = 1000}).kind(), ErrorKind::data);
}

TEST_F(CurlTransport, SpeaksOnlyHttp) {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1", "127.0.0.1/x", "",
                          "http://127.0.0.1/\r\nX: y"}) {
    EXPECT_EQ(error_of(*curl_, {.url = url}).kind(), ErrorKind::config) << url;
  }
}

TEST_F(CurlTransport, RefusesAHeaderWithALineBreak) {
  EXPECT_EQ(error_of(*curl_, {.url = server_.url(), .headers = {{"Authorization", "Bearer x\r\nX-Other: y"}}})
                .kind(),
            ErrorKind::bug);
  EXPECT_EQ(calls_, 0);
}

TEST_F(CurlTransport, TakesNoPlainServerForTls) {
  const Error error = error_of(*curl_, {.url = "https://" + here_ + "/?key=CANARY"});
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_EQ(error.message(), here_ + ": TLS handshake failed");
}

TEST_F(CurlTransport, GivesARequestInFlightTheTimeToFinishAfterSigterm) {
  Stop stop;
  std::ostringstream out;
  Log log(out, {});
  HttpClient client(*curl_, nullptr, log, stop, {.vendor = "acme", .retry = {.attempts = 3}});
  answer_.stall = milliseconds(200);
  answer_.body = "whole";
  std::jthread signal([&] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.request(SIGTERM);
  });
  EXPECT_EQ(client.send({.url = server_.url()}).body, "whole");
  EXPECT_THROW(client.send({.url = server_.url()}), Error);
  EXPECT_EQ(calls_, 1);
}

}  // namespace
}  // namespace am::kernel
