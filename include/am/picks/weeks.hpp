#pragma once
// What the batches of one group earned in each calendar week: the numbers that the verdict is about. A *part* is a batch in
// its week 1 or 2. The two parts of a batch add up to three times its excess, and the parts of a Monday to Sunday are a
// week of the series; so the weeks add up to the batches, and nothing is counted twice. What a part earned is fixed when
// its week is over: a later week never changes an earlier one.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "am/picks/history.hpp"
#include "am/picks/statistics.hpp"

namespace am::picks {

/// A week that earned more than 10^7 percent is cut off there, so that squares of a century of weeks fit into 128 bits.
inline constexpr Units kWeekLimit = 100'000'000'000'000'000;

/// The beta of a ticker at the batch's baseline.
using BetaOf = std::function<Decimal(const BatchHistory&, const std::string& ticker)>;
/// Beta 1 for all: over the benchmark as it is.
Decimal market_beta(const BatchHistory& history, const std::string& ticker);

/// Whether a day has the benchmark and every pick.
bool is_measured(const BatchHistory& history, const Checkpoint& day);

/// A batch in one of its two weeks.
struct Part {
  const BatchHistory* history = nullptr;
  int week = 1;                      ///< 1 or 2
  const Checkpoint* from = nullptr;  ///< what the week began with; none: the baseline
  const Checkpoint* to = nullptr;    ///< its last measured day; none: the week earned nothing
  std::vector<Units> earned;         ///< of each pick, in the picks' order
};

struct Week {
  Date monday;
  std::vector<Part> parts;  ///< by run date
  Units sum = 0;            ///< of all that they earned
};

struct WeeklySeries {
  std::vector<Week> weeks;    ///< that count, by Monday
  std::vector<Date> waiting;  ///< Mondays of weeks that an active batch has not finished
};

/// The series of one group.
///
/// A part is finished when its batch is completed, or when each of the five weekdays has a checkpoint, measured or
/// skipped. A week counts when every active batch in it has finished its part; a failed batch is not waited for: its finished
/// parts count, its others do not. A batch without a measured day counts nowhere; while it may still get one it is waited
/// for, so that no week changes afterwards. A week without a measured day earned nothing, its move is in the other one.
///
/// Shape:   a week with at least one part.
/// Units:   10^-10 percent of one pick; beta's excess is return − beta · the benchmark's, as stored, the sign flipped for a
///          SELL.
/// Owns:    nothing; the parts point into the histories.
/// Threads: pure, as beta is.
WeeklySeries weekly_series(std::span<const BatchHistory* const> group, const BetaOf& beta);

/// Sum of parts as it enters the series.
Units limited(__int128_t sum);

}  // namespace am::picks
