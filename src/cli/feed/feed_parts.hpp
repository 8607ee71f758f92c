#pragma once
// What commands of the feed desk work with. Private.

#include <string>
#include <vector>

#include "am/cli/command.hpp"
#include "am/feed/consolidate.hpp"
#include "am/kernel/config.hpp"

namespace am::cli {

feed::ConsolidationOptions consolidation_options(const kernel::Config& config);

/// Of a command that reads or steers runs. path: without "feed".
CommandInfo run_command(std::string path, std::string summary, std::string details,
                        std::vector<std::string> examples);

}  // namespace am::cli
