// The promise of the shared budget over random interleavings of many processes in virtual time: requests that are held
// up, given up or left behind by a process that died. Whatever happens, no window of the times at which the vendor counts
// holds more than its limit.

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "am/kernel/rate_limit.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kTimeout{2000};
constexpr milliseconds kOverdue{10'000};
constexpr milliseconds kOnItsWay{5000};

class RateModel : public testing::TestWithParam<unsigned> {
 protected:
  struct Request {
    long long slot;
    Instant latest;  ///< the vendor counts it by then
    bool ended = false;
    bool counted = false;
  };

  Instant now() {
    return db_->query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS t")
               .only()
               .micros("t") +
           skipped_;
  }
  /// Time passes; what has to have got to the vendor meanwhile does so at the last moment.
  void pass(milliseconds time) {
    for (Request& request : under_way_) {
      if (request.counted) continue;
      const auto left = std::chrono::floor<milliseconds>(request.latest - now()) - milliseconds(50);
      if (left > time) continue;
      if (left.count() > 0) {
        skip(left);
        time -= left;
      }
      count(request);
    }
    std::erase_if(under_way_, [](const Request& request) { return request.ended && request.counted; });
    if (time.count() > 0) skip(time);
  }
  void skip(milliseconds time) {
    db_->query(
        "UPDATE ops.rate_slots SET used_at = used_at - $1::bigint * interval '1 millisecond', "
        "reserved_until = reserved_until - $1::bigint * interval '1 millisecond'",
        sql_values(time.count()));
    skipped_ += time;
  }
  void count(Request& request) {
    request.counted = true;
    counted_.push_back(now());
  }
  void end(Request& request, bool answered) {
    if (answered && !request.counted) count(request);
    limits_.end(request.slot, answered);
    request.ended = true;
    request.latest = std::min<Instant>(request.latest, now() + kOnItsWay);
  }
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  void step() {
    Request* some = under_way_.empty() ? nullptr : &under_way_[below(under_way_.size())];
    switch (below(10)) {
      case 0:
      case 1:
        try {
          for (const long long slot :
               limits_.reserve("acme", static_cast<int>(1 + below(3)), milliseconds(0)))
            held_.push_back(slot);
        } catch (const Error& error) {
          EXPECT_EQ(error.kind(), ErrorKind::deferred);
        }
        break;
      case 2:
      case 3:
      case 4: {
        if (held_.empty()) break;
        const long long slot = held_.back();
        held_.pop_back();
        if (below(8) == 0) {
          limits_.release({slot});
        } else if (limits_.use(slot, kTimeout)) {
          under_way_.push_back({slot, now() + kTimeout + kOverdue});
        }
        break;
      }
      case 5:
        if (some != nullptr && !some->counted) count(*some);
        break;
      case 6:
      case 7:
        if (some != nullptr && !some->ended) end(*some, true);
        break;
      case 8:
        if (some == nullptr || some->ended) break;
        if (below(2) == 0) {
          end(*some, false);
        } else {
          some->ended = true;  // its process died: nobody ends it
        }
        break;
      default:
        pass(milliseconds(below(below(5) == 0 ? 8000 : 600)));
    }
  }

  test::TestDb database_;
  std::unique_ptr<Db> db_ = database_.open();
  Stop stop_;
  RateLimiter limits_{
      *db_, stop_, {{.key = "acme", .windows = {{3, milliseconds(1000)}, {8, milliseconds(5000)}}}}};
  std::minstd_rand random_{GetParam()};
  microseconds skipped_{0};
  std::vector<long long> held_;
  std::vector<Request> under_way_;
  std::vector<Instant> counted_;
};

TEST_P(RateModel, NoWindowOfWhatTheVendorCountsIsExceeded) {
  for (int i = 0; i < 1500; ++i) step();
  pass(kTimeout + kOverdue);
  std::ranges::sort(counted_);
  EXPECT_GE(counted_.size(), 30U) << "the budget is put to use";
  for (const auto& [limit, period] :
       {std::pair<std::size_t, milliseconds>(3, 1000), std::pair<std::size_t, milliseconds>(8, 5000)}) {
    for (std::size_t i = limit; i < counted_.size(); ++i) {
      ASSERT_GE(counted_[i] - counted_[i - limit], period) << "requests " << i - limit << " to " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RateModel, testing::Range(1U, 5U));

}  // namespace
}  // namespace am::kernel
