#include "nivoda_query.hpp"

#include <nlohmann/json.hpp>

#include "am/base/date.hpp"
#include "am/base/error.hpp"
#include "am/base/text.hpp"

namespace am::feed {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kCount = "diamonds_by_query_count(query: $query)";
constexpr std::string_view kPage =
    "diamonds_by_query(query: $query, offset: $offset, limit: $limit, order: {type: createdAt, direction: ASC}) { items { "
    "id price discount diamond { id availability NivodaStockId supplierStockId image video eyeClean brown green blue gray "
    "milky bowtie mine_of_origin delivery_time { min_business_days max_business_days } certificate { id lab certNumber "
    "pdfUrl shape carats clarity cut polish symmetry color length width depth depthPercentage table crownAngle crownHeight "
    "pavAngle pavHeight pavDepth floInt floCol verified labgrown labgrown_type treated girdle culetSize girdleCondition "
    "culet_condition cut_style keyToSymbols comments f_color f_intensity f_overtone } supplier { id name } } } }";

std::string text_of(std::string_view name, std::string_view variables, std::string_view field, bool wrapped) {
  std::string text = "query " + std::string(name) + "(";
  if (wrapped) text += "$token: String!, ";
  text.append(variables).append(") { ");
  if (wrapped) text += "as(token: $token) { ";
  text.append(field).append(wrapped ? " } }" : " }");
  return text;
}

/// The strings are anybody's: what is no UTF-8 there must not end the work as a bug.
std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Json query_of(const Filter& filter) {
  Json query = Json::parse(filter.query_json, nullptr, false);
  if (!query.is_object())
    throw Error(ErrorKind::config, "nivoda.query: not a JSON object: " + shown(filter.query_json),
                "write for instance {\"labgrown\": false}, or leave it out");
  for (const char* set : {"dollar_value", "updated"}) {
    if (query.contains(set))
      throw Error(ErrorKind::config, "nivoda.query: sets " + std::string(set) + ", which each partition sets",
                  "leave it out");
  }
  if (filter.price.to < filter.price.from)
    throw Error(ErrorKind::bug, "an inverted range of prices: " + std::to_string(filter.price.from) + " to " +
                                    std::to_string(filter.price.to));
  query["dollar_value"] = {{"from", filter.price.from}, {"to", filter.price.to}};
  if (filter.updated_from) query["updated"] = {{"from", format_rfc3339(*filter.updated_from)}};
  return query;
}

}  // namespace

std::string login_text() {
  return "query Login($username: String!, $password: String!) { authenticate { username_and_password(username: $username, "
         "password: $password) { token expires } } }";
}

std::string count_text(bool wrapped) { return text_of("Count", "$query: DiamondQuery", kCount, wrapped); }

std::string page_text(bool wrapped) {
  return text_of("Page", "$query: DiamondQuery, $offset: Int, $limit: Int", kPage, wrapped);
}

std::string login_variables(const std::string& username, const std::string& password) {
  return dumped({{"username", username}, {"password", password}});
}

std::string count_variables(const Filter& filter) { return dumped({{"query", query_of(filter)}}); }

std::string page_variables(const Filter& filter, long long offset, int limit) {
  return dumped({{"query", query_of(filter)}, {"offset", offset}, {"limit", limit}});
}

std::string request_body(const std::string& text, const std::string& variables, const std::string& token) {
  Json all = Json::parse(variables);
  if (!token.empty()) all["token"] = token;
  return dumped({{"query", text}, {"variables", std::move(all)}});
}

}  // namespace am::feed
