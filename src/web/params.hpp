#pragma once
// What a parameter's value can be, by its kind. Private.

#include <optional>
#include <string>
#include <string_view>

#include "am/web/route.hpp"

namespace am::web {

/// "1 to 100": for the message of a wrong one.
std::string_view expectation(ParamKind kind);
/// The value in its one form; nullopt: not of that kind.
std::optional<std::string> canonical(ParamKind kind, std::string value);
/// The schema of a parameter as JSON text.
std::string param_schema(ParamKind kind);

}  // namespace am::web
