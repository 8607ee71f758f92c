#pragma once
// What a close can be, in one place: every source reads its closes here, and whatever takes a stored close up again
// (the cache, a batch's baseline, a day that was measured) asks here whether it can be right.

#include <optional>
#include <string>
#include <string_view>

#include "am/base/decimal.hpp"
#include "am/base/result.hpp"

namespace am::market {

/// Above any listed share (Berkshire Hathaway A, the highest, is below one million): more than this is volume in the
/// wrong column, or a broken feed.
inline constexpr std::string_view kHighestPrice = "10000000";
/// The smallest step in which shares are quoted and reported (six decimals, over the counter).
inline constexpr std::string_view kLowestPrice = "0.000001";

/// Why a number can't be a close: "is not above zero", "cannot be right (expected 0.000001 to 10000000)". Nothing: it can.
///
/// Units:   USD per share, or index points.
/// Threads: pure.
std::optional<std::string> price_problem(const Decimal& price);

/// A close as somebody wrote it: a vendor, a file, a table of an earlier version. What can be right has at most the 34
/// digits that a Decimal keeps (more are rounded, far below any step) and is read back exactly as it is stored.
///
/// Errors:  Reject: as price_problem, or "is not a number".
/// Threads: pure.
Result<Decimal> parse_price(std::string_view text);

/// A number's text for a message: one too long to be read in scientific notation ("1e-99"), what is none cut.
std::string short_number(std::string_view text);

}  // namespace am::market
