#pragma once
// How sure a mean is that is read once (bootstrap), and what it and the luck control (relabel.hpp) draw with. Seeded and
// reproducible to the last digit on any machine: integers are drawn and summed by our own code, since the standard
// distributions differ between libraries.

#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "am/base/decimal.hpp"
#include "am/picks/types.hpp"

namespace am::picks {

inline constexpr int kDraws = 10'000;  ///< of the bootstrap, and of the relabellings
inline constexpr std::uint64_t kSeed = 20'000'110;
inline constexpr std::size_t kMinUniverse = 20;  ///< fewer symbols with closes: no control

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

}  // namespace am::picks
