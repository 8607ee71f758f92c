#pragma once
// What `am strategy replay` prints. Private.

#include <string>

#include "am/strategy/replay.hpp"

namespace am::cli {

/// name: of the strategy.
std::string replay_json(const strategy::ReplayResult& result, const strategy::ReplayOptions& options,
                        const std::string& name);
/// A row for each trade.
std::string replay_csv(const strategy::ReplayResult& result, const strategy::ReplayOptions& options);
/// The figures, and the last trades.
std::string replay_table(const strategy::ReplayResult& result, const strategy::ReplayOptions& options,
                         const std::string& name, bool color);

}  // namespace am::cli
