#include "am/kernel/http_client.hpp"

#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "am/kernel/clock.hpp"
#include "support/error_of.hpp"
#include "support/scripted_http.hpp"

namespace am::kernel {
namespace {

using std::chrono::milliseconds;
using test::ok;
using test::ScriptedHttp;
using test::status;
using Kind = Verdict::Kind;

HttpResponse with(int code, std::vector<std::pair<std::string, std::string>> headers) {
  return {.status = code, .headers = std::move(headers)};
}

TEST(LoggableUrl, KeepsWhatIsNoSecret) {
  EXPECT_EQ(loggable_url("https://a.example/q?s=spy.us&i=d"), "https://a.example/q?s=spy.us&i=d");
  EXPECT_EQ(loggable_url("https://a.example"), "https://a.example");
  EXPECT_EQ(loggable_url("https://a.example/p@th?flag&x="), "https://a.example/p@th?flag&x=");
  EXPECT_EQ(loggable_url(""), "");
}

TEST(LoggableUrl, HidesKeysTokensAndUserInfo) {
  EXPECT_EQ(loggable_url("https://a.example/q?symbol=SPY&apikey=SECRET"),
            "https://a.example/q?symbol=SPY&apikey=***");
  EXPECT_EQ(loggable_url("https://u:p@ss@a.example:8443/q?API_KEY=SECRET&x=1"),
            "https://a.example:8443/q?API_KEY=***&x=1");
  EXPECT_EQ(loggable_url("https://a.example/?token=S=E&password=S&signature=S&sig=S#access_token=S"),
            "https://a.example/?token=***&password=***&signature=***&sig=***");
}

TEST(UrlEncode, EscapesEverythingButUnreserved) {
  EXPECT_EQ(url_encode("Az09-._~"), "Az09-._~");
  EXPECT_EQ(url_encode("a b&c=d/é^"), "a%20b%26c%3Dd%2F%C3%A9%5E");
}

TEST(HttpResponse, FindsTheFirstHeaderOfAName) {
  const HttpResponse response = with(200, {{"a", "1"}, {"b", "2"}, {"a", "3"}});
  EXPECT_EQ(response.header("a"), "1");
  EXPECT_EQ(response.header("c"), std::nullopt);
}

TEST(JudgeStatus, SortsStatusCodes) {
  for (const int code : {200, 201, 204, 299})
    EXPECT_EQ(judge_status(status(code)).kind, Kind::accept) << code;
  for (const int code : {408, 425, 500, 502, 503, 504}) {
    EXPECT_EQ(judge_status(status(code)).kind, Kind::retry) << code;
    EXPECT_EQ(judge_status(status(code)).error, ErrorKind::unavailable) << code;
  }
  EXPECT_EQ(judge_status(status(429)).kind, Kind::limit);
  for (const int code : {401, 403}) EXPECT_EQ(judge_status(status(code)).error, ErrorKind::denied) << code;
  for (const int code : {301, 302, 400, 404, 410, 422}) {
    EXPECT_EQ(judge_status(status(code)).kind, Kind::fail) << code;
    EXPECT_EQ(judge_status(status(code)).error, ErrorKind::data) << code;
  }
}

TEST(JudgeStatus, ReadsRetryAfterAsSeconds) {
  EXPECT_EQ(judge_status(with(503, {{"retry-after", "7"}})).wait, milliseconds(7000));
  EXPECT_EQ(judge_status(with(429, {{"retry-after", " 0 "}})).wait, milliseconds(0));
  EXPECT_EQ(judge_status(with(503, {{"retry-after", "soon"}})).wait, std::nullopt);
  EXPECT_EQ(judge_status(with(503, {{"retry-after", "-1"}})).wait, std::nullopt);
  EXPECT_EQ(judge_status(with(503, {})).wait, std::nullopt);
}

TEST(JudgeStatus, ReadsRetryAfterAsDateAgainstTheAnswersOwnDate) {
  EXPECT_EQ(judge_status(with(503, {{"date", "Wed, 21 Oct 2015 07:28:00 GMT"},
                                    {"retry-after", "Wed, 21 Oct 2015 07:29:30 GMT"}}))
                .wait,
            milliseconds(90000));
  EXPECT_EQ(judge_status(with(503, {{"retry-after", "Wed, 21 Oct 2015 07:29:30 GMT"}})).wait, milliseconds(0))
      << "long past";
  EXPECT_EQ(judge_status(with(503, {{"retry-after", "Wed, 21 Okt 2015 07:29:30 GMT"}})).wait, std::nullopt);
  EXPECT_EQ(judge_status(with(503, {{"retry-after", "Wed, 31 Feb 2015 07:29:30 GMT"}})).wait, std::nullopt);
}

TEST(JudgeStatus, BelievesNoWaitAboveAnHour) {
  EXPECT_EQ(judge_status(with(429, {{"retry-after", "86400"}})).wait, std::chrono::hours(1));
  EXPECT_EQ(judge_status(with(429, {{"retry-after", "99999999999999999999999"}})).wait,
            std::chrono::hours(1));
  EXPECT_EQ(judge_status(with(429, {{"retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"}})).wait,
            std::chrono::hours(1));
}

class HttpClientSend : public ::testing::Test {
 protected:
  HttpClient client(int attempts = 3) {
    return {http_,
            nullptr,
            log_,
            stop_,
            {.vendor = "acme",
             .retry = {.attempts = attempts,
                       .base = milliseconds(1),
                       .cap = milliseconds(1),
                       .budget = milliseconds(2000)}}};
  }
  /// The error that send ends with.
  Error error_of(HttpClient& client, const std::string& url = "https://acme.example/q?apikey=CANARY") {
    return test::error_of([&] { client.send({.url = url}); });
  }

  std::ostringstream out_;
  Log log_{out_, {.level = LogLevel::debug}};
  Stop stop_;
  ScriptedHttp http_;
};

TEST_F(HttpClientSend, ReturnsTheAcceptedAnswer) {
  http_.reply("GET", "/q", ok("hello"));
  auto http = client();
  EXPECT_EQ(http.send({.url = "https://acme.example/q"}).body, "hello");
}

TEST_F(HttpClientSend, RetriesTroubleAndLostConnections) {
  http_.reply("GET", "/q", status(503))
      .fail("GET", "/q", {ErrorKind::unavailable, "acme.example:443: connection refused"})
      .reply("GET", "/q", ok("hello"));
  auto http = client();
  EXPECT_EQ(http.send({.url = "https://acme.example/q"}).body, "hello");
}

TEST_F(HttpClientSend, NamesVendorAndProblemWhenAttemptsAreUsedUp) {
  http_.reply("GET", "/q", status(502), 3);
  auto http = client();
  const Error error = error_of(http);
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_EQ(error.message(), "acme: answered 502 (expected 2xx)");
}

TEST_F(HttpClientSend, AsksOnceWhenTheAnswerIsFinal) {
  http_.reply("GET", "/q", status(403));
  auto http = client();
  EXPECT_EQ(error_of(http).kind(), ErrorKind::denied);
}

TEST_F(HttpClientSend, DoesNotRepeatATransportErrorThatIsFinal) {
  http_.fail("GET", "/q", {ErrorKind::data, "acme.example:443: the answer is too long"});
  auto http = client();
  EXPECT_EQ(error_of(http).message(), "acme: acme.example:443: the answer is too long");
}

TEST_F(HttpClientSend, DefersWithTheMomentWhenTheVendorsLimitIsReached) {
  http_.reply("GET", "/q", with(429, {{"retry-after", "600"}}));
  auto http = client();
  const Instant before = SystemClock().now();
  const Error error = error_of(http);
  EXPECT_EQ(error.kind(), ErrorKind::deferred);
  ASSERT_TRUE(error.not_before());
  EXPECT_GE(*error.not_before(), before + std::chrono::seconds(600));
  EXPECT_LT(*error.not_before(), before + std::chrono::seconds(610));
}

TEST_F(HttpClientSend, WaitsInAllNoLongerThanMaxWaitForWhatTheVendorAsks) {
  for (const Kind kind : {Kind::limit, Kind::retry}) {
    ScriptedHttp vendor;
    vendor.reply("GET", "/q", ok("slow down"), 2);
    HttpClient http(vendor, nullptr, log_, stop_,
                    {.vendor = "acme",
                     .retry = {.attempts = 9, .base = milliseconds(1), .cap = milliseconds(1)},
                     .max_wait = milliseconds(50)});
    const auto judge = [kind](const HttpResponse&) {
      return Verdict{.kind = kind, .problem = "slow down", .wait = milliseconds(30)};
    };
    const Error error = test::error_of([&] { http.send({.url = "https://acme.example/q"}, judge); });
    EXPECT_EQ(vendor.count(), 2U) << "30 ms of 50 are waited, 60 are not";
    EXPECT_EQ(error.kind(), kind == Kind::limit ? ErrorKind::deferred : ErrorKind::unavailable);
    EXPECT_TRUE(error.not_before());
  }
}

TEST_F(HttpClientSend, AsksTheVendorsOwnJudge) {
  http_.reply("GET", "/q", ok("busy")).reply("GET", "/q", ok("fine"));
  auto http = client();
  const auto judge = [](const HttpResponse& response) {
    return response.body == "fine"
               ? Verdict{}
               : Verdict{.kind = Kind::retry, .problem = "busy", .error = ErrorKind::data};
  };
  EXPECT_EQ(http.send({.url = "https://acme.example/q"}, judge).body, "fine");
}

TEST_F(HttpClientSend, GivesEveryAttemptItsOwnRequestId) {
  http_.reply("GET", "/q", status(500)).reply("GET", "/q", ok(""));
  auto http = client();
  http.send({.url = "https://acme.example/q"});
  std::set<std::string> ids;
  for (const HttpRequest& request : http_.requests()) {
    ASSERT_EQ(request.headers.size(), 1U);
    EXPECT_EQ(request.headers[0].first, "X-Request-Id");
    ids.insert(request.headers[0].second);
  }
  EXPECT_EQ(ids.size(), 2U);
}

TEST_F(HttpClientSend, CallsTheHookBeforeEveryAttemptAndSendsNothingWhenItThrows) {
  http_.reply("GET", "/q", status(500));
  auto http = client();
  int calls = 0;
  http.on_attempt([&] {
    if (++calls == 2) throw Error(ErrorKind::busy, "fenced out");
  });
  EXPECT_EQ(error_of(http).kind(), ErrorKind::busy);
}

TEST_F(HttpClientSend, CallsTheHookWhileItWaitsAndEndsTheWaitWhenThatThrows) {
  http_.reply("GET", "/q", {.status = 503, .headers = {{"retry-after", "1"}}});
  auto http = client();
  http.on_wait([](WaitFor) { throw Error(ErrorKind::busy, "fenced out"); });
  EXPECT_EQ(error_of(http).kind(), ErrorKind::busy);
}

TEST_F(HttpClientSend, ShowsNoSecretInLogsOrErrors) {
  http_.reply("GET", "/q", status(500)).reply("GET", "/q", status(404));
  auto http = client();
  const Error error = error_of(http);
  EXPECT_EQ(error.message().find("CANARY"), std::string::npos);
  EXPECT_NE(out_.str().find("apikey=***"), std::string::npos);
  EXPECT_EQ(out_.str().find("CANARY"), std::string::npos);
}

TEST_F(HttpClientSend, StartsNoAttemptAfterBeingAskedToEnd) {
  stop_.request(15);
  auto http = client();
  EXPECT_EQ(error_of(http).kind(), ErrorKind::terminated);
}

TEST_F(HttpClientSend, RefusesALimitKeyWithoutALimiter) {
  EXPECT_THROW(HttpClient(http_, nullptr, log_, stop_, {.vendor = "acme", .limit_key = "acme", .retry = {}}),
               Error);
}

}  // namespace
}  // namespace am::kernel
