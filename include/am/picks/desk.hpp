#pragma once
// The picks desk as the shared commands and pages see it.

#include "am/kernel/desk.hpp"

namespace am::picks {

const kernel::Desk& desk();

}  // namespace am::picks
