#include "support/json_schema.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "am/base/date.hpp"
#include "am/base/uuid.hpp"

namespace am::test {

using Json = nlohmann::json;
using Problems = std::vector<std::string>;

namespace {

const std::set<std::string, std::less<>> kAnnotations = {"description", "title", "default", "examples"};

bool is_of_type(const Json& value, const std::string& type) {
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.is_boolean();
  if (type == "string") return value.is_string();
  if (type == "number") return value.is_number();
  if (type == "integer") return value.is_number_integer();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  throw std::runtime_error("schema: unknown type " + type);
}

bool has_format(const std::string& value, const std::string& format) {
  if (format == "date") return Date::parse(value).has_value();
  if (format == "date-time") return parse_rfc3339(value).has_value();
  if (format == "uuid") return is_uuid(value);
  throw std::runtime_error("schema: unknown format " + format);
}

}  // namespace

struct JsonSchemas::Impl {
  Json document;
  std::map<std::string, std::regex> patterns;

  const std::regex& pattern(const std::string& text) {
    const auto found = patterns.find(text);
    return found != patterns.end() ? found->second : patterns.emplace(text, std::regex(text)).first->second;
  }

  bool fits(const Json& schema, const Json& value) {
    Problems found;
    check(schema, value, "", found);
    return found.empty();
  }

  void check(const Json& schema, const Json& value, const std::string& at, Problems& found) {
    for (const auto& [keyword, rule] : schema.items()) {
      const std::string problem = apply(schema, keyword, rule, value, at, found);
      if (!problem.empty()) found.push_back((at.empty() ? "/" : at) + ": " + problem);
    }
  }

  /// One keyword. Returns what is wrong with the value itself; what is wrong within it goes to `found`.
  std::string apply(const Json& schema, const std::string& keyword, const Json& rule, const Json& value,
                    const std::string& at, Problems& found) {
    if (kAnnotations.contains(keyword)) return {};
    if (keyword == "$ref") {
      check(document.at(Json::json_pointer(rule.get<std::string>().substr(1))), value, at, found);
    } else if (keyword == "type") {
      const Json types = rule.is_array() ? rule : Json::array({rule});
      if (std::ranges::none_of(types, [&](const Json& type) { return is_of_type(value, type); }))
        return "expected " + rule.dump() + ", got " + value.dump();
    } else if (keyword == "const") {
      if (value != rule) return "expected " + rule.dump() + ", got " + value.dump();
    } else if (keyword == "enum") {
      if (std::ranges::find(rule, value) == rule.end()) return value.dump() + " is none of " + rule.dump();
    } else if (keyword == "anyOf" || keyword == "oneOf") {
      const auto n = std::ranges::count_if(rule, [&](const Json& option) { return fits(option, value); });
      if (n == 0 || (n > 1 && keyword == "oneOf")) return std::to_string(n) + " of " + keyword + " fit";
    } else if (keyword == "items") {
      for (std::size_t i = 0; value.is_array() && i < value.size(); ++i)
        check(rule, value[i], at + "/" + std::to_string(i), found);
    } else {
      return value.is_object() ? apply_to_object(schema, keyword, rule, value, at, found)
                               : apply_to_scalar(keyword, rule, value);
    }
    return {};
  }

  std::string apply_to_object(const Json& schema, const std::string& keyword, const Json& rule,
                              const Json& value, const std::string& at, Problems& found) {
    if (keyword == "required") {
      for (const Json& name : rule) {
        if (!value.contains(name.get<std::string>())) return "lacks " + name.dump();
      }
      return {};
    }
    if (keyword == "properties") {
      for (const auto& [name, member] : rule.items()) {
        if (value.contains(name)) check(member, value.at(name), at + "/" + name, found);
      }
      return {};
    }
    if (keyword == "additionalProperties") {
      if (rule != Json(false)) return "schema: additionalProperties can only be false here";
      for (const auto& [name, member] : value.items()) {
        if (!schema.contains("properties") || !schema.at("properties").contains(name))
          return "has \"" + name + "\" too";
      }
      return {};
    }
    return apply_to_scalar(keyword, rule, value);
  }

  std::string apply_to_scalar(const std::string& keyword, const Json& rule, const Json& value) {
    if (keyword == "required" || keyword == "properties" || keyword == "additionalProperties") return {};
    if (keyword == "pattern") {
      if (value.is_string() && !std::regex_search(value.get<std::string>(), pattern(rule)))
        return value.dump() + " does not match " + rule.dump();
    } else if (keyword == "format") {
      if (value.is_string() && !has_format(value, rule)) return value.dump() + " is no " + rule.dump();
    } else if (keyword == "minimum") {
      if (value.is_number() && value < rule) return value.dump() + " is below " + rule.dump();
    } else if (keyword == "maximum") {
      if (value.is_number() && value > rule) return value.dump() + " is above " + rule.dump();
    } else {
      return "schema: unknown keyword " + keyword;
    }
    return {};
  }

  Problems run(const Json& schema, std::string_view text) {
    Problems found;
    try {
      check(schema, Json::parse(text), "", found);
    } catch (const std::exception& error) {  // not JSON, or a schema that can't be applied
      found.emplace_back(error.what());
    }
    return found;
  }
};

JsonSchemas::JsonSchemas(std::string_view openapi)
    : impl_(std::make_unique<Impl>(Impl{Json::parse(openapi), {}})) {}
JsonSchemas::~JsonSchemas() = default;

Problems JsonSchemas::problems(const std::string& name, std::string_view text) {
  return impl_->run(Json{{"$ref", "#/components/schemas/" + name}}, text);
}

Problems JsonSchemas::problems_with(std::string_view schema, std::string_view text) {
  return impl_->run(Json::parse(schema), text);
}

}  // namespace am::test
