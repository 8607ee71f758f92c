#pragma once
// Every configuration key of this program. Private.

#include "am/kernel/config.hpp"

namespace am::cli {

/// Of the program, the price sources, the server and every desk, enabled or not.
const kernel::ConfigTable& config_table();

}  // namespace am::cli
