#pragma once
// The step of a weekly run that holds its picks, and how they stand in it: as parse_picks reads them. Private.

#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "am/picks/types.hpp"

namespace am::picks {

inline constexpr std::string_view kPicksStep = "generate_picks";

inline nlohmann::ordered_json picks_json(const std::vector<Pick>& picks) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Pick& pick : picks) {
    list.push_back(
        {{"ticker", pick.ticker}, {"action", action_name(pick.action)}, {"reasoning", pick.reasoning}});
  }
  return list;
}

}  // namespace am::picks
