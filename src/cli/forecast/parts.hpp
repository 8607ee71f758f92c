#pragma once
// What several commands of the forecast desk share. Private.

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "am/cli/context.hpp"
#include "am/forecast/forecast.hpp"
#include "cli/input.hpp"

namespace am::cli {

/// Both ends, in order. Errors: usage.
DateRange required_range(const std::optional<Date>& from, const std::optional<Date>& to);

/// Numbers are texts, so that no reader rounds them.
void add_bounds(nlohmann::ordered_json& json, const forecast::Bounds& bounds);
nlohmann::ordered_json number_json(const std::optional<double>& value);

}  // namespace am::cli
