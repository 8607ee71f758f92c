// /openapi.json: OpenAPI 3.1, generated from the routes and the sections' schemas.

#include <array>
#include <set>

#include <nlohmann/json.hpp>

#include "am/base/error.hpp"
#include "am/kernel/version.hpp"
#include "am/web/router.hpp"
#include "params.hpp"

namespace am::web {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::string_view kDescription =
    "Reads only. HEAD works wherever GET does and OPTIONS answers what is allowed; neither is listed. Numbers are "
    "strings, as stored. An answer is at most a second old; while the database is away it may be a minute old and then "
    "has an Age. A kept answer has a strong ETag, and If-None-Match answers 304. Every answer has an X-Request-Id.";

struct Status {
  int code;
  std::string_view about;
};
/// What a client can see, by code. Those that the server answers for any path are in kEverywhere.
constexpr std::array<Status, 13> kStatuses = {
    {{200, "The answer"},
     {304, "Not modified: If-None-Match names the current ETag"},
     {400, "A parameter is wrong, or the request can't be read"},
     {404, "Not found"},
     {405, "Not GET, HEAD or OPTIONS"},
     {408, "The request took too long to arrive"},
     {413, "The request has a body"},
     {414, "The target is too long"},
     {429, "Too many connections from one address"},
     {431, "The headers are too large"},
     {500, "A bug, with nothing more about it than the log has"},
     {503, "The database does not answer or is not ready, or too much waits for it"},
     {505, "Not HTTP/1.1 or HTTP/1.0"}}};
constexpr std::array<int, 9> kEverywhere = {400, 405, 408, 413, 414, 429, 431, 500, 505};

Json reference(std::string_view schema) { return {{"$ref", "#/components/schemas/" + std::string(schema)}}; }

std::string media_type(std::string_view content_type) {
  return std::string(content_type.substr(0, content_type.find(';')));
}

Json content(std::string_view content_type, Json schema) {
  return Json{{media_type(content_type), Json{{"schema", std::move(schema)}}}};
}

/// The body of a 200.
Json answer(const Route& route) {
  if (route.schema.empty()) return content(route.content_type, Json{{"type", "string"}});
  return content(kJsonType, reference(route.schema));
}

/// The body of an error. A health check answers in its own form when it is the one that found out.
Json error_answer(const Route& route, int status) {
  if (route.is_page()) return content(kHtmlType, Json{{"type", "string"}});
  if (route.health && status == 503) {
    return content(kJsonType, Json{{"anyOf", Json::array({reference(route.schema), reference("Error")})}});
  }
  return content(kJsonType, reference("Error"));
}

std::set<int> statuses_of(const Route& route) {
  std::set<int> all(route.statuses.begin(), route.statuses.end());
  all.insert(kEverywhere.begin(), kEverywhere.end());
  all.insert(200);
  if (route.keep != Keep::never) all.insert(304);
  return all;
}

Json responses(const Route& route) {
  Json out = Json::object();
  const std::set<int> wanted = statuses_of(route);
  for (const Status& status : kStatuses) {
    if (!wanted.contains(status.code)) continue;
    Json response = {{"description", status.about}};
    if (status.code == 200) {
      Json headers = {{"X-Request-Id", {{"$ref", "#/components/headers/RequestId"}}}};
      if (route.keep != Keep::never) headers["ETag"] = {{"$ref", "#/components/headers/ETag"}};
      if (route.keep == Keep::fresh) headers["Age"] = {{"$ref", "#/components/headers/Age"}};
      response["headers"] = std::move(headers);
      response["content"] = answer(route);
    } else if (status.code != 304) {
      response["content"] = error_answer(route, status.code);
    }
    out[std::to_string(status.code)] = std::move(response);
  }
  return out;
}

Json parameters(const Route& route) {
  Json out = Json::array();
  for (const Param& param : route.params) {
    const bool in_path = route.path.find("{" + std::string(param.name) + "}") != std::string_view::npos;
    out.push_back({{"name", param.name},
                   {"in", in_path ? "path" : "query"},
                   {"required", in_path},
                   {"description", param.about},
                   {"schema", Json::parse(param_schema(param.kind))}});
  }
  return out;
}

Json operation(const Route& route) {
  Json out = {{"operationId", route.name},
              {"summary", route.summary},
              {"tags", Json::array({route.is_page() ? "pages" : "api"})}};
  if (!route.params.empty()) out["parameters"] = parameters(route);
  out["responses"] = responses(route);
  return out;
}

/// The names of the schemas that this refers to, and what those refer to.
void collect(const Json& value, const Json& schemas, std::set<std::string>& names) {
  constexpr std::string_view kSchemas = "#/components/schemas/";
  if (const auto ref = value.is_object() ? value.find("$ref") : value.end(); ref != value.end()) {
    const auto& target = ref->get_ref<const std::string&>();
    if (!target.starts_with(kSchemas)) return;
    const std::string name = target.substr(kSchemas.size());
    if (!schemas.contains(name)) throw Error(ErrorKind::bug, "no schema " + name);
    if (names.insert(name).second) collect(schemas.at(name), schemas, names);
  } else if (value.is_structured()) {
    for (const Json& inner : value) collect(inner, schemas, names);
  }
}

/// Those that the paths need, of all sections. Errors: bug: one name for two schemas, a reference into the void.
Json schemas_for(const Json& paths, const Router& router) {
  Json all = Json::object();
  for (const Section* section : router.sections()) {
    const Json own = Json::parse(section->schemas);
    for (const auto& [name, schema] : own.items()) {
      if (all.contains(name)) throw Error(ErrorKind::bug, "two schemas " + name);
      all[name] = schema;
    }
  }
  std::set<std::string> names;
  collect(paths, all, names);
  Json used = Json::object();
  for (const auto& [name, schema] : all.items()) {
    if (names.contains(name)) used[name] = schema;
  }
  return used;
}

Json describe(const Router& router, const std::string& base_path) {
  Json paths = Json::object();
  for (const Route& route : router.routes()) paths[std::string(route.path)] = Json{{"get", operation(route)}};
  const Json headers = {
      {"RequestId",
       {{"description", "The client's, if it is 1 to 64 of A-Z a-z 0-9 . _ -, else a new one."},
        {"schema", {{"type", "string"}}}}},
      {"ETag", {{"description", "Strong, of this representation."}, {"schema", {{"type", "string"}}}}},
      {"Age",
       {{"description", "Seconds since it was read; only while the database is away."},
        {"schema", {{"type", "integer"}, {"minimum", 0}}}}}};
  Json schemas = schemas_for(paths, router);
  return Json{
      {"openapi", "3.1.0"},
      {"info", {{"title", "am, read-only"}, {"version", kernel::version()}, {"description", kDescription}}},
      {"servers", Json::array({Json{{"url", base_path.empty() ? "/" : base_path}}})},
      {"paths", std::move(paths)},
      {"components", {{"headers", headers}, {"schemas", std::move(schemas)}}}};
}

}  // namespace

std::string openapi_json(const Router& router, const std::string& base_path) {
  return describe(router, base_path).dump() + "\n";
}

}  // namespace am::web
