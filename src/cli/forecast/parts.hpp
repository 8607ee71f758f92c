#pragma once
// What several commands of the forecast desk share. Private.

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "am/cli/context.hpp"
#include "am/forecast/forecast.hpp"

namespace am::cli {

/// A file's text, or standard input's ("-"); 64 MiB at most.
/// Errors:  no_input: it can't be read; data: too large; as kernel::read_file.
std::string read_input(const std::string& path, Context& context);
/// How messages call it.
std::string input_name(const std::string& path);

/// Errors:  usage "needs --series".
const std::string& required_text(const std::optional<std::string>& value, const std::string& flag);
/// Both ends, in order. Errors: usage.
DateRange required_range(const std::optional<Date>& from, const std::optional<Date>& to);

/// Numbers are texts, so that no reader rounds them.
void add_bounds(nlohmann::ordered_json& json, const forecast::Bounds& bounds);
nlohmann::ordered_json number_json(const std::optional<double>& value);

}  // namespace am::cli
