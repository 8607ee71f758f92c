#pragma once
// How long something took, very many times: counts by size, so that a percentile is read without keeping the values.
// Buckets are an eighth of a power of two wide, so a percentile is at most an eighth above the true one. Private.

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace am::strategy {

/// Units: nanoseconds; what takes longer than half a minute counts as that. Threads: one.
class Latency {
 public:
  void add(std::chrono::nanoseconds took) {
    const auto value = static_cast<std::uint64_t>(std::max<std::chrono::nanoseconds::rep>(took.count(), 0));
    ++counts_[bucket_of(value)];
    ++total_;
  }
  std::uint64_t count() const { return total_; }

  /// The upper edge of the bucket below which so much of all is (0.5: the median); zero of nothing.
  std::chrono::nanoseconds percentile(double part) const {
    const auto wanted = static_cast<std::uint64_t>(part * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > 0 && seen >= wanted) return std::chrono::nanoseconds(edge_of(i));
    }
    return {};
  }

 private:
  static constexpr std::size_t kPartBits = 3;
  static constexpr std::size_t kParts = std::size_t{1} << kPartBits;
  static constexpr std::size_t kMostBits = 35;
  static constexpr std::size_t kBuckets = kParts * (kMostBits - kPartBits + 1);

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < kParts) return value;
    const std::size_t power = static_cast<std::size_t>(std::bit_width(value)) - 1;
    const std::size_t part = (value >> (power - kPartBits)) & (kParts - 1);
    return std::min<std::size_t>(kParts * (power - kPartBits + 1) + part, kBuckets - 1);
  }
  static std::uint64_t edge_of(std::size_t bucket) {
    if (bucket < kParts) return bucket;
    const std::size_t power = bucket / kParts - 1;
    return ((kParts + bucket % kParts + 1) << power) - 1;
  }

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace am::strategy
