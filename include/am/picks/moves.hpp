#pragma once
// Moves of a batch's stored prices that look like a split which nobody has told: by more than a quarter from one measured
// day to the next. Derived from what is stored and from the actions that are known, so a batch is marked for as long as its
// figures are in doubt, whatever the ledger remembers, and also when an earlier version stored it.

#include <span>
#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "am/market/corporate_actions.hpp"
#include "am/picks/types.hpp"

namespace am::picks {

struct DoubtfulMove {
  std::string ticker;
  Date day, before_day;
  Decimal price, before;  ///< as stored
  bool known = false;     ///< a split is known that the stored prices do not have

  /// "KO moved from 102.4 (2026-10-06) to 10.25 (2026-10-07), which no known split explains".
  std::string text() const;
};

/// What says what it was, and what measures the days since again.
std::string way_out(Date run_date, const std::string& symbol, Date day, bool known);

/// Of the benchmark, then of each pick; by day.
///
/// days:    as stored, ascending; those that are not computed are passed over.
/// actions: of every source (market::actions_of): those that hold for the batch's source are taken.
/// Threads: pure.
std::vector<DoubtfulMove> doubtful_moves(const Batch& batch, Date baseline, std::span<const Checkpoint> days,
                                         std::span<const market::CorporateAction> actions);

/// What happened to a batch's shares between its baseline and its last stored day, a line each: "KO split on 2026-10-07, 10
/// new shares for one: its prices are those of the baseline's shares". Parameters as above; moves: what doubtful_moves found,
/// so that no line contradicts it.
std::vector<std::string> action_notes(const Batch& batch, Date baseline, std::span<const Checkpoint> days,
                                      std::span<const market::CorporateAction> actions,
                                      std::span<const DoubtfulMove> moves);

}  // namespace am::picks
