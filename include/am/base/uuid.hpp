#pragma once
// UUIDs as text. Version 7 (RFC 9562): the first 48 bits are milliseconds, so ids sort by age.
// Pure: the moment and the random bits come from the caller (kernel/ids.hpp has the source).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "am/base/error.hpp"

namespace am {

/// Lower-case 8-4-4-4-12 text. Uses 74 of the 128 random bits.
std::string uuid_v7(Instant at, std::uint64_t random_hi, std::uint64_t random_lo);

/// Any RFC 9562 text form with hyphens, either case.
bool is_uuid(std::string_view text);

/// The lower-case form with hyphens of one that is written with them, with them in braces, or without them, in either
/// case; nullopt: none of these.
std::optional<std::string> canonical_uuid(std::string_view text);

}  // namespace am
