#pragma once
// The strategy desk as the shared commands see it.

#include <span>
#include <string_view>

#include "am/kernel/desk.hpp"

namespace am::strategy {

inline constexpr std::string_view kRunJob = "strategy_run_v1";
inline constexpr std::string_view kIngestJob = "strategy_ingest_v1";

const kernel::Desk& desk();
std::span<const kernel::ConfigKey> config_keys();

}  // namespace am::strategy
