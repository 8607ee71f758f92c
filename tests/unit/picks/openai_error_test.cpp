// Errors of servers that speak Chat Completions, each in a shape of its own: the exit code follows from the code, and the
// vendor's words are never lost.

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "picks/openai_wire.hpp"
#include "support/openai_desk.hpp"

namespace am::picks {
namespace {

using kernel::HttpResponse;
using kernel::Verdict;
using Kind = Verdict::Kind;
using test::completion;
using test::kGood;

std::string error_fixture(const std::string& name) {
  std::ifstream file(AM_SOURCE_DIR "/tests/fixtures/vendors/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Judged {
  Kind kind;
  ErrorKind error;
  std::string problem;
  bool operator==(const Judged&) const = default;
};
void PrintTo(const Judged& judged, std::ostream* out) {
  *out << static_cast<int>(judged.kind) << " " << error_kind_name(judged.error) << " " << judged.problem;
}

Judged judge(int status, const std::string& body) {
  const Verdict verdict = judge_openai(test::status(status, body), "m-1");
  return {verdict.kind, verdict.error, verdict.problem};
}

TEST(OpenAiErrors, InsideAnAcceptedAnswerAreJudgedByTheirCode) {
  EXPECT_EQ(judge(200, error_fixture("openai_200_error_429.json")),
            (Judged{Kind::limit, ErrorKind::deferred,
                    "answered 200 with error 429: Rate limit exceeded: free-models-per-day"}));
  EXPECT_EQ(
      judge(200, error_fixture("openai_200_error_402.json")),
      (Judged{
          Kind::fail, ErrorKind::denied,
          "answered 200 with error 402: the account has no quota left or is closed: This request requires "
          "more credits"}));
  EXPECT_EQ(
      judge(200, error_fixture("openai_200_error_502.json")),
      (Judged{Kind::retry, ErrorKind::unavailable, "answered 200 with error 502: Provider returned error"}));
  const auto with_code = [](const std::string& code) {
    return judge(200, R"({"error":{"message":"no","code":)" + code + "}}").error;
  };
  for (const char* code : {"401", "403", "\"401\"", "\"invalid_api_key\"", "\"insufficient_quota\""})
    EXPECT_EQ(with_code(code), ErrorKind::denied) << code;
  for (const char* code : {"408", "500", "503", "\"503\"", "\"server_error\"", "\"overloaded\""})
    EXPECT_EQ(with_code(code), ErrorKind::unavailable) << code;
  for (const char* code : {"400", "404", "\"422\"", "\"invalid_request_error\"", "\"model_not_found\""})
    EXPECT_EQ(with_code(code), ErrorKind::config) << code;
  for (const char* code : {"429", "\"429\"", "\"rate_limit_exceeded\""})
    EXPECT_EQ(with_code(code), ErrorKind::deferred) << code;
  EXPECT_EQ(judge(200, R"({"error":{"message":"no","code":1302}})"),
            (Judged{Kind::retry, ErrorKind::data, "answered 200 with an error: no"}));
  EXPECT_EQ(judge(200, R"({"error":"it is raining"})"),
            (Judged{Kind::retry, ErrorKind::data, "answered 200 with an error: it is raining"}));
  EXPECT_EQ(judge(200, R"({"object":"error","message":"no such model","code":404})"),
            (Judged{Kind::fail, ErrorKind::config, "model m-1: answered 200 with error 404: no such model"}));
  EXPECT_EQ(judge(200, R"({"choices":[{"error":{"code":502,"message":"cut off"},"finish_reason":"error",)"
                       R"("message":{"content":"{"}}]})"),
            (Judged{Kind::retry, ErrorKind::unavailable, "answered 200 with error 502: cut off"}));
}

TEST(OpenAiErrors, ThatSayNothingAreNone) {
  for (const char* error : {"null", "{}", "\"\"", "[]", "false"}) {
    std::string body = completion(kGood);
    body.insert(1, "\"error\":" + std::string(error) + ",");
    EXPECT_EQ(judge(200, body).kind, Kind::accept) << error;
  }
}

TEST(OpenAiErrors, OfAClosedOrSpentAccountAreDenied) {
  for (const char* name : {"openai_429_billing_not_active.json", "openai_429_access_terminated.json"}) {
    const Judged judged = judge(429, error_fixture(name));
    EXPECT_EQ(judged.kind, Kind::fail) << name;
    EXPECT_EQ(judged.error, ErrorKind::denied) << name;
  }
  EXPECT_EQ(judge(429, error_fixture("openai_429_access_terminated.json")).problem,
            "answered 429: the account has no quota left or is closed: Your access was terminated");
  EXPECT_EQ(judge(429, R"({"error":{"message":"x","type":"insufficient_quota","code":null}})").error,
            ErrorKind::denied);
  EXPECT_EQ(judge(429, error_fixture("openai_429_gemini_quota_zero.json")),
            (Judged{Kind::limit, ErrorKind::deferred,
                    "answered 429: You exceeded your current quota, check plan and billing"}))
      << "a quota of a minute or a day has the same words";
}

TEST(OpenAiErrors, OfAKeyAreDeniedWhateverTheStatus) {
  const Verdict verdict =
      judge_openai(test::status(400, error_fixture("openai_400_gemini_bad_key.json")), "m-1");
  EXPECT_EQ(verdict.error, ErrorKind::denied);
  EXPECT_EQ(verdict.problem,
            "answered 400: the key is refused: API key not valid. Please pass a valid API key");
  EXPECT_NE(verdict.hint.find("OPENAI_API_KEY"), std::string::npos);
}

TEST(OpenAiErrors, OfAContentFilterAreData) {
  for (const int status : {200, 400}) {
    const Judged judged =
        judge(status, R"({"error":{"message":"The prompt was filtered","code":"content_filter"}})");
    EXPECT_EQ(judged.kind, Kind::fail);
    EXPECT_EQ(judged.error, ErrorKind::data);
    EXPECT_NE(judged.problem.find("The prompt was filtered"), std::string::npos);
  }
}

TEST(OpenAiErrors, NameWhatAModelDoesNotTakeAndTheWayOut) {
  const Verdict verdict =
      judge_openai(test::status(400, error_fixture("openai_400_temperature.json")), "m-1");
  EXPECT_EQ(verdict.error, ErrorKind::config);
  EXPECT_EQ(verdict.problem,
            "model m-1: answered 400: Unsupported parameter: 'temperature' is not supported with this model");
  EXPECT_NE(verdict.hint.find("openai.temperature (none leaves it out)"), std::string::npos);
  EXPECT_NE(verdict.hint.find("openai.response_format (json_object, or none)"), std::string::npos);
}

TEST(OpenAiErrors, KeepTheWaitThatTheVendorAsksFor) {
  HttpResponse limited = test::status(200, error_fixture("openai_200_error_429.json"));
  limited.headers = {{"retry-after", "7"}};
  EXPECT_EQ(judge_openai(limited, "m-1").wait, std::chrono::seconds(7));
}

TEST(VendorWords, AreFoundInEveryShape) {
  const std::vector<std::pair<std::string, std::string>> shapes{
      {error_fixture("openai_400_lmstudio.json"), "'response_format.type' must be 'json_schema' or 'text'"},
      {error_fixture("openai_400_vllm.json"), "The model m-1 does not support response_format"},
      {error_fixture("openai_422_fastapi.json"), "body.response_format.type: unexpected value"},
      {error_fixture("openai_400_gemini_bad_key.json"), "API key not valid. Please pass a valid API key"},
      {R"({"detail":"Not Found"})", "Not Found"},
      {R"({"detail":[{"loc":["body",0,"x"],"msg":"a"},{"loc":[],"msg":"b"}]})", "body.0.x: a; b"},
      {R"({"message":["a","b"],"statusCode":400})", "a; b"},
      {R"({"errors":[{"message":"a"}]})", "a"},
      {R"({"error":{"error":{"message":"inner"}}})", "inner"},
      {R"({"error":{"message":"Provider returned error","metadata":{"raw":"the real reason"}}})",
       "Provider returned error: the real reason"},
      {R"({"error":"invalid_client","error_description":"no such client"})", "invalid_client"},
      {R"({"choices":[{"error":{"message":"of a choice"}}]})", "of a choice"},
      {R"("a text alone")", "a text alone"},
      {"upstream connect error", "upstream connect error"},
      {" <html><body>busy</body></html>", ""},
      {R"({"error":{"code":5}})", ""},
      {"[]", ""},
      {"\xff\xfe", ""},
      {"", ""}};
  for (const auto& [body, words] : shapes) EXPECT_EQ(vendor_words(body), words) << body;
}

TEST(VendorWords, AreShortPrintableAndWithoutPartsOfAKey) {
  EXPECT_LT(vendor_words(R"({"message":")" + std::string(5000, 'x') + "\"}").size(), 400U);
  EXPECT_LT(vendor_words(std::string(5000, 'x')).size(), 400U);
  EXPECT_EQ(vendor_words("{\"message\":\"a\\u001b[31mb\\nc.\"}"), "a?[31mb c");
  EXPECT_EQ(vendor_words(R"({"message":"key sk-ab***yz, sk-1...9 and sk-1…9 are wrong... try again"})"),
            "key *** *** and *** are wrong... try again");
  std::string deep;
  for (int i = 0; i < 50000; ++i) deep += R"({"error":)";
  EXPECT_EQ(vendor_words(deep + "\"x\"" + std::string(50000, '}')), "")
      << "no depth of it is followed for ever";
  std::string places = R"({"detail":[{"loc":[)";
  places += std::string(20000, '[') + std::string(20000, ']') + R"(],"msg":"m"}]})";
  EXPECT_EQ(vendor_words(places), "?: m");
}

}  // namespace
}  // namespace am::picks
