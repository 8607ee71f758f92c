#pragma once
// The smaller figures beside a verdict: what hit rate chance has, what a trade may cost, how much is kept from week to week.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "am/picks/beta.hpp"
#include "am/picks/history.hpp"

namespace am::picks {

/// The hit rate that picks of the same directions have by chance: the mean, over the picks of all complete batches, of the
/// share of symbols that beat the benchmark (BUY) or fell behind it (SELL) up to the batch's latest measured day. Exact,
/// whichever way other names are drawn. A batch for which fewer than kMinUniverse symbols have both closes is left out.
///
/// Shape:   nullopt when all are.
/// Units:   percent, 34 digits.
/// Threads: pure.
std::optional<Decimal> hit_rate_by_chance(std::span<const BatchHistory* const> group,
                                          const std::vector<std::string>& symbols,
                                          const ClosesBySymbol& closes);

/// What a trade may cost until a mean excess is gone: a pick is bought and sold once a batch. Below zero: loses before costs.
///
/// Units:   mean in percent per batch; basis points of a trade.
Decimal break_even_bp(const Decimal& mean_pct);

/// How many (ticker, action) are kept from the batch a week before, on the average; nullopt without such a pair of batches.
///
/// Threads: pure.
std::optional<Decimal> picks_kept(std::span<const BatchHistory* const> group);

}  // namespace am::picks
