#include "am/feed/nivoda.hpp"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/base/date.hpp"
#include "support/error_of.hpp"
#include "support/scripted_http.hpp"

namespace am::feed {
namespace {

using nlohmann::json;
using test::error_of;
using test::ok;

constexpr const char* kEndpoint = "http://supplier.test/api/diamonds";
constexpr const char* kUser = "somebody@example.com";
constexpr const char* kPassword = "correct horse";

std::string session(const std::string& token) {
  return R"({"data":{"authenticate":{"username_and_password":{"token":")" + token +
         R"(","expires":21600}}}})";
}

/// One worker of a supplier that a handler plays: gets what is asked and the token that came with it.
struct Worker {
  explicit Worker(bool bearer = false)
      : client(http, nullptr, log, stop,
               {.vendor = "nivoda", .retry = {.attempts = 3, .base = std::chrono::milliseconds(0)}}),
        options{kEndpoint, kUser, kPassword, bearer},
        tokens(options, std::nullopt, log, stop, [] { return *parse_rfc3339("2026-11-27T04:00:00Z"); }),
        nivoda(client, tokens, options) {
    http.otherwise([this](const kernel::HttpRequest& request) {
      const json body = json::parse(request.body);
      const json& variables = body.at("variables");
      if (variables.contains("username")) {
        ++logins;
        return login(variables);
      }
      return answer(token_of(request, variables));
    });
  }

  std::string token_of(const kernel::HttpRequest& request, const json& variables) const {
    for (const auto& [name, value] : request.headers) {
      if (name == "Authorization") return value.substr(7);
    }
    return variables.value("token", "");
  }

  std::function<kernel::HttpResponse(const json&)> login = [this](const json&) {
    return ok(session("secret-token-" + std::to_string(logins)));
  };
  std::function<kernel::HttpResponse(const std::string&)> answer = [](const std::string&) {
    return ok(R"({"data":{"as":{"diamonds_by_query_count":5}}})");
  };
  int logins = 0;
  std::ostringstream said;
  kernel::Log log{said, {.level = kernel::LogLevel::debug}};
  kernel::Stop stop;
  test::ScriptedHttp http;
  kernel::HttpClient client;
  NivodaOptions options;
  NivodaTokens tokens;
  Nivoda nivoda;
};

TEST(Nivoda, LogsInOnceAndAsksWithTheToken) {
  Worker worker;
  EXPECT_EQ(worker.nivoda.count({}), 5);
  EXPECT_EQ(worker.nivoda.count({}), 5);
  EXPECT_EQ(worker.logins, 1);
  const auto requests = worker.http.requests();
  ASSERT_EQ(requests.size(), 3U);
  for (const auto& request : requests) {
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, kEndpoint);
    EXPECT_EQ(request.timeout, std::chrono::seconds(60));
  }
  const json login = json::parse(requests[0].body);
  EXPECT_EQ(login.at("variables"), json({{"username", kUser}, {"password", kPassword}}));
  EXPECT_EQ(login.at("query").get<std::string>().find("horse"), std::string::npos);
  EXPECT_EQ(json::parse(requests[1].body).at("variables").at("token"), "secret-token-1");
}

TEST(Nivoda, TheTokenMayBeAHeader) {
  Worker worker(true);
  worker.answer = [](const std::string& token) {
    EXPECT_EQ(token, "secret-token-1");
    return ok(R"({"data":{"diamonds_by_query_count":6}})");
  };
  EXPECT_EQ(worker.nivoda.count({}), 6);
  const json body = json::parse(worker.http.requests()[1].body);
  EXPECT_FALSE(body.at("variables").contains("token"));
  EXPECT_EQ(body.at("query").get<std::string>().find("as("), std::string::npos);
}

TEST(Nivoda, ATokenThatIsNotTakenAnyMoreIsReplacedAndThePageAskedForAgain) {
  const kernel::HttpResponse refusals[] = {test::status(401), test::status(403, "no"),
                                           ok(R"({"errors":[{"message":"Token expired"}],"data":null})"),
                                           test::status(400, R"({"errors":[{"message":"Invalid token"}]})"),
                                           test::status(500, R"({"errors":[{"message":"jwt expired"}]})")};
  for (const auto& refusal : refusals) {
    Worker worker;
    worker.answer = [&](const std::string& token) {
      return token == "secret-token-1" ? refusal : ok(R"({"data":{"as":{"diamonds_by_query_count":5}}})");
    };
    EXPECT_EQ(worker.nivoda.count({}), 5) << refusal.status << refusal.body;
    EXPECT_EQ(worker.logins, 2);
    EXPECT_EQ(worker.http.count(), 4U);
  }
}

TEST(Nivoda, TwoLoginsAtMostWhereNoTokenIsTaken) {
  Worker worker;
  worker.answer = [](const std::string&) { return test::status(401); };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(error_of([&] { worker.nivoda.count({}); }).kind(), ErrorKind::denied);
  }
  EXPECT_EQ(worker.logins, 2);
}

TEST(Nivoda, ARefusedLoginIsSentOnceAndIs77) {
  for (const auto& refusal : {test::status(401), ok(R"({"errors":[{"message":"Invalid credentials"}]})")}) {
    Worker worker;
    worker.login = [&](const json&) { return refusal; };
    for (int i = 0; i < 3; ++i) {
      const Error error = error_of([&] { worker.nivoda.page({}, 0, 30); });
      EXPECT_EQ(error.exit_code(), ExitCode::denied);
      EXPECT_NE(error.hint().find("NIVODA_PASSWORD"), std::string::npos);
    }
    EXPECT_EQ(worker.logins, 1);
  }
}

TEST(Nivoda, AnUnknownFieldIsConfigurationAndNamedAndNotRepeated) {
  Worker worker;
  worker.answer = [](const std::string&) {
    return test::status(
        400, R"({"errors":[{"message":"Cannot query field \"carat\" on type \"Certificate\"."}]})");
  };
  const Error error = error_of([&] { worker.nivoda.page({}, 0, 30); });
  EXPECT_EQ(error.exit_code(), ExitCode::config);
  EXPECT_EQ(error.message(), "nivoda: answered: Cannot query field \"carat\" on type \"Certificate\".");
  EXPECT_EQ(worker.http.count(), 2U);
}

TEST(Nivoda, WhatFailedIsTriedThreeTimes) {
  const kernel::HttpResponse failures[] = {
      test::status(502, "<html>"), ok(R"({"errors":[{"message":"Internal server error"}],"data":null})"),
      ok(R"({"data":{"as":{"diamonds_by_query_count":5},)")};
  for (const auto& failure : failures) {
    int asked = 0;
    Worker worker;
    worker.answer = [&](const std::string&) {
      return ++asked < 3 ? failure : ok(R"({"data":{"as":{"diamonds_by_query_count":5}}})");
    };
    EXPECT_EQ(worker.nivoda.count({}), 5);
    asked = 0;
    worker.answer = [&](const std::string&) {
      ++asked;
      return failure;
    };
    EXPECT_EQ(error_of([&] { worker.nivoda.count({}); }).kind(), ErrorKind::unavailable);
    EXPECT_EQ(asked, 3);
  }
  EXPECT_EQ(nivoda_retry().attempts, 3);
  EXPECT_EQ(nivoda_retry().base, std::chrono::seconds(2));
}

TEST(Nivoda, AWishToWaitIsNoFailureOfThePage) {
  Worker worker;
  worker.answer = [](const std::string&) {
    kernel::HttpResponse limited = ok(R"({"errors":[{"message":"Too many requests"}]})");
    limited.status = 429;
    limited.headers = {{"retry-after", "600"}};
    return limited;
  };
  const Error error = error_of([&] { worker.nivoda.count({}); });
  EXPECT_EQ(error.kind(), ErrorKind::deferred);
  EXPECT_TRUE(error.not_before());
}

TEST(Nivoda, TokenAndPasswordAreNowhere) {
  Worker worker;
  const auto echo = [](const std::string& token) {
    return ok(R"({"errors":[{"message":"no good: )" + token + " of " + kPassword + "\"}]}");
  };
  worker.answer = echo;
  const Error error = error_of([&] { worker.nivoda.count({}); });
  EXPECT_EQ(error.message(), "nivoda: answered: no good: *** of ***");
  worker.answer = [](const std::string& token) {
    return ok(R"({"data":{"as":{"diamonds_by_query":{"items":[{"id":"a","note":")" + token +
              R"(","diamond":{"id":"s"}}]}}}})");
  };
  const Page page = worker.nivoda.page({}, 0, 30);
  EXPECT_EQ(page.offers.at(0).payload_json, R"({"id":"a","note":"***","diamond":{"id":"s"}})");
  EXPECT_EQ(worker.said.str().find("secret-token"), std::string::npos);
  EXPECT_EQ(worker.said.str().find("horse"), std::string::npos);
}

TEST(Nivoda, SaysWhatIsNotConfigured) {
  Worker worker;
  NivodaOptions options = worker.options;
  options.username.clear();
  EXPECT_EQ(error_of([&] { Nivoda(worker.client, worker.tokens, options); }).message(),
            "NIVODA_USERNAME: not set");
}

}  // namespace
}  // namespace am::feed
