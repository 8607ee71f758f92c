#pragma once
// The picks desk as the shared commands and pages see it.

#include "am/kernel/desk.hpp"

namespace am::picks {

const kernel::Desk& desk();

std::span<const kernel::ConfigKey> config_keys();

}  // namespace am::picks
