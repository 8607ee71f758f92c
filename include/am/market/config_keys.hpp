#pragma once
// The configuration keys of the price sources, and what one that is used needs.

#include <span>
#include <string>

#include "am/kernel/config.hpp"
#include "am/kernel/requirements.hpp"

namespace am::market {

std::span<const kernel::ConfigKey> config_keys();

/// The secret and the host of "alpha-vantage" or "stooq"; nothing for another source.
kernel::Requirements requirements(const kernel::Config& config, const std::string& source);

}  // namespace am::market
