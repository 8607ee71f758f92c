#include <gtest/gtest.h>

#include "support/openai_desk.hpp"

namespace am::picks {
namespace {

using kernel::HttpResponse;
using Desk = test::OpenAiDesk;
using test::answered;
using test::completion;
using test::kCanary;
using test::kGood;
using test::vendor_error;

TEST(OpenAi, ARefusedKeyIsDeniedAndNoPartOfItShown) {
  for (const int status : {401, 403}) {
    Desk desk;
    desk.http.reply(
        "POST", "/chat/completions",
        vendor_error(status, "Incorrect API key provided: sk-canar****6789. Look at your account."));
    const Error error = desk.error();
    EXPECT_EQ(desk.http.count(), 1U);
    EXPECT_EQ(error.kind(), ErrorKind::denied);
    EXPECT_EQ(error.message(),
              "openai: answered " + std::to_string(status) +
                  ": the key is refused: Incorrect API key provided: *** Look at your account");
    EXPECT_NE(error.hint().find("OPENAI_API_KEY"), std::string::npos);
    EXPECT_EQ(desk.said.str().find("6789"), std::string::npos);
  }
}

TEST(OpenAi, ARefusedModelIsConfigurationInTheVendorsWords) {
  for (const int status : {400, 404, 422}) {
    Desk desk;
    desk.options.model = "gpt-none";
    desk.http.reply("POST", "/chat/completions",
                    vendor_error(status, std::string("no such\nmodel \x1b[31m") + kCanary + " " +
                                             std::string(1000, 'x')));
    const Error error = desk.error();
    EXPECT_EQ(desk.http.count(), 1U);
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_TRUE(error.message().starts_with("openai: model gpt-none: answered " + std::to_string(status) +
                                            ": no such model *** xxx"))
        << error.message();
    EXPECT_LT(error.message().size(), 400U);
    EXPECT_NE(error.hint().find("OPENAI_MODEL"), std::string::npos);
  }
  Desk desk;
  desk.http.reply("POST", "/chat/completions", test::status(404, "<html>not here</html>"));
  EXPECT_EQ(desk.error().message(), "openai: model gpt-4o-mini: answered 404");
}

TEST(OpenAi, WaitsAsRetryAfterSays) {
  Desk desk;
  HttpResponse limited = vendor_error(429, "Rate limit reached", "rate_limit_exceeded");
  limited.headers = {{"retry-after", "0"}};
  desk.http.reply("POST", "/chat/completions", limited);
  desk.replies({completion(kGood)});
  EXPECT_EQ(desk.pick().picks.size(), 3U);
  EXPECT_EQ(desk.http.count(), 2U);
}

TEST(OpenAi, AWaitBeyondMaxWaitDefersAtOnce) {
  Desk desk;  // its client waits 1 s in all
  HttpResponse limited = vendor_error(429, "Rate limit reached", "rate_limit_exceeded");
  limited.headers = {{"retry-after", "2"}};
  desk.http.reply("POST", "/chat/completions", limited);
  const Error error = desk.error();
  EXPECT_EQ(desk.http.count(), 1U);
  EXPECT_EQ(error.kind(), ErrorKind::deferred);
  EXPECT_EQ(error.message(), "openai: answered 429: Rate limit reached");
  EXPECT_TRUE(error.not_before());
}

TEST(OpenAi, ASpentQuotaIsDeniedAtOnce) {
  for (const int status : {429, 402}) {
    Desk desk;
    HttpResponse spent = vendor_error(status, "You exceeded your current quota", "insufficient_quota");
    spent.headers = {{"retry-after", "1"}};
    desk.http.reply("POST", "/chat/completions", spent);
    const Error error = desk.error();
    EXPECT_EQ(desk.http.count(), 1U);
    EXPECT_EQ(error.kind(), ErrorKind::denied);
    EXPECT_NE(error.hint().find("billing"), std::string::npos);
  }
}

TEST(OpenAi, RetriesAServerInTrouble) {
  Desk desk;
  desk.http.reply("POST", "/chat/completions", vendor_error(500, "oops"));
  desk.http.reply("POST", "/chat/completions", test::status(503, "overloaded"));
  desk.replies({completion(kGood)});
  EXPECT_EQ(desk.pick().picks.size(), 3U);
  EXPECT_EQ(desk.http.count(), 3U);

  Desk down;
  down.http.reply("POST", "/chat/completions", test::status(500), 3);
  EXPECT_EQ(down.error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(down.http.count(), 3U);
}

TEST(OpenAi, RetriesATimeout) {
  Desk desk;
  desk.http.fail("POST", "/chat/completions",
                 Error(ErrorKind::unavailable, "llm.example:443: no answer in time"));
  desk.replies({completion(kGood)});
  EXPECT_EQ(desk.pick().picks.size(), 3U);
  EXPECT_EQ(desk.http.count(), 2U);

  Desk down;
  down.http.fail("POST", "/chat/completions",
                 Error(ErrorKind::unavailable, "llm.example:443: no answer in time"), 3);
  EXPECT_EQ(down.error().message(), "openai: llm.example:443: no answer in time");
}

TEST(OpenAi, RetriesAnAnswerThatIsNotTheApis) {
  for (const char* body : {"", "<html>", "{\"choices\":[]}", "{\"choices\":[{}]}", "[]", "\xff"}) {
    Desk desk;
    desk.http.reply("POST", "/chat/completions", answered(body));
    desk.replies({completion(kGood)});
    EXPECT_EQ(desk.pick().picks.size(), 3U) << body;

    Desk wrong;
    wrong.http.reply("POST", "/chat/completions", answered(body), 3);
    const Error error = wrong.error();
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_TRUE(error.message().starts_with("openai: the answer is not a chat completion: "))
        << error.message();
    EXPECT_EQ(wrong.http.count(), 3U);
  }
}

TEST(OpenAi, RefusesAHugeBodyWithoutAskingAgain) {
  Desk desk;
  desk.http.reply("POST", "/chat/completions", answered(std::string((1U << 20U) + 1, ' ')));
  EXPECT_EQ(desk.error().kind(), ErrorKind::data);
  EXPECT_EQ(desk.http.count(), 1U);
}

TEST(OpenAi, AServerThatRepeatsTheKeyDoesNotSpreadIt) {
  Desk desk;
  const std::string key = kCanary;
  std::string with_key = kGood;
  with_key.replace(with_key.find("debt"), 4, key);
  desk.http.reply("POST", "/chat/completions", answered(completion("you sent " + key), kCanary));
  desk.replies({completion(with_key)});
  const Picked picked = desk.pick();
  EXPECT_EQ(picked.picks[1].reasoning, "***");
  Desk refused;
  refused.replies({completion(nullptr, kCanary, key), completion(nullptr, "stop", "no: " + key)});
  EXPECT_TRUE(refused.error().message().ends_with("the model refused: no: ***"));
}

TEST(OpenAiAnswerText, SurvivesDeepNestingAndOddTypes) {
  EXPECT_FALSE(parse_openai_answer(std::string(300000, '[')));
  EXPECT_FALSE(parse_openai_answer(std::string(100000, '[') + std::string(100000, ']')));
  const auto odd = parse_openai_answer(
      R"({"choices":[{"message":{"content":5,"refusal":[]},"finish_reason":null}],"model":7,)"
      R"("usage":{"prompt_tokens":-1,"completion_tokens":1e99}})");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->content + odd->refusal + odd->finish_reason + odd->model, "");
  EXPECT_FALSE(odd->prompt_tokens || odd->completion_tokens);
  EXPECT_TRUE(parse_openai_answer(R"({"choices":[{"message":{}}],"usage":[]})"));
}

}  // namespace
}  // namespace am::picks
