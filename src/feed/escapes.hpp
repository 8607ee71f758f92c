#pragma once
// JSON texts that are kept as they came can hold escapes that no text of a database can: \u0000, half a surrogate pair. Pure.

#include <string>
#include <string_view>

namespace am::feed {

/// The same JSON with \ufffd in their place.
std::string without_unstorable_escapes(std::string_view json);

}  // namespace am::feed
