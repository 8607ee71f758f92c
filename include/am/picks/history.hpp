#pragma once
// A batch with its stored days, as the report and the verdict read it: plain values.

#include <optional>
#include <string>
#include <vector>

#include "am/picks/moves.hpp"
#include "am/picks/types.hpp"

namespace am::picks {

/// A stored number that cannot be right: table, key, value and why; and the command that repairs it.
struct Doubt {
  std::string problem;
  std::string hint;
  std::optional<Date> day{};  ///< the one day that is left out for it; empty: all of the batch
};

/// A batch and its stored days.
struct BatchHistory {
  Batch batch;
  Date baseline;                 ///< date of the initial prices
  std::vector<Checkpoint> days;  ///< within the 14 days, ascending, skipped ones too
  /// What is stored and cannot be right, as earlier versions did: such a day counts as not measured, and all days of a
  /// batch with such a baseline.
  std::vector<Doubt> doubts{};
  /// Moves that may be splits which nobody has told: the figures are shown, and marked.
  std::vector<DoubtfulMove> moves{};
  std::vector<std::string> notes{};  ///< splits, renames and ends of listing that its prices follow
};

}  // namespace am::picks
