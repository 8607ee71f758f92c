#include "feed/canonical_json.hpp"

#include <gtest/gtest.h>

namespace am::feed {
namespace {

std::string canonical(std::string_view text) {
  const auto result = canonical_json(text);
  return result ? *result : "refused: " + result.error().reason;
}

TEST(CanonicalJson, HasNoBlanksAndItsKeysInOrder) {
  EXPECT_EQ(canonical(" { \"b\" : [ 1 , 2 ] , \"a\" : { \"d\" : null, \"c\" : true } } \n"),
            R"({"a":{"c":true,"d":null},"b":[1,2]})");
  EXPECT_EQ(canonical("{}"), "{}");
  EXPECT_EQ(canonical("[ ]"), "[]");
  EXPECT_EQ(canonical(" -0.5e+3 "), "-0.5e+3");
}

TEST(CanonicalJson, KeepsTextsAsTheyAreWritten) {
  const std::string odd = R"({"a":"\u0000 \ud800 \"\\ \u00e9","b":"é"})";
  EXPECT_EQ(canonical(odd), odd);
}

TEST(CanonicalJson, KeepsAKeyThatIsThereTwiceInItsOrder) {
  EXPECT_EQ(canonical(R"({"b":0,"a":2,"a":1})"), R"({"a":2,"a":1,"b":0})");
}

TEST(CanonicalJson, RefusesWhatIsNotJson) {
  for (const std::string_view text :
       {"",       " ",       "{",           "[1,]",    "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01",
        "1.",     ".5",      "1e",          "+1",      "-",          "nul",       "truex", "\"",
        "\"\t\"", "\"\\x\"", "\"\\u12g4\"", "\"\\u12", "\"\\",       "1 2",       "[1}",   "NaN"})
    EXPECT_FALSE(canonical_json(text)) << text;
  EXPECT_FALSE(canonical_json(std::string_view("\"\0\"", 3)));
}

TEST(CanonicalJson, RefusesWhatIsNestedTooDeep) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(canonical_json(nested(200)));
  EXPECT_FALSE(canonical_json(nested(201)));
}

}  // namespace
}  // namespace am::feed
