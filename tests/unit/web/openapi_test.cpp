#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/json_schema.hpp"
#include "support/picks_router.hpp"

namespace am::web {
namespace {

using Json = nlohmann::json;

/// Calls visit(object) for every object within.
template <class Visit>
void each_object(const Json& value, Visit visit) {
  if (value.is_object()) visit(value);
  if (!value.is_structured()) return;
  for (const Json& inner : value) each_object(inner, visit);
}

TEST(OpenApi, ListsEveryRouteWithItsParametersAndStatuses) {
  const Json document = Json::parse(openapi_json(test::picks_router()));
  EXPECT_EQ(document.at("openapi"), "3.1.0");
  const Json& paths = document.at("paths");
  EXPECT_EQ(paths.size(), test::picks_router().routes().size());
  for (const Route& route : test::picks_router().routes()) {
    SCOPED_TRACE(route.path);
    const Json& get = paths.at(std::string(route.path)).at("get");
    EXPECT_EQ(paths.at(std::string(route.path)).size(), 1U);
    EXPECT_EQ(get.at("operationId"), route.name);
    EXPECT_EQ(get.value("parameters", Json::array()).size(), route.params.size());
    for (const int status : route.statuses) EXPECT_TRUE(get.at("responses").contains(std::to_string(status)));
    const Json& content = get.at("responses").at("200").at("content");
    const std::string type(route.content_type.substr(0, route.content_type.find(';')));
    EXPECT_EQ(content.size(), 1U);
    EXPECT_EQ(content.at(type).at("schema").contains("$ref"), !route.schema.empty());
    for (const auto& [status, response] : get.at("responses").items())
      EXPECT_EQ(response.contains("content"), status != "304") << status;
  }
}

TEST(OpenApi, DescribesParametersAsTheyAreChecked) {
  const Json document = Json::parse(openapi_json(test::picks_router()));
  const Json& batch = document.at("paths").at("/batches/{id}").at("get").at("parameters");
  EXPECT_EQ(batch.at(0).at("in"), "path");
  EXPECT_EQ(batch.at(0).at("required"), true);
  const Json& list = document.at("paths").at("/batches").at("get").at("parameters");
  EXPECT_EQ(list.at(0).at("schema"),
            Json::parse(R"({"type":"integer","minimum":1,"maximum":100,"default":20})"));
  EXPECT_EQ(list.at(1).at("in"), "query");
  EXPECT_EQ(list.at(1).at("required"), false);
  EXPECT_EQ(list.at(1).at("schema").at("pattern"), "^([0-9]{4}-[0-9]{2}-[0-9]{2}|infinity)$");
  const Json& page = document.at("paths").at("/pages/batches").at("get").at("parameters");
  EXPECT_EQ(page.at(0).at("schema").at("format"), "date");
}

TEST(OpenApi, HasNoReferenceIntoTheVoidAndNoUnusedSchema) {
  const Json document = Json::parse(openapi_json(test::picks_router()));
  std::set<std::string> used;
  each_object(document, [&](const Json& object) {
    if (!object.contains("$ref")) return;
    const auto target = object.at("$ref").get<std::string>();
    ASSERT_TRUE(target.starts_with("#/components/")) << target;
    EXPECT_TRUE(document.contains(Json::json_pointer(target.substr(1)))) << target;
    used.insert(target);
  });
  for (const Section* section : test::picks_router().sections()) {
    const Json own = Json::parse(section->schemas);
    for (const auto& [name, schema] : own.items())
      EXPECT_TRUE(used.contains("#/components/schemas/" + name)) << section->name << ": " << name;
  }
}

TEST(OpenApi, ClosesEveryObjectAndRequiresEveryField) {
  const Json schemas = Json::parse(openapi_json(test::picks_router())).at("components").at("schemas");
  for (const auto& [name, schema] : schemas.items()) {
    if (name == "OpenApi") continue;
    each_object(schema, [&, schema_name = name](const Json& object) {
      if (!object.contains("properties") || !object.at("properties").is_object()) return;
      EXPECT_EQ(object.at("additionalProperties"), false) << schema_name;
      std::set<std::string> required = object.at("required");
      if (schema_name == "Ready") required.insert("message");
      EXPECT_EQ(required.size(), object.at("properties").size()) << schema_name;
    });
  }
}

TEST(OpenApi, IsTheSameEveryTime) {
  EXPECT_EQ(openapi_json(test::picks_router()), openapi_json(test::picks_router()));
  EXPECT_TRUE(openapi_json(test::picks_router()).ends_with("}\n"));
}

TEST(ApiPage, NamesEveryPathAndEveryErrorCode) {
  std::ifstream file(AM_SOURCE_DIR "/docs/api.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const Route& route : test::picks_router().routes()) {
    const std::string path = "`" + std::string(route.path);
    EXPECT_TRUE(text.find(path + "`") != std::string::npos || text.find(path + "?") != std::string::npos)
        << path;
    for (const Param& param : route.params)
      EXPECT_NE(text.find(std::string(param.name)), std::string::npos) << param.name;
  }
  const Json error =
      Json::parse(openapi_json(test::picks_router())).at("components").at("schemas").at("Error");
  for (const Json& code : error.at("properties").at("error").at("properties").at("code").at("enum"))
    EXPECT_NE(text.find("`" + code.get<std::string>() + "`"), std::string::npos) << code;
}

class JsonSchemasTest : public ::testing::Test {
 protected:
  std::string first(std::string_view schema, std::string_view text) {
    const auto found = schemas_.problems_with(schema, text);
    return found.empty() ? "" : found.front();
  }
  test::JsonSchemas schemas_{R"({"components":{"schemas":{"Small":{"type":"integer","maximum":9}}}})"};
};

TEST_F(JsonSchemasTest, AcceptsWhatFits) {
  EXPECT_EQ(first(R"({"type":["string","null"],"pattern":"^a+$"})", "null"), "");
  EXPECT_EQ(first(R"({"type":["string","null"],"pattern":"^a+$"})", "\"aaa\""), "");
  EXPECT_EQ(first(R"({"$ref":"#/components/schemas/Small"})", "9"), "");
  EXPECT_EQ(first(R"({"oneOf":[{"const":1},{"type":"string"}]})", "1"), "");
  EXPECT_EQ(first(R"({"type":"object","properties":{"a":{}},"required":["a"],"additionalProperties":false})",
                  R"({"a":{"b":1}})"),
            "");
}

TEST_F(JsonSchemasTest, FindsWhatDoesNotFit) {
  EXPECT_EQ(first(R"({"type":"string"})", "1"), "/: expected \"string\", got 1");
  EXPECT_EQ(first(R"({"type":["string","null"]})", "true"), "/: expected [\"string\",\"null\"], got true");
  EXPECT_EQ(first(R"({"pattern":"^a+$"})", "\"ab\""), "/: \"ab\" does not match \"^a+$\"");
  EXPECT_EQ(first(R"({"format":"date"})", "\"2026-02-30\""), "/: \"2026-02-30\" is no \"date\"");
  EXPECT_EQ(first(R"({"format":"uuid"})", "\"x\""), "/: \"x\" is no \"uuid\"");
  EXPECT_EQ(first(R"({"enum":["a","b"]})", "\"c\""), "/: \"c\" is none of [\"a\",\"b\"]");
  EXPECT_EQ(first(R"({"const":true})", "false"), "/: expected true, got false");
  EXPECT_EQ(first(R"({"minimum":1})", "0"), "/: 0 is below 1");
  EXPECT_EQ(first(R"({"$ref":"#/components/schemas/Small"})", "10"), "/: 10 is above 9");
  EXPECT_EQ(first(R"({"items":{"type":"null"}})", "[null,1]"), "/1: expected \"null\", got 1");
  EXPECT_EQ(first(R"({"required":["a"]})", R"({"b":1})"), "/: lacks \"a\"");
  EXPECT_EQ(first(R"({"properties":{"a":{"type":"null"}}})", R"({"a":1})"), "/a: expected \"null\", got 1");
  EXPECT_EQ(first(R"({"properties":{"a":{}},"additionalProperties":false})", R"({"a":1,"b":1})"),
            "/: has \"b\" too");
  EXPECT_EQ(first(R"({"anyOf":[{"type":"null"},{"const":1}]})", "2"), "/: 0 of anyOf fit");
  EXPECT_EQ(first(R"({"oneOf":[{"type":"integer"},{"const":1}]})", "1"), "/: 2 of oneOf fit");
  EXPECT_EQ(first(R"({"uniqueItems":true})", "[1]"), "/: schema: unknown keyword uniqueItems");
  EXPECT_NE(first("{}", "{"), "");
  EXPECT_NE(first(R"({"$ref":"#/components/schemas/None"})", "1"), "");
}

}  // namespace
}  // namespace am::web
