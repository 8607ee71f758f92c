#pragma once
// Where the broker's library is looked for. Private.

#include <filesystem>
#include <span>

#include "am/kernel/broker.hpp"

namespace am::kernel {

/// Loads the first that is there. Never unloaded: TLS libraries leave handlers behind that run at exit.
/// Errors:  config: none is there, it can't be loaded, or it is another version's.
AmqpBroker* load_amqp_library(std::span<const std::filesystem::path> places);

}  // namespace am::kernel
