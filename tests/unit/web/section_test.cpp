// A site is what its sections make of it: without desks, with one that is not picks, with two.

#include "am/web/section.hpp"

#include <array>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/web/picks_section.hpp"
#include "am/web/site.hpp"
#include "support/error_of.hpp"
#include "support/html.hpp"
#include "web/answers.hpp"
#include "web/page_layout.hpp"
#include "web/page_status.hpp"

namespace am::web {
namespace {

using Json = nlohmann::json;

Document boats_page(const Args& /*args*/, const Source& source) {
  PageFrame frame;
  frame.title = "Boats";
  frame.here = "/pages/boats";
  return page_document(frame, source.router);
}

std::vector<kernel::Statement> ask_boats(const Args& /*args*/) { return {}; }
Document make_boats(const Args& /*args*/, const std::vector<kernel::Rows>& /*results*/) { return {}; }

Section boats() {
  return {.name = "boats",
          .routes = {{.path = "/boats",
                      .name = "list_boats",
                      .summary = "Boats",
                      .params = {},
                      .schema = "BoatList",
                      .statuses = {503},
                      .ask = ask_boats,
                      .make = make_boats},
                     {.path = "/pages/boats",
                      .name = "page_boats",
                      .summary = "Page: boats",
                      .params = {},
                      .schema = {},
                      .statuses = {503},
                      .content_type = kHtmlType,
                      .render = boats_page}},
          .home = "/pages/boats",
          .navigation = {{"/pages/boats", "Boats"}},
          .schemas = R"({"BoatList":{"type":"array","items":{"$ref":"#/components/schemas/Id"}}})",
          .style = ".boat{color:navy}",
          .status_note = "Boats leave at noon & at 6"};
}

Router router_of(std::initializer_list<const Section*> sections) {
  return site_router(std::vector<const Section*>(sections));
}

std::string name_of(const Router& router, std::string_view target) {
  const auto found = router.match(target);
  return found ? std::string(found->route->name) : std::to_string(found.error().status);
}

std::string navigation_of(const Router& router) {
  const std::string page = page_document({}, router).body;
  const std::size_t begin = page.find("<nav");
  return page.substr(begin, page.find("</nav>") - begin);
}

bool within(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

const std::vector<std::string> kOfPicks = {
    "/latest",       "/batches",     "/pages/latest", "/pages/batches", "/pages/batches/2026-01-26",
    "/pages/report", "/batches.csv", "/batches.atom"};
const std::vector<std::string> kOfAll = {
    "/health",       "/livez",        "/readyz",    "/metrics",        "/events",    "/",
    "/openapi.json", "/pages/status", "/style.css", "/pages/glossary", "/pages/api", "/icon.svg"};

TEST(Sections, WithoutDesksThereAreTheServicesOwn) {
  const Router router = router_of({});
  for (const std::string& path : kOfPicks) EXPECT_EQ(name_of(router, path), "404") << path;
  for (const std::string& path : kOfAll) EXPECT_NE(name_of(router, path), "404") << path;
  EXPECT_EQ(router.home(), "/pages/status");
  EXPECT_EQ(navigation_of(router), "<nav aria-label=\"Main\"><ul><li><a href=\"/\">Status</a></li></ul>");
  const std::string text = openapi_json(router);
  for (const char* word : {"Batch\"", "Pick", "Checkpoint", "/batches", "Decimal"})
    EXPECT_FALSE(within(text, word)) << word;
  EXPECT_EQ(Json::parse(text).at("paths").size(), kOfAll.size());
  EXPECT_FALSE(within(router.style(), "pick0"));
  EXPECT_EQ(parse_base_path("/latest", router), "/latest") << "nobody has it";
}

TEST(Sections, WithoutDesksTheStatusPageSaysSo) {
  const Router router = router_of({});
  const std::string page = page_document(status_frame({}, router), router).body;
  EXPECT_EQ(test::html_problems(page), std::vector<std::string>());
  EXPECT_TRUE(within(page, "No desk is enabled here"));
  EXPECT_FALSE(within(page, "What is due"));
  EXPECT_FALSE(within(page, "Monday at"));
  EXPECT_TRUE(within(page, "<p>Overdue is what has been due"));
}

TEST(Sections, AnotherDeskHasItsOwnHomeNavigationAndDescription) {
  const Section other = boats();
  const Router router = router_of({&other});
  for (const std::string& path : kOfPicks) EXPECT_EQ(name_of(router, path), "404") << path;
  EXPECT_EQ(name_of(router, "/"), "page_home");
  EXPECT_EQ(name_of(router, "/pages/boats"), "page_boats");
  EXPECT_EQ(router.match("/")->route->render, &boats_page);
  EXPECT_EQ(navigation_of(router),
            "<nav aria-label=\"Main\"><ul><li><a href=\"/\">Boats</a></li>"
            "<li><a href=\"/pages/status\">Status</a></li></ul>");
  const Json schemas = Json::parse(openapi_json(router)).at("components").at("schemas");
  EXPECT_TRUE(schemas.contains("BoatList") && schemas.contains("Id") && !schemas.contains("Latest"));
  EXPECT_TRUE(router.style().ends_with(".boat{color:navy}"));
  EXPECT_TRUE(within(status_frame({}, router).notes_html, "Boats leave at noon &amp; at 6; overdue is"));
  EXPECT_TRUE(within(error_page_document(404, "no boat", router).body, ">Boats</a>"));
}

TEST(Sections, TheFirstOfSeveralIsAtTheRoot) {
  const Section other = boats();
  const Router picks_first = router_of({&picks_section(), &other});
  EXPECT_EQ(picks_first.home(), "/pages/latest");
  EXPECT_TRUE(within(navigation_of(picks_first), "href=\"/pages/boats\">Boats"));
  const Router boats_first = router_of({&other, &picks_section()});
  EXPECT_EQ(boats_first.home(), "/pages/boats");
  EXPECT_TRUE(within(navigation_of(boats_first), "href=\"/\">Boats"));
  EXPECT_TRUE(within(navigation_of(boats_first), "href=\"/pages/latest\">Latest"));
  for (const Router* router : {&picks_first, &boats_first}) {
    for (const std::string& path : kOfPicks) EXPECT_NE(name_of(*router, path), "404") << path;
    EXPECT_EQ(name_of(*router, "/boats"), "list_boats");
  }
}

TEST(Sections, TheHomeIsMarkedInTheNavigationUnderBothPaths) {
  const Section other = boats();
  const Router router = router_of({&other});
  PageFrame frame;
  frame.here = "/pages/boats";
  EXPECT_TRUE(within(page_document(frame, router).body, "<a href=\"/\" aria-current=\"page\">Boats</a>"));
}

TEST(Sections, WhatContradictsItselfIsABug) {
  Section other = boats();
  const auto kind_of = [&] { return test::error_of([&] { openapi_json(router_of({&other})); }).kind(); };
  other.routes[0].path = "/events";
  EXPECT_EQ(kind_of(), ErrorKind::bug) << "two routes of one path";
  other = boats();
  other.routes[0].name = "get_health";
  EXPECT_EQ(kind_of(), ErrorKind::bug) << "two of one name";
  other = boats();
  other.home = "/pages/ships";
  EXPECT_EQ(kind_of(), ErrorKind::bug) << "a home that is not there";
  other = boats();
  other.schemas = R"({"BoatList":{"$ref":"#/components/schemas/Boat"}})";
  EXPECT_EQ(kind_of(), ErrorKind::bug) << "a schema that is not there";
  other.schemas = R"({"Id":{"type":"string"}})";
  EXPECT_EQ(kind_of(), ErrorKind::bug) << "a schema that is there twice";
}

}  // namespace
}  // namespace am::web
