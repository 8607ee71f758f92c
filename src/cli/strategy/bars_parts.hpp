#pragma once
// What the commands about bars share. Private.

#include <optional>
#include <span>
#include <string>

#include "am/strategy/types.hpp"

namespace am::cli {

/// Of a stock or a pair, in upper case. Errors: usage: it is no symbol.
std::string symbol_of_bars(const std::string& symbol);
/// What somebody named, else what the bars are: 1d where all begin at 00:00 UTC, 1m otherwise.
/// Errors:  usage: no timeframe; data: a bar that begins before the one before it is over, or at no multiple of it.
std::string timeframe_of_bars(std::span<const strategy::Bar> bars, const std::optional<std::string>& named,
                              const std::string& file);
/// RFC 3339, UTC.
std::string moment_text(strategy::Micros at);

}  // namespace am::cli
