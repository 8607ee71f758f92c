#pragma once
// Luck control: the same hand with other names. Each picked ticker is exchanged for a random one of the universe, the same
// one throughout the whole history; dates, directions, favourites that are kept and batches that overlap stay as they
// are. Where the picker stands among 10,000 such histories is its percentile. Compared is T = S/√Q, not the mean: volatile
// names alone would place a mean far outside. Reproducible to the last digit, as statistics.hpp says.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "am/picks/beta.hpp"
#include "am/picks/verdict.hpp"

namespace am::picks {

/// Of the parts that a name needs closes for, and of the names that a week needs.
inline constexpr int kMinKnownPct = 90;

/// One pick of one part.
struct Held {
  std::uint32_t week = 0;  ///< ascending
  std::uint32_t part = 0;  ///< row of the moves
  std::uint32_t name = 0;  ///< which of the picked names, in their order
  int sign = 1;            ///< −1 for a SELL
};

/// Random names for the picked ones, on plain numbers: the first `picked` of a shuffle of all names.
///
/// Shape:   the i-th picked name becomes next()[i]; valid until the next call.
class Relabelling {
 public:
  /// Precondition: picked <= names.
  Relabelling(std::size_t names, std::size_t picked) : pool_(names), picked_(picked) {}
  std::span<const std::uint32_t> next();

 private:
  std::vector<std::uint32_t> pool_;
  std::size_t picked_;
  Generator generator_{kSeed};
};

/// S and Q of a history.
struct WeekSums {
  __int128_t sum = 0;
  __int128_t squares = 0;
  double t() const { return studentised(sum, squares); }
};

/// The history with these names for the picked ones. moves: one row per part, `names` wide; held: by week.
///
/// Threads: pure.
WeekSums relabelled(std::span<const Held> held, std::span<const Units> moves, std::size_t names,
                    std::span<const std::uint32_t> names_of_picked);

/// What every name of the universe did in each part, and where the picks stand in it.
struct NameField {
  std::vector<std::string> names;       ///< canonical, sorted
  std::vector<std::string> picked;      ///< those of them that were picked, sorted
  std::vector<Units> moves;             ///< per part and name: excess without a sign; none is missing
  std::vector<std::vector<Held>> held;  ///< of each series
  std::size_t weeks = 0;                ///< of each series that are controlled: the first so many
  Date through;                         ///< Monday of the last of them
  long long filled = 0;                 ///< moves that were missing and are their part's mean
  int big_moves = 0;  ///< of more than a quarter from one close to the next: splits, unless they are real
};

/// The field over the weeks of one series, or of several of a league (the same Mondays).
///
/// Names are `symbols` and all tickers of the parts, less the benchmarks. One that was never picked stays only with closes
/// for kMinKnownPct of the parts. Last weeks in which fewer than kMinKnownPct of the symbols that have closes at all have
/// them are left out: closes are fetched in turn, so this control lags, and no verdict waits for it.
///
/// Shape:   nullopt: no symbols, fewer than kMinWeeks weeks, fewer than kMinUniverse names.
/// Threads: as betas.
std::optional<NameField> field_of(std::span<const std::span<const Week>> series,
                                  const std::vector<std::string>& symbols, const ClosesBySymbol& closes,
                                  Betas& betas);

/// Where a series stands among its relabellings.
struct Luck {
  Decimal percentile;  ///< of T, percent; equal ones count half
  int below = 0;
  int equal = 0;
  WeekSums first;  ///< of the first draw
};

/// `actual`: of the weeks that are controlled.
///
/// Threads: pure.
Luck luck_of(const NameField& field, double actual, int draws = kDraws);

/// T of these weeks.
double t_of(std::span<const Week> weeks);

}  // namespace am::picks
