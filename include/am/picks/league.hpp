#pragma once
// Several pickers on the same closes: who is ahead, and by more than luck? Whoever looks at more of them finds a good one
// sooner, so that every bar is as much higher as there are comparisons; those that were given up count as well.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "am/picks/relabel.hpp"

namespace am::picks {

struct LeagueLine {
  Judgement judgement;          ///< of the common weeks
  int decides = 0;              ///< +1, −1 or 0 by E ≥ 20·K
  std::optional<Decimal> p;     ///< share of relabelled leagues whose best is as good; none without a control
  bool ties_the_leader = true;  ///< not separated from it; the leader itself too
};

/// Two lines of a league, by their differences week by week.
struct LeaguePair {
  std::size_t a = 0;
  std::size_t b = 0;
  double log_e = 0;
  bool differ = false;  ///< E ≥ 20·K(K−1)/2; else a tie
};

struct League {
  int entered = 0;                ///< K
  std::vector<Date> weeks;        ///< Mondays of the common weeks
  std::vector<LeagueLine> lines;  ///< in the order given
  std::vector<LeaguePair> pairs;
  std::size_t leader = 0;  ///< greatest sum over the common weeks; of equal ones the first
  std::optional<Date> control_through;
};

/// A league of the groups' series, over the weeks in which all have batches of the same run dates. One relabelling for all:
/// the picked tickers are those of all of them.
///
/// Shape:   nullopt for fewer than two series or without a common week. entered: how many groups ever were, at least as
///          many as there are series.
/// Threads: as betas.
std::optional<League> league_of(std::span<const std::span<const Week>> series, int entered,
                                const std::vector<std::string>& symbols, const ClosesBySymbol& closes,
                                Betas& betas);

}  // namespace am::picks
