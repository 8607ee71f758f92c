#include "feed/crawl_steps.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace am::feed {
namespace {

TEST(CrawlSteps, APageBeginsWithTheLastStoneOfTheOneBefore) {
  CrawlState state{.page_size = 30, .expected = 100};
  EXPECT_EQ(offset_to_ask(state), 0);
  EXPECT_FALSE(has_to_overlap(state));
  state = kept(state, 0, 30, 30, true).state;
  EXPECT_EQ(state.next_offset, 30);
  EXPECT_EQ(offset_to_ask(state), 29);
  EXPECT_TRUE(has_to_overlap(state));
  // A short page: by what came.
  state = kept(state, 29, 12, 11, true).state;
  EXPECT_EQ(state.next_offset, 41);
}

TEST(CrawlSteps, OnlyAnEmptyPageBehindAllThatWasSeenIsTheEnd) {
  CrawlState state{.page_size = 30, .expected = 30};
  state = kept(state, 0, 30, 30, true).state;
  ASSERT_EQ(step_for(state, 1, true), Step::keep);
  state = kept(state, 29, 1, 0, true).state;
  EXPECT_EQ(offset_to_ask(state), 30);
  EXPECT_EQ(step_for(state, 0, false), Step::end);
  // Where its first stone should have been is nothing: rows are gone before it.
  state.is_sure = false;
  EXPECT_EQ(step_for(state, 0, false), Step::hold);
  // More came meanwhile.
  state.is_sure = true;
  EXPECT_EQ(step_for(state, 2, false), Step::keep);
  EXPECT_EQ(step_for({.page_size = 30}, 0, false), Step::end);
}

TEST(CrawlSteps, APageThatBeginsTooLateIsHeldAndTheOneBeforeAskedForFiveTimesAtMost) {
  CrawlState state{.page_size = 30, .expected = 1000, .next_offset = 400};
  long long asked = 399;
  for (int back = 0; back < kMostBacks; ++back) {
    EXPECT_EQ(offset_to_ask(state), asked);
    ASSERT_EQ(step_for(state, 30, false), Step::hold);
    state = held(state);
    asked -= 29;
  }
  EXPECT_EQ(step_for(state, 30, false), Step::keep);
  EXPECT_EQ(step_for(state, 0, false), Step::restart);
  EXPECT_EQ(offset_to_ask(restarted(state)), 0);
  // At the beginning nothing can be before.
  state.next_offset = 20;
  state.backs = 1;
  EXPECT_EQ(offset_to_ask(state), 0);
  EXPECT_EQ(step_for(state, 30, false), Step::keep);
}

TEST(CrawlSteps, PastTheEstimateThreePagesWithoutAnythingNewAreTheTail) {
  CrawlState state{.page_size = 30, .expected = 60};
  state = kept(state, 0, 30, 30, true).state;
  Kept last = kept(state, 29, 30, 0, true);  // before the estimate
  EXPECT_EQ(last.state.stale, 0);
  last = kept(last.state, 58, 30, 0, true);
  EXPECT_EQ(last.state.stale, 1);
  last = kept(last.state, 87, 30, 3, true);
  EXPECT_EQ(last.state.stale, 0);
  for (int page = 1; page <= kMostStale; ++page) {
    EXPECT_EQ(last.standing, Standing::goes_on);
    last = kept(last.state, last.state.next_offset - 1, 30, 0, true);
  }
  EXPECT_EQ(last.standing, Standing::tail);
}

TEST(CrawlSteps, PagesThatAreReadAgainAreNotTheTail) {
  CrawlState state{.page_size = 30, .expected = 60, .next_offset = 300, .furthest = 300};
  for (long long offset : {183LL, 212LL, 241LL, 270LL}) state = kept(state, offset, 30, 0, false).state;
  EXPECT_EQ(state.stale, 0);
}

TEST(CrawlSteps, FarMoreThanWasCountedIsAnOverrun) {
  CrawlState state{.page_size = 50, .expected = 100, .next_offset = 1200, .received = 1250, .furthest = 1200};
  EXPECT_EQ(kept(state, 1199, 50, 49, true).standing, Standing::goes_on);
  EXPECT_EQ(kept(state, 1199, 51, 49, true).standing, Standing::overrun);
}

/// A partition that changes between two pages, and a crawl of it as the worker does it.
struct Market {
  std::vector<int> rows;
  std::set<int> gone;
  std::function<void(Market&)> meanwhile = [](Market&) {};
  int pages = 0, gaps = 0;

  std::vector<int> page(long long offset, int limit) {
    meanwhile(*this);
    ++pages;
    std::vector<int> out;
    for (long long i = offset; i < std::min<long long>(offset + limit, static_cast<long long>(rows.size()));
         ++i)
      out.push_back(rows[static_cast<std::size_t>(i)]);
    return out;
  }

  void sell(std::size_t at) {
    if (at >= rows.size()) return;
    gone.insert(rows[at]);
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at));
  }

  std::set<int> crawl(int page_size) {
    struct Fetched {
      long long offset;
      std::vector<int> page;
    };
    std::set<int> seen;
    std::vector<Fetched> held_pages;
    CrawlState state{.page_size = page_size, .expected = static_cast<long long>(rows.size())};
    for (int turn = 0; turn < 100000; ++turn) {
      const long long at = offset_to_ask(state);
      const std::vector<int> came = page(at, page_size);
      const bool begins_seen = !has_to_overlap(state) || (!came.empty() && seen.contains(came.front()));
      switch (step_for(state, static_cast<int>(came.size()), begins_seen)) {
        case Step::end:
          return seen;
        case Step::restart:
          held_pages.clear();
          state = restarted(state);
          break;
        case Step::hold:
          if (!came.empty()) held_pages.push_back({at, came});
          state = held(state);
          break;
        case Step::keep: {
          gaps += begins_seen ? 0 : 1;
          const bool is_alone = held_pages.empty();
          held_pages.push_back({at, came});
          for (; !held_pages.empty(); held_pages.pop_back()) {
            int fresh = 0;
            for (const int stone : held_pages.back().page) fresh += seen.insert(stone).second ? 1 : 0;
            const Kept after = kept(state, held_pages.back().offset,
                                    static_cast<int>(held_pages.back().page.size()), fresh, is_alone);
            state = after.state;
            if (after.standing != Standing::goes_on) return seen;
          }
        }
      }
    }
    ADD_FAILURE() << "no end";
    return seen;
  }

  std::vector<int> missing(const std::set<int>& seen) const {
    std::vector<int> out;
    std::ranges::copy_if(rows, std::back_inserter(out), [&](int stone) { return !seen.contains(stone); });
    return out;
  }
};

Market market_of(int stones) {
  Market market;
  market.rows.resize(static_cast<std::size_t>(stones));
  std::iota(market.rows.begin(), market.rows.end(), 0);
  return market;
}

TEST(CrawlSteps, NothingThatStaysIsMissedWhileStonesAreSold) {
  for (const int page_size : {2, 30, 50}) {
    for (int seed = 1; seed <= 20; ++seed) {
      std::mt19937 random(static_cast<unsigned>(seed));
      Market market = market_of(page_size == 2 ? 300 : 3000);
      market.meanwhile = [&](Market& m) {
        if (random() % (page_size == 2 ? 5U : 2U) == 0 && !m.rows.empty()) m.sell(random() % m.rows.size());
      };
      const std::set<int> seen = market.crawl(page_size);
      EXPECT_TRUE(market.missing(seen).empty())
          << "pages of " << page_size << ", seed " << seed << ": " << market.missing(seen).size();
      EXPECT_EQ(market.gaps, 0);
    }
  }
}

TEST(CrawlSteps, WhatIsSoldAtOnceIsFollowedForFivePages) {
  for (const int sold : {1, 29, 30, 100, 140}) {
    Market market = market_of(2000);
    market.meanwhile = [&](Market& m) {
      if (m.pages == 20)
        for (int i = 0; i < sold; ++i) m.sell(0);
    };
    const std::set<int> seen = market.crawl(30);
    EXPECT_TRUE(market.missing(seen).empty()) << sold;
    EXPECT_EQ(market.gaps, 0) << sold;
  }
  // More than that leaves a gap, which is said.
  Market market = market_of(2000);
  market.meanwhile = [&](Market& m) {
    if (m.pages == 20)
      for (int i = 0; i < 400; ++i) m.sell(0);
  };
  market.crawl(30);
  EXPECT_EQ(market.gaps, 1);
}

TEST(CrawlSteps, StonesThatComeInBetweenHideNothing) {
  for (int seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    Market market = market_of(1500);
    int next = 10000;
    market.meanwhile = [&](Market& m) {
      if (random() % 3 == 0) m.sell(random() % m.rows.size());
      if (random() % 3 == 0)
        m.rows.insert(m.rows.begin() + static_cast<std::ptrdiff_t>(random() % m.rows.size()), next++);
    };
    const std::set<int> seen = market.crawl(30);
    const std::vector<int> missing = market.missing(seen);
    EXPECT_TRUE(std::ranges::all_of(missing, [](int stone) { return stone >= 10000; }))
        << "seed " << seed << ": " << missing.size();
  }
}

TEST(CrawlSteps, APartitionThatIsEmptiedEnds) {
  Market market = market_of(2000);
  market.meanwhile = [](Market& m) {
    if (m.pages == 30) m.rows.resize(10);
  };
  const std::set<int> seen = market.crawl(30);
  EXPECT_TRUE(market.missing(seen).empty());
  EXPECT_LT(market.pages, 50);
  EXPECT_TRUE(market_of(0).crawl(30).empty());
}

TEST(CrawlSteps, AFewStonesAreFewPages) {
  for (const int page_size : {1, 2, 30}) {
    for (int stones = 0; stones <= 4; ++stones) {
      Market market = market_of(stones);
      EXPECT_EQ(market.crawl(page_size).size(), static_cast<std::size_t>(stones)) << page_size;
      EXPECT_LE(market.pages, 2 * stones + 1) << stones << " by " << page_size;
    }
  }
}

TEST(CrawlSteps, CostsLittleWhereNothingHappens) {
  Market market = market_of(3000);
  EXPECT_EQ(market.crawl(50).size(), 3000U);
  EXPECT_LE(market.pages, 3000 / 49 + 3);
}

}  // namespace
}  // namespace am::feed
