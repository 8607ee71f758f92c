#include <map>
#include <set>

#include <gtest/gtest.h>

#include "am/base/text.hpp"
#include "support/picks_router.hpp"
#include "web/answers.hpp"
#include "web/json_write.hpp"

namespace am::web {
namespace {

using namespace std::string_literals;

const std::string kId = "019bf2a0-0000-7000-8000-00000000000a";

/// "get_batch id=…", or "400 message".
std::string said(std::string_view target) {
  const auto result = test::picks_router().match(target);
  if (!result && result.error().status == 308) return "308 " + result.error().location;
  if (!result) return std::to_string(result.error().status) + " " + result.error().message;
  std::string out(result->route->name);
  for (const auto& [name, value] : result->args) out += " " + name + "=" + value;
  return out;
}

const std::string kNoPath = "404 no such path, /openapi.json lists them";

TEST(Match, FindsEveryRouteByItsPath) {
  std::set<std::string_view> names;
  for (const Route& route : test::picks_router().routes()) {
    std::string path(route.path);
    if (const auto open = path.find('{'); open != std::string::npos)
      path.replace(open, std::string::npos, route.params.at(0).kind == ParamKind::date ? "2026-01-26" : kId);
    const auto found = test::picks_router().match(path);
    ASSERT_TRUE(found) << path;
    EXPECT_EQ(found->route, &route) << path;
    EXPECT_NE(route.render == nullptr, route.ask == nullptr) << path;
    EXPECT_EQ(route.ask == nullptr, route.make == nullptr) << path;
    EXPECT_TRUE(names.insert(route.name).second) << route.name << " twice";
  }
}

TEST(Match, TakesTheWholePathAndNothingElse) {
  for (const char* target : {"", "*", "//", "/latest/", "//latest", "/Latest", "/latestt", "/lates", "latest",
                             "/batches/", "/latest%2f", "/lat%zzest", "/%", "http://x/latest",
                             "/batches%2F019bf2a0-0000-7000-8000-00000000000a"}) {
    EXPECT_EQ(said(target), kNoPath) << target;
  }
  EXPECT_EQ(said("/batches/" + kId + "/"), kNoPath);
  EXPECT_EQ(said("/batches/" + kId + "/x"), kNoPath);
  EXPECT_EQ(said("/%6catest"), "get_latest") << "decoded once";
  EXPECT_EQ(said("/?"), "page_home");
  EXPECT_EQ(said("/pages/latest"), "page_latest");
}

TEST(Match, FindsThePageThatSomebodyMeant) {
  for (const char* target : {"/pages", "/pages/", "/pages//"}) EXPECT_EQ(said(target), "308 /") << target;
  EXPECT_EQ(said("/pages/batches/"), "308 /pages/batches");
  EXPECT_EQ(said("/pages/batches/2026-01-26/?x=1"), "308 /pages/batches/2026-01-26?x=1");
  EXPECT_EQ(said("/pages/batches//?to=2026-01-26"), "308 /pages/batches?to=2026-01-26");
  EXPECT_EQ(said("/report"), "308 /pages/report");
  EXPECT_EQ(said("/glossary/"), "308 /pages/glossary");
  EXPECT_EQ(said("/favicon.ico"), "308 /icon.svg");
  // Programs are told, and nobody is sent elsewhere.
  for (const char* target : {"/latest/", "/batches/", "/status/x", "//pages/status/", "//elsewhere.example/",
                             "/pages/x", "/pages/x/", "/pages%2f", "/pages/latest/x/", "pages/", "/health/"})
    EXPECT_EQ(said(target), kNoPath) << target;
}

TEST(Match, PutsParametersIntoOneForm) {
  EXPECT_EQ(said("/batches"), "list_batches limit=20");
  EXPECT_EQ(said("/batches?limit=&cursor="), "list_batches limit=20") << "empty is absent";
  EXPECT_EQ(said("/batches?limit=5&limit=abc"), "list_batches limit=5") << "the first counts";
  EXPECT_EQ(said("/batches?limit=&limit=7"), "list_batches limit=20") << "also when it is empty";
  EXPECT_EQ(said("/batches?x=%zz&&=&limit=100&y"), "list_batches limit=100") << "others are ignored";
  EXPECT_EQ(said("/batches?%6cimit=%31&cursor=2026%2d01-26"), "list_batches cursor=2026-01-26 limit=1");
  EXPECT_EQ(said("/batches/019BF2A0-0000-7000-8000-00000000000A"), "get_batch id=" + kId);
  for (const char* id :
       {"019bf2a000007000800000000000000a", "019BF2A000007000800000000000000A",
        "{019bf2a0-0000-7000-8000-00000000000a}", "%7B019BF2A0-0000-7000-8000-00000000000A%7D"}) {
    EXPECT_EQ(said("/batches/"s + id), "get_batch id=" + kId);
    EXPECT_EQ(said("/events?batch_id="s + id), "list_events batch_id=" + kId + " limit=20");
  }
  EXPECT_EQ(said("/batches/" + kId + "?id=x"), "get_batch id=" + kId) << "the path's, not the query's";
  EXPECT_EQ(said("/events?cursor=9223372036854775807&batch_id=" + kId),
            "list_events batch_id=" + kId + " cursor=9223372036854775807 limit=20");
  EXPECT_EQ(said("/pages/batches/2026-01-26"), "page_batch run_date=2026-01-26");
  EXPECT_EQ(said("/latest?limit=abc"), "get_latest") << "not a parameter of this path";
}

TEST(Match, RefusesWrongValuesByName) {
  EXPECT_EQ(said("/batches?limit=abc"), "400 limit: expected 1 to 100, got abc");
  for (const char* value : {"0", "101", "-1", "012", "5.0", "99999999999999999999", "%205"})
    EXPECT_TRUE(said("/batches?limit="s + value).starts_with("400 limit: expected 1 to 100, got")) << value;
  EXPECT_EQ(said("/batches?limit=+5"), "400 limit: expected 1 to 100, got  5") << "a plus is a space";
  EXPECT_EQ(said("/batches?cursor=infinity"), "list_batches cursor=infinity limit=20");
  EXPECT_EQ(said("/pages/batches/infinity"), "400 run_date: expected a date (YYYY-MM-DD), got infinity");
  EXPECT_EQ(said("/batches?cursor=2026-02-30"), "400 cursor: expected a date (YYYY-MM-DD), got 2026-02-30");
  EXPECT_EQ(said("/batches/abc"), "400 id: expected a uuid, got abc");
  EXPECT_EQ(said("/batches/urn:uuid:" + kId), "400 id: expected a uuid, got urn:uuid:" + kId);
  EXPECT_EQ(said("/batches/" + kId + "%00"), "400 id: not text in UTF-8");
  EXPECT_EQ(said("/events?cursor=0"), "400 cursor: expected a positive integer, got 0");
  EXPECT_EQ(said("/events?batch_id=%ff"), "400 batch_id: not text in UTF-8");
  EXPECT_EQ(said("/events?cursor=9223372036854775808"),
            "400 cursor: expected a positive integer, got 9223372036854775808");
  for (const char* value : {"%", "%1", "1%", "%g1", "%1g", "1%%"})
    EXPECT_EQ(said("/batches?limit="s + value), "400 limit: a percent sign without two hexadecimal digits");
  const auto wrong = test::picks_router().match("/pages/batches?cursor=x");
  ASSERT_FALSE(wrong);
  EXPECT_TRUE(wrong.error().route != nullptr && wrong.error().route->is_page()) << "its error is a page";
}

TEST(Match, RepeatsLittleOfAWrongValue) {
  const std::string message = said("/batches?limit=" + std::string(2000, '9'));
  EXPECT_LE(message.size(), 110U);
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "%C3%BC";
  EXPECT_TRUE(is_valid_utf8(said("/batches?limit=" + umlauts))) << "cut between characters";
}

TEST(JsonText, WritesWhatTheEarlierServiceWrote) {
  EXPECT_EQ(json_text(""), "\"\"");
  EXPECT_EQ(json_text("plain 'text' /?"), "\"plain 'text' /?\"");
  EXPECT_EQ(json_text("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(json_text("<script>&</script>"), R"("\u003cscript\u003e\u0026\u003c/script\u003e")");
  EXPECT_EQ(json_text("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json_text("\0\x01\x0b\x1f\x7f"s), "\"\\u0000\\u0001\\u000b\\u001f\x7f\"");
  EXPECT_EQ(json_text("a\u2028b\u2029c\u2027\u202a"), "\"a\\u2028b\\u2029c\u2027\u202a\"");
  EXPECT_EQ(json_text("é € 😀 \ufffd"), "\"é € 😀 \ufffd\"");
  EXPECT_EQ(json_text("a\u0080b\u009fc\u00a0\u007f"), "\"a\\u0080b\\u009fc\u00a0\u007f\"")
      << "a terminal would obey them";
  EXPECT_EQ(json_text("a\xff"), "\"a\ufffd\"") << "never invalid";
}

TEST(ErrorDocument, IsTheEnvelopeWithTheCodeOfTheStatus) {
  const Document document = error_document(400, "limit: expected 1 to 100, got <b>");
  EXPECT_EQ(document.status, 400);
  EXPECT_EQ(document.content_type, "application/json; charset=utf-8");
  EXPECT_EQ(document.body,
            "{\"error\":{\"code\":\"invalid_argument\",\"message\":"
            "\"limit: expected 1 to 100, got \\u003cb\\u003e\"}}\n");
  const std::map<int, std::string> codes = {{404, "not_found"},         {405, "method_not_allowed"},
                                            {408, "timeout"},           {413, "payload_too_large"},
                                            {414, "uri_too_long"},      {429, "too_many_requests"},
                                            {431, "headers_too_large"}, {500, "internal"},
                                            {503, "unavailable"},       {505, "http_version_not_supported"}};
  for (const auto& [status, code] : codes) {
    EXPECT_EQ(error_document(status, "m").body,
              "{\"error\":{\"code\":\"" + code + "\",\"message\":\"m\"}}\n");
  }
}

}  // namespace
}  // namespace am::web
