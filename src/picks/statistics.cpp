#include "am/picks/statistics.hpp"

#include <algorithm>

namespace am::picks {

namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr Units kUnit = 10'000'000'000;  // one percent
constexpr Units kLimit =
    100'000'000 * kUnit;  // 10^18: a sum of three fits; a sum of batches is kept in 128 bits

}  // namespace

std::uint64_t draw_below(Generator& generator, std::uint64_t bound) {
  Wide product = Wide{generator()} * bound;
  auto low = static_cast<std::uint64_t>(product);
  if (low < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (low < threshold) {
      product = Wide{generator()} * bound;
      low = static_cast<std::uint64_t>(product);
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

Units to_units(const Decimal& percent) {
  if (percent.abs() >= Decimal(100'000'000)) return percent.is_negative() ? -kLimit : kLimit;
  std::string digits = percent.to_fixed(10);
  std::erase(digits, '.');
  return std::stoll(digits);
}

Units rounded_mean(__int128_t sum, long long count) {
  const __int128_t half = count / 2;
  return static_cast<Units>((sum < 0 ? sum - half : sum + half) / count);
}

Decimal from_units(Units units) { return Decimal(units) * Decimal::of("0.0000000001"); }

std::optional<Interval> bootstrap_mean(std::span<const Units> values) {
  if (values.size() < 2) return std::nullopt;
  Generator generator(kSeed);
  const std::uint64_t size = values.size();
  std::vector<__int128_t> sums(kDraws);
  for (__int128_t& sum : sums) {
    sum = 0;
    for (std::uint64_t i = 0; i < size; ++i) sum += values[draw_below(generator, size)];
  }
  const auto ranked = [&](int rank) {
    const auto at = sums.begin() + rank;
    std::nth_element(sums.begin(), at, sums.end());
    return from_units(rounded_mean(*at, static_cast<long long>(size)));
  };
  return Interval{ranked(kDraws * 25 / 1000 - 1), ranked(kDraws * 975 / 1000 - 1)};
}

}  // namespace am::picks
