#include "feed/nivoda_query.hpp"

#include <gtest/gtest.h>

#include "am/base/date.hpp"
#include "support/error_of.hpp"

namespace am::feed {
namespace {

using test::error_of;

TEST(NivodaQuery, NarrowsTheFeedsFilterByPriceAndMoment) {
  const Filter filter{R"({"labgrown": true})", {1000, 2000}, parse_rfc3339("2026-11-26T10:00:00Z")};
  EXPECT_EQ(
      page_variables(filter, 29, 30),
      R"({"query":{"labgrown":true,"dollar_value":{"from":1000,"to":2000},"updated":{"from":"2026-11-26T10:00:00Z"}},"offset":29,"limit":30})");
  EXPECT_EQ(count_variables({}), R"({"query":{"dollar_value":{"from":0,"to":250000}}})");
}

TEST(NivodaQuery, RefusesAFilterThatSetsWhatAPartitionSets) {
  for (const char* query : {R"({"dollar_value":{"from":1}})", R"({"updated":{}})", "[]", "{", ""}) {
    const Error error = error_of([&] { count_variables({query}); });
    EXPECT_EQ(error.kind(), ErrorKind::config) << query;
    EXPECT_TRUE(error.message().starts_with("nivoda.query: ")) << error.message();
  }
}

TEST(NivodaQuery, NeverAsksForAnInvertedRange) {
  EXPECT_EQ(error_of([] { count_variables({"{}", {2, 1}}); }).kind(), ErrorKind::bug);
  EXPECT_NO_THROW(count_variables({"{}", {1, 1}}));
}

TEST(NivodaQuery, TheTokenIsAVariableAroundWhatIsAsked) {
  EXPECT_EQ(
      count_text(true),
      "query Count($token: String!, $query: DiamondQuery) { as(token: $token) { diamonds_by_query_count(query: $query) } }");
  EXPECT_EQ(count_text(false),
            "query Count($query: DiamondQuery) { diamonds_by_query_count(query: $query) }");
  EXPECT_NE(page_text(true).find("order: {type: createdAt, direction: ASC}"), std::string::npos);
  EXPECT_EQ(request_body("query", R"({"query":{}})", "t\"}"),
            R"({"query":"query","variables":{"query":{},"token":"t\"}"}})");
  EXPECT_EQ(request_body("query", "{}", ""), R"({"query":"query","variables":{}})");
}

}  // namespace
}  // namespace am::feed
