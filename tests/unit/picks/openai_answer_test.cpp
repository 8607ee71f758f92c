// What a model's answer may be wrapped in without being paid for twice.

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "support/openai_desk.hpp"

namespace am::picks {
namespace {

using test::kGood;
using Desk = test::OpenAiDesk;

std::string fixture(const std::string& name) {
  std::ifstream file(AM_SOURCE_DIR "/tests/fixtures/vendors/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// "" when three picks are in it; else why not.
std::string refusal_of(const std::string& content) {
  OpenAiAnswer answer;
  answer.content = content;
  const auto picks = picks_in(answer, "SPY");
  return picks ? "" : picks.error().reason;
}

TEST(OpenAiAnswers, OfUsualServersCostOneQuestion) {
  for (const char* name :
       {"openai_200_content_parts.json", "openai_200_content_fenced.json", "openai_200_content_think.json"}) {
    Desk desk;
    const Picked picked = desk.replies({fixture(name)}).pick();
    EXPECT_EQ(desk.http.count(), 1U) << name;
    ASSERT_EQ(picked.picks.size(), 3U) << name;
    EXPECT_EQ(picked.picks[0].ticker, "KO");
  }
}

TEST(OpenAiAnswers, KeepTheirWrappingOnTheRecord) {
  Desk desk;
  const Picked picked = desk.replies({fixture("openai_200_content_think.json")}).pick();
  EXPECT_NE(picked.record_json.find("<think>"), std::string::npos) << "what was really answered";
}

TEST(OpenAiAnswers, AreReadWithoutTheirWrapping) {
  const std::string good = kGood;
  for (const std::string& content :
       {good, "\n" + good + "\n", "```json\n" + good + "\n```", "```\n" + good + "\n```\n",
        "Here they are:\n```json\n" + good + "\n```\nGood luck!",
        "<think>\nXOM {or} not\n</think>\n\n" + good, "<think>a</think>```json\n" + good + "\n```",
        "thoughts without a beginning</think>" + good, "Sure: " + good + " Good luck!"}) {
    EXPECT_EQ(refusal_of(content), "") << content;
  }
}

TEST(OpenAiAnswers, AreNotGuessedAt) {
  const std::string good = kGood;
  EXPECT_EQ(refusal_of("<think>" + good), "not JSON") << "a thought is no answer";
  EXPECT_EQ(refusal_of("<think>" + good + "</think>"), "not JSON");
  EXPECT_EQ(refusal_of(good + "\n" + good), "not JSON") << "which of the two?";
  EXPECT_EQ(refusal_of("XOM, JPM and MCD"), "not JSON");
  EXPECT_EQ(refusal_of("```json\n{\"picks\":[]}\n```"), "expected exactly 3 picks, got 0")
      << "the inner reason";
  EXPECT_EQ(refusal_of("}{"), "not JSON");
  EXPECT_EQ(refusal_of("```json"), "not JSON");
}

}  // namespace
}  // namespace am::picks
