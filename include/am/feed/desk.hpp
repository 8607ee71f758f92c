#pragma once
// The feed desk as the shared commands see it.

#include <span>

#include "am/kernel/desk.hpp"

namespace am::feed {

const kernel::Desk& desk();
std::span<const kernel::ConfigKey> config_keys();
/// feed.partition_progress.
const kernel::QueueSpec& partitions_queue();

}  // namespace am::feed
