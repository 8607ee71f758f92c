#pragma once
// %40 in URLs. Private.

#include <optional>
#include <string>
#include <string_view>

namespace am::kernel {

/// What is no %XX stays as it is.
std::string percent_decoded(std::string_view text);
/// nullopt: a % without two digits after it.
std::optional<std::string> percent_decoded_strictly(std::string_view text);

}  // namespace am::kernel
