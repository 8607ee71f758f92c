#pragma once
// How the desk writes JSON that may hold anyone's text: compact, bytes that are not UTF-8 replaced. Private.

#include <string>

#include <nlohmann/json.hpp>

namespace am::picks {

inline std::string dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace am::picks
