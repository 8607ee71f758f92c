#pragma once
// How long what is known of an account is believed. Private.

#include <chrono>
#include <optional>

#include "am/base/error.hpp"

namespace am::feed {

inline constexpr std::chrono::minutes kRefusalKept{5};

/// Until when a token is used that was given now: six hours or as long as it lives, whichever is shorter, less five minutes,
/// but half its life at least. expires: seconds to live, over 10⁹ a moment since 1970; nullopt: the supplier does not say.
Instant good_until(Instant now, std::optional<double> expires);

}  // namespace am::feed
