#include "am/feed/partition.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

namespace am::feed {

namespace {

constexpr int kPartsOfAPartition = 8;
constexpr long long kStonesAWorker = 1000;
constexpr PriceRange kWhole{};

struct Counted {
  PriceRange price;
  long long below = 0;  ///< stones before it
  long long stones = 0;
};

/// Where the edges ought to be: after each k · total / parts stones.
struct Aims {
  long long total = 0;
  int parts = 1;

  /// One lies within the range, not at its ends.
  bool within(const Counted& range) const {
    const long long next = range.below * parts / total + 1;
    return next < parts && next * total < (range.below + range.stones) * parts;
  }
};

/// Runs `work` once for each counter, all at once. The first error is thrown once all have ended.
template <class Work>
void with_each(std::span<const CountStones> counters, const Work& work) {
  std::mutex mutex;
  std::exception_ptr first;
  const auto guarded = [&](const CountStones& count) {
    try {
      work(count);
    } catch (...) {
      const std::scoped_lock lock(mutex);
      if (!first) first = std::current_exception();
    }
  };
  std::vector<std::jthread> threads;
  for (const CountStones& count : counters.subspan(1)) threads.emplace_back([&, count] { guarded(count); });
  guarded(counters.front());
  threads.clear();
  if (first) std::rethrow_exception(first);
}

long long middle_of(const PriceRange& price) {
  const double low = static_cast<double>(std::max(price.from, 1LL));
  const auto middle = std::llround(std::sqrt(low * static_cast<double>(price.to)));
  return std::clamp<long long>(middle, price.from + 1, price.to - 1);
}

/// Splits what an edge ought to lie in until that holds little enough. What is counted are the stones up to a price: of a
/// range alone, the stones on both its edges would be in, and with each split once more. Which thread splits what makes no
/// difference.
class Bisection {
 public:
  Bisection(const Counted& whole, const Aims& aims)
      : aims_(aims), most_(aims.total / (static_cast<long long>(aims.parts) * kPartsOfAPartition)) {
    keep(whole);
  }

  void work(const CountStones& count) {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return !open_.empty() || busy_ == 0 || over_; });
      if (open_.empty() || over_) return;
      const Counted range = open_.back();
      open_.pop_back();
      ++busy_;
      lock.unlock();
      const long long middle = middle_of(range.price);
      long long up_to_middle = 0;
      try {
        up_to_middle = count({kWhole.from, middle});
      } catch (...) {
        end_early();
        throw;
      }
      lock.lock();
      ++calls_;
      --busy_;
      // The inventory moves meanwhile.
      const long long left = std::clamp(up_to_middle - range.below, 0LL, range.stones);
      keep({{range.price.from, middle}, range.below, left});
      keep({{middle, range.price.to}, range.below + left, range.stones - left});
      changed_.notify_all();
    }
  }

  std::vector<Counted> leaves() && {
    std::ranges::sort(leaves_, {}, [](const Counted& leaf) { return leaf.price.from; });
    return std::move(leaves_);
  }
  int calls() const { return calls_; }

 private:
  void keep(const Counted& range) {
    const bool is_one_dollar = range.price.to - range.price.from < 2;
    (range.stones > most_ && !is_one_dollar && aims_.within(range) ? open_ : leaves_).push_back(range);
  }
  void end_early() {
    const std::scoped_lock lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }

  const Aims aims_;
  const long long most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Counted> open_, leaves_;
  int busy_ = 0, calls_ = 0;
  bool over_ = false;
};

/// The leaves' edges nearest to where they ought to be, both ends among them.
std::vector<long long> edges_of(const std::vector<Counted>& leaves, const Aims& aims) {
  std::vector<long long> edges = {leaves.front().price.from};
  int part = 1;
  for (const Counted& leaf : leaves) {
    const long long before = leaf.below * aims.parts;
    const long long after = before + leaf.stones * aims.parts;
    for (; part < aims.parts && part * aims.total <= after; ++part) {
      const bool is_nearer_start = part * aims.total - before < after - part * aims.total;
      const long long edge = is_nearer_start ? leaf.price.from : leaf.price.to;
      if (edge > edges.back()) edges.push_back(edge);
    }
  }
  if (edges.back() < leaves.back().price.to) edges.push_back(leaves.back().price.to);
  return edges;
}

void count_all(std::span<const CountStones> counters, std::vector<PlannedPartition>& partitions) {
  std::atomic<std::size_t> next{0};
  with_each(counters, [&](const CountStones& count) {
    for (std::size_t i = next++; i < partitions.size(); i = next++) {
      try {
        partitions[i].expected = count(partitions[i].price);
      } catch (...) {
        next = partitions.size();
        throw;
      }
    }
  });
}

}  // namespace

int workers_for(long long total, int most) {
  return static_cast<int>(std::clamp<long long>((total + kStonesAWorker - 1) / kStonesAWorker, 1, most));
}

PartitionPlan plan_partitions(std::span<const CountStones> counters,
                              const std::function<int(long long total)>& wanted) {
  PartitionPlan plan;
  plan.total = counters.front()(kWhole);
  plan.calls = 1;
  const int parts = wanted(plan.total);
  if (parts == 1 || plan.total == 0) {
    plan.partitions = {{kWhole, plan.total}};
    plan.sum = plan.total;
    return plan;
  }
  const Aims aims{plan.total, parts};
  Bisection bisection({kWhole, 0, plan.total}, aims);
  with_each(counters, [&](const CountStones& count) { bisection.work(count); });
  plan.calls += bisection.calls();
  const std::vector<long long> edges = edges_of(std::move(bisection).leaves(), aims);
  for (std::size_t i = 1; i < edges.size(); ++i) plan.partitions.push_back({{edges[i - 1], edges[i]}, 0});
  count_all(counters, plan.partitions);
  plan.calls += static_cast<int>(plan.partitions.size());
  for (const PlannedPartition& partition : plan.partitions) plan.sum += partition.expected;
  return plan;
}

}  // namespace am::feed
