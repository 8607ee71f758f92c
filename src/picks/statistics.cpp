#include "am/picks/statistics.hpp"

#include <algorithm>
#include <utility>

namespace am::picks {

namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr Units kUnit = 10'000'000'000;  // one percent
constexpr Units kLimit =
    100'000'000 * kUnit;  // 10^18: a sum of three fits; a sum of batches is kept in 128 bits

/// below + half of equal, of `count`, in percent.
Decimal mid_rank(long long below, long long equal, long long count) {
  return Decimal(2 * below + equal) * Decimal(50) / Decimal(count);
}

struct Tally {
  long long below = 0;
  long long equal = 0;
  long long count = 0;

  template <class Score>
  void add(Score basket, Score actual) {
    below += basket < actual ? 1 : 0;
    equal += basket == actual ? 1 : 0;
    ++count;
  }
  Decimal percentile() const { return mid_rank(below, equal, count); }
};

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

Baskets::Baskets(std::vector<Units> excess, int sells) : excess_(std::move(excess)), sells_(sells) {
  // Two or three sold is the mirror image of one or none.
  if (sells_ >= 2) {
    for (Units& value : excess_) value = -value;
    sells_ = kPicksPerBatch - sells_;
  }
}

long long Baskets::count() const {
  const auto n = static_cast<long long>(excess_.size());
  if (n < kPicksPerBatch) return 0;
  return n * (n - 1) * (n - 2) / 6 * (sells_ == 0 ? 1 : kPicksPerBatch);
}

Units Baskets::draw(Generator& generator) const {
  const std::uint64_t n = excess_.size();
  const std::uint64_t first = draw_below(generator, n);
  std::uint64_t second = draw_below(generator, n - 1);
  if (second >= first) ++second;
  std::uint64_t third = draw_below(generator, n - 2);
  const auto [low, high] = std::minmax(first, second);
  if (third >= low) ++third;
  if (third >= high) ++third;
  // The last drawn is the odd one out; which of the three that is was chance already.
  return excess_[first] + excess_[second] + (sells_ == 0 ? excess_[third] : -excess_[third]);
}

Decimal Baskets::percentile(Units score) const {
  Tally tally;
  if (count() > kMaxEnumerated) {
    Generator generator(kSeed);
    for (int i = 0; i < kSampled; ++i) tally.add(draw(generator), score);
    return tally.percentile();
  }
  const std::size_t n = excess_.size();
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = a + 1; b < n; ++b) {
      for (std::size_t c = b + 1; c < n; ++c) {
        const Units sum = excess_[a] + excess_[b] + excess_[c];
        if (sells_ == 0) {
          tally.add(sum, score);
        } else {
          for (const std::size_t odd : {a, b, c}) tally.add(sum - 2 * excess_[odd], score);
        }
      }
    }
  }
  return tally.percentile();
}

Decimal percentile_of_all(std::span<const Baskets> baskets, std::span<const Units> scores) {
  __int128_t actual = 0;
  for (const Units score : scores) actual += score;
  Generator generator(kSeed);
  Tally tally;
  for (int i = 0; i < kDraws; ++i) {
    __int128_t sum = 0;
    for (const Baskets& batch : baskets) sum += batch.draw(generator);
    tally.add(sum, actual);
  }
  return tally.percentile();
}

}  // namespace am::picks
