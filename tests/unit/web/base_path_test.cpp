#include "web/base_path.hpp"

#include <gtest/gtest.h>

#include "am/web/site.hpp"
#include "support/error_of.hpp"
#include "support/html.hpp"
#include "support/picks_router.hpp"
#include "web/answers.hpp"

namespace am::web {
namespace {

std::string without(const std::string& target, const std::string& base = "/am") {
  std::string storage;
  return std::string(without_base(target, base, storage));
}

TEST(BasePath, IsAPathOfSegments) {
  EXPECT_EQ(parse_base_path("", test::picks_router()), "");
  EXPECT_EQ(parse_base_path("/", test::picks_router()), "");
  EXPECT_EQ(parse_base_path("/am", test::picks_router()), "/am");
  EXPECT_EQ(parse_base_path("/am/", test::picks_router()), "/am");
  EXPECT_EQ(parse_base_path("/desk/Alpha-Monday_1.0~x", test::picks_router()), "/desk/Alpha-Monday_1.0~x");
  for (const char* wrong : {"am", "am/", "//am", "/a//b", "/a b", "/a?b", "/a#b", "/a%20b", "/.", "/a/..",
                            "/\"><b>", "/\xc3\xa9", "https://desk.example/am", "/a\r\nX: y"}) {
    const Error error = test::error_of([&] { parse_base_path(wrong, test::picks_router()); });
    EXPECT_EQ(error.kind(), ErrorKind::config) << wrong;
    EXPECT_TRUE(error.message().starts_with("server.base_path: not a path: ")) << error.message();
  }
  for (const char* taken : {"/pages", "/batches/x", "/latest", "/style.css", "/readyz/am"}) {
    const Error error = test::error_of([&] { parse_base_path(taken, test::picks_router()); });
    EXPECT_TRUE(error.message().starts_with("server.base_path: a path of the server's own begins so: "))
        << error.message();
  }
}

TEST(BasePath, IsTakenAwayWhereItIs) {
  EXPECT_EQ(without("/am/latest"), "/latest");
  EXPECT_EQ(without("/am/"), "/");
  EXPECT_EQ(without("/am"), "/");
  EXPECT_EQ(without("/am?x=/am/"), "/?x=/am/");
  EXPECT_EQ(without("/am/am/latest"), "/am/latest") << "once";
  for (const char* as_it_is : {"/latest", "/", "/amber", "/AM/latest", "/x/am/latest", "*", ""})
    EXPECT_EQ(without(as_it_is), as_it_is);
  EXPECT_EQ(without("/am/latest", ""), "/am/latest");
  for (const Route& route : test::picks_router().routes())
    EXPECT_EQ(without(std::string(route.path)), route.path) << "probes come without";
}

TEST(BasePath, EveryLinkOfAPageLeadsBelowIt) {
  Document page = error_page_document(404, "no batch of \"href=\"/x", test::picks_router());
  const std::string before = page.body;
  put_base_before_links(page.body, "");
  EXPECT_EQ(page.body, before);
  put_base_before_links(page.body, "/desk/am");
  EXPECT_EQ(test::html_problems(page.body), std::vector<std::string>());
  EXPECT_NE(page.body.find("No batch of &quot;href=&quot;/x."), std::string::npos)
      << "text is no link: " << page.body;
  std::size_t links = 0;
  for (std::size_t at = page.body.find("href=\""); at != page.body.npos;
       at = page.body.find("href=\"", at + 1)) {
    const std::string_view link = std::string_view(page.body).substr(at + 6);
    links += link.starts_with("/desk/am/") && !link.starts_with("/desk/am/desk") ? 1 : 0;
    EXPECT_TRUE(link.starts_with("/desk/am/") || link.starts_with("#")) << link.substr(0, 40);
  }
  EXPECT_EQ(links, 15U)
      << "icon, style sheet, feed; name, navigation, the same after the error; three at the foot";
  std::string form = "<form action=\"/x\" method=\"get\"><input value=\"/x\"></form>";
  put_base_before_links(form, "/am");
  EXPECT_EQ(form, "<form action=\"/am/x\" method=\"get\"><input value=\"/x\"></form>");
}

TEST(BasePath, TheDescriptionNamesIt) {
  EXPECT_NE(openapi_json(test::picks_router()).find(R"("servers":[{"url":"/"}])"), std::string::npos);
  EXPECT_NE(openapi_json(test::picks_router(), "/am").find(R"("servers":[{"url":"/am"}])"),
            std::string::npos);
}

}  // namespace
}  // namespace am::web
