#pragma once
// The forecast desk as the shared commands see it.

#include "am/kernel/desk.hpp"

namespace am::forecast {

const kernel::Desk& desk();
std::span<const kernel::ConfigKey> config_keys();

}  // namespace am::forecast
