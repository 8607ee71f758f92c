#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/base/hash.hpp"
#include "support/openai_desk.hpp"

namespace am::picks {
namespace {

using namespace std::chrono_literals;
using kernel::HttpRequest;
using Json = nlohmann::json;
using Desk = test::OpenAiDesk;
using test::completion;
using test::kCanary;
using test::kGood;

/// OpenAI's rules for a strict schema, on every level; returns what breaks them.
std::string strictness(const Json& schema, const std::string& path = "$") {
  for (const auto& [key, value] : schema.items()) {
    static const std::vector<std::string> known{"type",  "properties", "required",   "additionalProperties",
                                                "items", "enum",       "description"};
    if (std::ranges::find(known, key) == known.end()) return path + ": keyword " + key;
  }
  const std::string type = schema.value("type", "");
  if (type == "string")
    return schema.contains("properties") || schema.contains("items") ? path + ": a text with parts" : "";
  if (type == "array")
    return schema.contains("items") ? strictness(schema["items"], path + "[]") : path + ": no items";
  if (type != "object") return path + ": type " + type;
  if (schema.value("additionalProperties", true)) return path + ": additionalProperties";
  if (schema["required"].size() != schema["properties"].size()) return path + ": required";
  for (const auto& [name, property] : schema["properties"].items()) {
    if (std::find(schema["required"].begin(), schema["required"].end(), Json(name)) ==
        schema["required"].end())
      return path + "." + name + ": not required";
    if (const std::string problem = strictness(property, path + "." + name); !problem.empty()) return problem;
  }
  return {};
}

TEST(StrictnessChecker, FindsWhatOpenAiWouldRefuse) {
  const Json good = Json::parse(
      R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})");
  EXPECT_EQ(strictness(good), "");
  Json bad = good;
  bad.erase("additionalProperties");
  EXPECT_EQ(strictness(bad), "$: additionalProperties");
  bad = good;
  bad["properties"]["b"] = {{"type", "string"}};
  EXPECT_EQ(strictness(bad), "$: required");
  bad["required"] = {"a", "c"};
  EXPECT_EQ(strictness(bad), "$.b: not required");
  bad = good;
  bad["properties"]["a"] = {{"type", "array"}, {"items", {{"type", "null"}}}};
  EXPECT_EQ(strictness(bad), "$.a[]: type null");
}

TEST(OpenAi, AsksForThreePicksWithAStrictSchema) {
  Desk desk;
  desk.replies({completion(kGood)}).pick();
  ASSERT_EQ(desk.http.count(), 1U);
  const HttpRequest request = desk.http.requests()[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://llm.example/v1/chat/completions");
  EXPECT_EQ(request.timeout, 60s);
  EXPECT_EQ(request.connect_timeout, 5s);
  EXPECT_EQ(request.max_body, 1U << 20U);
  const auto header = [&](std::string_view name) {
    for (const auto& [key, value] : request.headers) {
      if (key == name) return value;
    }
    return std::string();
  };
  EXPECT_EQ(header("Content-Type"), "application/json");
  EXPECT_EQ(header("Authorization"), std::string("Bearer ") + kCanary);
  EXPECT_EQ(request.body.find("canary"), std::string::npos);
  EXPECT_NE(request.body.find("\"temperature\":0.2,"), std::string::npos) << "a JSON number, as configured";

  const Json body = Json::parse(request.body);
  EXPECT_EQ(body.size(), 4U);
  EXPECT_EQ(body["model"], "gpt-4o-mini");
  EXPECT_EQ(body["temperature"], 0.2);
  ASSERT_EQ(body["messages"].size(), 2U);
  EXPECT_EQ(body["messages"][0]["role"], "system");
  EXPECT_EQ(body["messages"][1]["role"], "user");
  const std::string prompt = body["messages"][1]["content"];
  for (const char* part :
       {"2026-01-26", "exactly 3", "different", "S&P 500", "BUY", "SELL", "two weeks", "reasoning"}) {
    EXPECT_NE(prompt.find(part), std::string::npos) << part;
  }
  const Json& format = body["response_format"];
  EXPECT_EQ(format["type"], "json_schema");
  EXPECT_EQ(format["json_schema"]["name"], "weekly_picks");
  EXPECT_EQ(format["json_schema"]["strict"], true);
  const Json& schema = format["json_schema"]["schema"];
  EXPECT_EQ(strictness(schema), "");
  EXPECT_EQ(schema["type"], "object");
  EXPECT_EQ(schema["properties"]["picks"]["type"], "array");
  const Json& pick = schema["properties"]["picks"]["items"];
  EXPECT_EQ(pick["properties"].size(), 3U);
  EXPECT_EQ(pick["properties"]["ticker"]["type"], "string");
  EXPECT_EQ(pick["properties"]["reasoning"]["type"], "string");
  EXPECT_EQ(pick["properties"]["action"]["enum"], Json({"BUY", "SELL"}));
}

TEST(OpenAi, KeepsHowItCameToThePicks) {
  Desk desk;
  const Picked picked = desk.replies({completion(kGood)}).pick();
  ASSERT_EQ(picked.picks.size(), 3U);
  EXPECT_EQ(picked.picks[1].ticker, "T");
  EXPECT_EQ(picked.picks[1].action, Action::sell);
  EXPECT_EQ(picked.picks[2].reasoning, "cash");
  EXPECT_EQ(picked.picker, "openai");
  EXPECT_EQ(picked.model, "gpt-4o-mini");
  const auto record = nlohmann::ordered_json::parse(picked.record_json);
  EXPECT_EQ(picked.prompt_hash, sha256_hex(record["messages"].dump()));
  EXPECT_EQ(record["temperature"], 0.2);
  EXPECT_EQ(record["response_format"], "json_schema");
  ASSERT_EQ(record["answers"].size(), 1U);
  const auto& answer = record["answers"][0];
  EXPECT_EQ(answer["content"], kGood);
  EXPECT_EQ(answer["model"], "gpt-4o-mini-2024-07-18");
  EXPECT_EQ(answer["request_id"], "req_1");
  EXPECT_EQ(answer["prompt_tokens"], 310);
  EXPECT_EQ(answer["completion_tokens"], 95);
}

TEST(OpenAi, KeepsTheTemplateWithoutTheDate) {
  Desk desk;
  const Picked picked = desk.replies({completion(kGood)}).pick();
  EXPECT_EQ(picked.template_text, usual_template().text);
  EXPECT_EQ(picked.template_text.find("2026"), std::string::npos);
  EXPECT_EQ(picked.served_model, "gpt-4o-mini-2024-07-18");

  Desk words;
  words.options.response_format = "none";
  EXPECT_EQ(words.replies({completion(kGood)}).pick().template_text, with_shape(usual_template()).text)
      << "other words are another template";

  Desk own;
  own.options.prompt = PromptTemplate::parse("Three for {{run_date}}, none of them {{benchmark}}.").value();
  const Picked mine = own.replies({completion(kGood)}).pick();
  EXPECT_EQ(mine.template_text, "Three for {{run_date}}, none of them {{benchmark}}.");
  ASSERT_EQ(own.sent(0)["messages"].size(), 1U) << "no system message";
  EXPECT_EQ(own.sent(0)["messages"][0]["role"], "user");
  EXPECT_EQ(own.sent(0)["messages"][0]["content"], "Three for 2026-01-26, none of them SPY.");
}

TEST(OpenAi, RecordsTheTokensThatTheVendorHadAtHand) {
  Json answer = Json::parse(completion(kGood));
  answer["usage"]["prompt_tokens_details"] = {{"cached_tokens", 256}};
  Desk desk;
  const Json record = Json::parse(desk.replies({answer.dump()}).pick().record_json);
  EXPECT_EQ(record["answers"][0]["cached_tokens"], 256);
  Desk without;
  EXPECT_TRUE(
      Json::parse(without.replies({completion(kGood)}).pick().record_json)["answers"][0]["cached_tokens"]
          .is_null());
}

TEST(OpenAi, LeavesOutWhatAModelDoesNotTake) {
  Desk desk;
  desk.options.temperature = "none";
  desk.options.response_format = "none";
  const Picked picked = desk.replies({completion(kGood)}).pick();
  const Json body = desk.sent(0);
  EXPECT_EQ(body.size(), 2U) << body;
  EXPECT_FALSE(body.contains("temperature"));
  EXPECT_FALSE(body.contains("response_format"));
  EXPECT_NE(body["messages"][1]["content"].get<std::string>().find("{\"picks\": [{\"ticker\": "),
            std::string::npos)
      << "then the words say what the answer looks like";
  const Json record = Json::parse(picked.record_json);
  EXPECT_TRUE(record["temperature"].is_null()) << "the record says what was sent";
  EXPECT_EQ(record["response_format"], "none");
  EXPECT_EQ(record["messages"], body["messages"]);

  Desk object;
  object.options.response_format = "json_object";
  object.replies({completion(kGood)}).pick();
  EXPECT_EQ(object.sent(0)["response_format"], Json({{"type", "json_object"}}));
  EXPECT_NE(object.sent(0)["messages"][1]["content"].get<std::string>().find("JSON"), std::string::npos)
      << "OpenAI wants the word for this format";
}

TEST(OpenAi, DoesNotPayTwiceForAContentFilter) {
  Desk desk;
  const Error error = desk.replies({completion("", "content_filter")}).error();
  EXPECT_EQ(desk.http.count(), 1U);
  EXPECT_EQ(error.kind(), ErrorKind::data);
  EXPECT_EQ(
      error.message(),
      "openai 2026-01-26: no valid picks from model gpt-4o-mini in 1 answer: the answer was withheld by a "
      "content filter");
}

TEST(OpenAi, SaysWhoItIsAndThatItSeesTheFuture) {
  Desk desk;
  const auto picker = make_openai_picker(desk.client, desk.log, desk.options);
  EXPECT_EQ(picker->name(), "openai");
  EXPECT_TRUE(picker->sees_the_future());
}

TEST(OpenAi, NeedsAKeyAndATemperature) {
  Desk desk;
  const auto refused = [&](OpenAiOptions options) {
    try {
      make_openai_picker(desk.client, desk.log, std::move(options));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      return error.message();
    }
    return std::string("taken");
  };
  OpenAiOptions options = desk.options;
  options.api_key.clear();
  EXPECT_EQ(refused(options), "OPENAI_API_KEY: not set");
  options = desk.options;
  for (const char* bad : {"", "-0.1", "2.01", "warm", "nan", "0,2"}) {
    options.temperature = bad;
    EXPECT_EQ(refused(options),
              "openai.temperature: expected a number from 0 to 2 or none, got \"" + std::string(bad) + "\"");
  }
  for (const char* good : {"0", "2", "1.0", "2e-1", "none"}) {
    options.temperature = good;
    EXPECT_EQ(refused(options), "taken") << good;
  }
}

struct BadAnswer {
  const char* name;
  std::string body;
  std::string problem;
};

std::string with(const char* from, const char* to) {
  std::string text = kGood;
  return text.replace(text.find(from), std::string_view(from).size(), to);
}

std::vector<BadAnswer> bad_answers() {
  return {
      {"wrong count", completion(R"({"picks":[{"ticker":"XOM","reasoning":"oil","action":"BUY"}]})"),
       "expected exactly 3 picks, got 1"},
      {"duplicate ticker", completion(with("\"T\"", "\"XOM\"")), "pick 2: XOM is picked twice"},
      {"bad ticker", completion(with("\"T\"", "\"Exxon\"")),
       "pick 2: \"Exxon\" is not a ticker (1 to 5 capitals, then perhaps .X or -X)"},
      {"bad action", completion(with("SELL", "HOLD")), "pick 2: action must be BUY or SELL, got \"HOLD\""},
      {"empty reasoning", completion(with("debt", " ")), "pick 2: the reasoning is empty"},
      {"missing field", completion(with("\"reasoning\":\"debt\",", "")),
       "pick 2: needs the texts ticker, action and reasoning"},
      {"refusal", completion(nullptr, "stop", "I can't give\nfinancial advice."),
       "the model refused: I can't give financial advice."},
      {"truncated", completion(std::string(kGood).substr(0, 70), "length"),
       "the answer was cut off at the length limit"},
      {"invalid JSON", completion("Sure! Here are three picks."), "not JSON"},
      {"wrong shape", completion("[1]"), "not an object with an array \"picks\""},
      {"one share twice",
       completion(R"({"picks":[{"ticker":"BRK.B","action":"BUY","reasoning":"a"},)"
                  R"({"ticker":"BRK-B","action":"SELL","reasoning":"b"},)"
                  R"({"ticker":"T","action":"SELL","reasoning":"c"}]})"),
       "pick 2: BRK-B is picked twice: it is the same share as BRK.B"},
      {"the benchmark",
       completion(R"({"picks":[{"ticker":"SPY","action":"BUY","reasoning":"a"},)"
                  R"({"ticker":"KO","action":"SELL","reasoning":"b"},)"
                  R"({"ticker":"T","action":"SELL","reasoning":"c"}]})"),
       "pick 1: SPY is the benchmark, which nothing is gained over by itself"},
      {"nothing", completion(nullptr), "the answer is empty"},
      {"parts without a text", completion(Json::array({{{"type", "thinking"}, {"text", "x"}}})),
       "the answer is empty"},
      {"wrapped and wrong", completion("```json\n{\"picks\":[]}\n```"), "expected exactly 3 picks, got 0"},
  };
}

TEST(OpenAi, AsksOnceMoreAndQuotesWhatWasWrong) {
  for (const BadAnswer& bad : bad_answers()) {
    SCOPED_TRACE(bad.name);
    Desk desk;
    const Picked picked = desk.replies({bad.body, completion(kGood)}).pick();
    EXPECT_EQ(picked.picks.size(), 3U);
    ASSERT_EQ(desk.http.count(), 2U);
    const Json first = desk.sent(0);
    Json second = desk.sent(1);
    ASSERT_EQ(second["messages"].size(), 4U);
    EXPECT_EQ(second["messages"][2]["role"], "assistant");
    EXPECT_FALSE(second["messages"][2]["content"].get<std::string>().empty());
    EXPECT_EQ(second["messages"][3]["role"], "user");
    EXPECT_NE(second["messages"][3]["content"].get<std::string>().find(bad.problem), std::string::npos)
        << second["messages"][3];
    second["messages"].erase(3);
    second["messages"].erase(2);
    EXPECT_EQ(first, second) << "model, schema and first question stay the same";
    const Json record = Json::parse(picked.record_json);
    ASSERT_EQ(record["answers"].size(), 2U);
    EXPECT_EQ(record["answers"][0]["problem"], bad.problem);
    EXPECT_FALSE(record["answers"][1].contains("problem"));
    EXPECT_EQ(record["messages"].size(), 4U);
    Desk once;
    EXPECT_EQ(once.replies({completion(kGood)}).pick().prompt_hash, picked.prompt_hash)
        << "the hash is of the first question";
  }
}

TEST(OpenAi, GivesUpAfterTheSecondBadAnswer) {
  for (const BadAnswer& bad : bad_answers()) {
    SCOPED_TRACE(bad.name);
    Desk desk;
    const Error error = desk.replies({completion("{}"), bad.body}).error();
    EXPECT_EQ(desk.http.count(), 2U);
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_EQ(error.message(),
              "openai 2026-01-26: no valid picks from model gpt-4o-mini in 2 answers: " + bad.problem);
    EXPECT_FALSE(error.hint().empty());
    EXPECT_NE(desk.said.str().find("answer refused"), std::string::npos) << "each bad answer is in the log";
  }
}

TEST(OpenAi, QuotesOnlyTheBeginningOfALongBadAnswer) {
  Desk desk;
  desk.replies({completion(std::string(200000, 'x')), completion(kGood)});
  const Picked picked = desk.pick();
  EXPECT_LT(desk.sent(1)["messages"][2]["content"].get<std::string>().size(), 4100U);
  EXPECT_LT(picked.record_json.size(), 80000U);
}

TEST(OpenAi, KeepsNoNulFromAnAnswer) {
  Desk desk;
  const Picked picked = desk.replies({completion(std::string("no\0 \x1b[31m", 9)), completion(kGood)}).pick();
  EXPECT_EQ(picked.record_json.find("\\u0000"), std::string::npos);
  EXPECT_EQ(desk.said.str().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace am::picks
