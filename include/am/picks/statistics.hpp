#pragma once
// The two judgements of the report: how sure a mean is (bootstrap), and how good the picks are among all
// that could have been drawn at random (baskets). Seeded and reproducible to the last digit on any machine:
// integers are drawn and summed by our own code, since the standard distributions differ between libraries.
// No model of returns, no significance test beyond the interval.

#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "am/base/decimal.hpp"
#include "am/picks/types.hpp"

namespace am::picks {

inline constexpr int kDraws = 10'000;  ///< of the bootstrap, and of the baskets over all batches
inline constexpr std::uint64_t kSeed = 20'000'110;
inline constexpr std::size_t kMinUniverse = 20;  ///< fewer symbols with closes: no control
/// Baskets of a batch up to which all are counted (30 symbols: 4,060 or 12,180); above, so many are drawn.
inline constexpr long long kMaxEnumerated = 200'000;
inline constexpr int kSampled = 20'000;

using Generator = std::mt19937_64;

/// A whole number below `bound`, each equally likely (Lemire's multiplication, with rejection).
/// bound must be above zero.
std::uint64_t draw_below(Generator& generator, std::uint64_t bound);

/// A return in units of 10^-10 percent, so that sums are exact and ties are ties; beyond ±10^8 percent it is
/// cut off.
using Units = long long;
Units to_units(const Decimal& percent);
Decimal from_units(Units units);
/// The mean of `count` values, rounded half away from zero.
Units rounded_mean(__int128_t sum, long long count);

struct Interval {
  Decimal low;
  Decimal high;
};

/// Percentile bootstrap of the mean: as many values as there are, drawn with replacement, kDraws times;
/// the 2.5th and the 97.5th percentile of the means (nearest rank).
///
/// Shape:   nullopt for fewer than 2 values.
/// Units:   those of the values, rounded to 10 decimals.
/// Threads: pure.
std::optional<Interval> bootstrap_mean(std::span<const Units> values);

/// Every basket that could have been picked instead of a batch's picks.
///
/// A basket is 3 different symbols of the universe, `sells` of them sold and the rest bought, each equally
/// likely; its score is the sum of the bought symbols' returns over the benchmark minus that of the sold
/// ones. The batch's picks are measured against baskets of their own dates with as many BUY and SELL as they
/// have.
class Baskets {
 public:
  /// excess: return over the benchmark of every symbol that has a close on both days.
  /// Precondition: 0 <= sells <= kPicksPerBatch.
  Baskets(std::vector<Units> excess, int sells);

  bool usable() const { return excess_.size() >= kMinUniverse; }
  /// How many there are.
  long long count() const;
  /// One at random.
  Units draw(Generator& generator) const;
  /// The share of baskets, in percent, that score below `score`, with half of those that score the same.
  /// Exact up to kMaxEnumerated baskets, else from kSampled drawn ones. Precondition: usable().
  Decimal percentile(Units score) const;

 private:
  std::vector<Units> excess_;
  int sells_;
};

/// Percentile of `scores[i]` summed over all batches among kDraws draws of one random basket per batch.
/// Precondition: as many scores as baskets, at least one, all usable.
Decimal percentile_of_all(std::span<const Baskets> baskets, std::span<const Units> scores);

}  // namespace am::picks
