#pragma once
// Bars as they are kept (market.bars) and as files have them.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

/// Whose bars they are.
struct BarKey {
  std::string symbol, timeframe = "1m";
  friend auto operator<=>(const BarKey&, const BarKey&) = default;
};

/// Writes bars; one that is there is replaced where it differs (a revision). Returns how many rows changed.
std::size_t store_bars(kernel::Sql& sql, const BarKey& key, std::span<const Bar> bars);
/// From `from` to before `to`, in order.
std::vector<Bar> read_bars(kernel::Sql& sql, const BarKey& key, Micros from, Micros to);
/// The same of any number of bars, read in pieces.
std::vector<Bar> read_all_bars(kernel::Sql& sql, const BarKey& key, Micros from, Micros to);
/// The last `count` that ended at or before `before` (bar end = start + its timeframe), in order.
std::vector<Bar> last_bars(kernel::Sql& sql, const BarKey& key, Micros before, int count);

/// Whether it can be a bar: positive finite prices, low ≤ open, close ≤ high, a finite volume ≥ 0.
bool is_possible(const Bar& bar);

/// A file with a header line: date or timestamp, open, high, low, close, volume, in any case and order; others are
/// ignored. Days are taken as bars of "1d" that start at 00:00 UTC.
/// Errors:  data, as path:line: unreadable, impossible or out of order.
std::vector<Bar> parse_bars_csv(std::string_view text, const std::string& path);

}  // namespace am::strategy
