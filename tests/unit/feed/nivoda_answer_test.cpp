#include "feed/nivoda_answer.hpp"

#include <gtest/gtest.h>

#include "am/base/hash.hpp"

namespace am::feed {
namespace {

using Kind = Problem::Kind;

std::string page_of(const std::string& items) {
  return R"({"data":{"as":{"diamonds_by_query":{"items":[)" + items + R"(],"total_count":1}}}})";
}

constexpr const char* kItem = R"({"id":"DIAMOND/1","price":100,"diamond":{"id":"s-1"}})";

TEST(NivodaAnswer, AnOfferIsKeptAsItCame) {
  const std::string odd =
      "{ \"price\" : 1.50,\n \"note\":\"\\u0000 \\ud800 \xC3\xA9\", \"diamond\":{\"x\":[1, 2],\"id\":\"s-2\"},\"id\" : \"o-2\" }";
  const auto page = parse_page(page_of(std::string(kItem) + " ,\n " + odd + " "));
  ASSERT_TRUE(page) << page.error().text;
  ASSERT_EQ(page->offers.size(), 2U);
  EXPECT_EQ(page->offers[0].payload_json, kItem);
  EXPECT_EQ(page->offers[1].payload_json, odd);
  EXPECT_EQ(page->offers[1].offer_id, "o-2");
  EXPECT_EQ(page->offers[1].supplier_stone_id, "s-2");
  EXPECT_EQ(
      page->offers[1].payload_hash,
      sha256_hex(
          "{\"diamond\":{\"id\":\"s-2\",\"x\":[1,2]},\"id\":\"o-2\",\"note\":\"\\u0000 \\ud800 \xC3\xA9\",\"price\":1.50}"));
  EXPECT_EQ(page->replaced_characters, 0);
  EXPECT_EQ(page->offers[1].source_updated_at, std::nullopt);
}

TEST(NivodaAnswer, AnotherOrderOfKeysIsTheSameHash) {
  const auto page =
      parse_page(page_of(R"({"id":"a","diamond":{"id":"s"}},{ "diamond": {"id":"s"}, "id":"a"})"));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->offers[0].payload_hash, page->offers[1].payload_hash);
}

TEST(NivodaAnswer, WithoutTheWrapperTheSame) {
  const auto page = parse_page(R"({"data":{"diamonds_by_query":{"items":[)" + std::string(kItem) + "]}}}");
  ASSERT_TRUE(page) << page.error().text;
  EXPECT_EQ(page->offers.size(), 1U);
  EXPECT_EQ(*parse_count(R"({"data":{"diamonds_by_query_count":7}})"), 7);
  EXPECT_EQ(*parse_count(R"({"data":{"as":{"diamonds_by_query_count":8}}})"), 8);
}

TEST(NivodaAnswer, AnEmptyPageIsOne) {
  const auto page = parse_page(page_of(""));
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->offers.empty());
}

TEST(NivodaAnswer, BytesThatAreNoUtf8AreReplacedAndCounted) {
  const auto page = parse_page(page_of("{\"id\":\"a\xFF\",\"diamond\":{\"id\":\"s\"},\"n\":\"\xC0\x80\"}"));
  ASSERT_TRUE(page) << page.error().text;
  EXPECT_EQ(page->replaced_characters, 3);
  EXPECT_EQ(page->offers[0].offer_id, "a\xEF\xBF\xBD");
}

TEST(NivodaAnswer, TheMomentOfAChangeIsTakenWhereThereIsOne) {
  const auto page = parse_page(page_of(
      R"({"id":"a","diamond":{"id":"s","updated_at":"2026-11-26T10:00:00Z"}},{"id":"a","updated_at":"soon","diamond":{"id":"s"}})"));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->offers[0].source_updated_at, "2026-11-26T10:00:00Z");
  EXPECT_EQ(page->offers[1].source_updated_at, std::nullopt);
}

TEST(NivodaAnswer, AnErrorBesideDataFailsThePage) {
  const std::string items = R"("data":{"as":{"diamonds_by_query":{"items":[)" + std::string(kItem) + "]}}}";
  for (const std::string& body :
       {R"({"errors":[{"message":"Enum \"X\" cannot represent value: \"y\""}],)" + items + "}",
        "{" + items + R"(,"errors":[{"message":"Enum \"X\" cannot represent value: \"y\""}]})"}) {
    const auto page = parse_page(body);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().kind, Kind::failed);
    EXPECT_EQ(page.error().text, "Enum \"X\" cannot represent value: \"y\"");
  }
  EXPECT_TRUE(parse_page("{\"errors\":[]," + items + "}"));
  EXPECT_TRUE(parse_page("{\"errors\":null," + items + "}"));
}

TEST(NivodaAnswer, SaysWhatKindOfErrorItIs) {
  const std::pair<const char*, Kind> cases[] = {
      {"Cannot query field \"updated_at\" on type \"Diamond\".", Kind::unknown},
      {"Variable \"$query\" got invalid value { x: 1 }; Field \"x\" is not defined by type \"DiamondQuery\".",
       Kind::unknown},
      {"Unauthorized", Kind::refused},
      {"Invalid token", Kind::refused},
      {"Token expired", Kind::refused},
      {"Authentication required", Kind::refused},
      {"Too many requests", Kind::limited},
      {"Internal server error", Kind::failed}};
  for (const auto& [text, kind] : cases) {
    std::string escaped;
    for (const char c : std::string(text)) escaped += (c == '"' ? "\\\"" : std::string(1, c));
    const auto count = parse_count(R"({"data":null,"errors":[{"message":")" + escaped + "\"}]}");
    ASSERT_FALSE(count) << text;
    EXPECT_EQ(count.error().kind, kind) << text;
    EXPECT_EQ(count.error().text, text);
  }
  EXPECT_EQ(
      parse_count(R"({"errors":[{"message":"x"},{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]})")
          .error()
          .kind,
      Kind::refused);
  EXPECT_EQ(parse_count(R"({"errors":"Token expired"})").error().kind, Kind::refused);
  EXPECT_EQ(parse_count(R"({"errors":[7]})").error().text, "an error without words");
}

TEST(NivodaAnswer, WhatIsCutOffIsNoAnswer) {
  const std::string body = page_of(kItem);
  for (std::size_t length = 0; length < body.size(); ++length) {
    const auto page = parse_page(body.substr(0, length));
    ASSERT_FALSE(page) << length;
    EXPECT_EQ(page.error().kind, Kind::failed) << length;
  }
  EXPECT_FALSE(parse_page("<html><body>502</body></html>"));
  EXPECT_FALSE(parse_count(R"({"data":{"diamonds_by_query_count":null}})"));
  EXPECT_FALSE(parse_count(R"({"data":{"diamonds_by_query_count":-1}})"));
}

TEST(NivodaAnswer, AnItemWithoutAnIdFailsThePage) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"id":"a"})", "item 1 of its page has no diamond"},
      {R"({"id":"a","diamond":null})", "item 1 of its page has no diamond"},
      {R"({"id":"a","diamond":{"id":null}})", "item 1 of its page has a diamond without an id"},
      {R"({"diamond":{"id":"s"}})", "item 1 of its page has no id"},
      {R"({"id":"a","diamond":{"id":"\u0000"}})", "item 1 of its page has a diamond without an id"}};
  for (const auto& [item, text] : cases) {
    const auto page = parse_page(page_of(item));
    ASSERT_FALSE(page) << item;
    EXPECT_EQ(page.error().text, "an answer that is none: " + std::string(text));
  }
  EXPECT_EQ(parse_page(page_of(R"({"id":"a","diamond":{"id":"s"},"x":tru})")).error().kind, Kind::failed);
  EXPECT_EQ(parse_page(page_of(R"({"id":7,"diamond":{"id":8}})"))->offers[0].supplier_stone_id, "8");
}

TEST(NivodaAnswer, ALoginGivesATokenOrIsRefused) {
  const auto of = [](const std::string& session) {
    return parse_login(R"({"data":{"authenticate":{"username_and_password":)" + session + "}}}");
  };
  const auto granted = of(R"({"token":"abc","expires":21600})");
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->token, "abc");
  EXPECT_EQ(granted->expires, 21600.0);
  EXPECT_EQ(of(R"({"token":"abc","expires":null})")->expires, std::nullopt);
  EXPECT_EQ(of("null").error().kind, Kind::refused);
  EXPECT_EQ(parse_login(R"({"errors":[{"message":"Wrong password for x"}]})").error().kind, Kind::refused);
  EXPECT_EQ(parse_login(R"({"errors":[{"message":"Internal server error"}]})").error().kind, Kind::failed);
  EXPECT_EQ(parse_login("<html>").error().kind, Kind::failed);
}

}  // namespace
}  // namespace am::feed
