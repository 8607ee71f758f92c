#include <atomic>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "am/kernel/rate_limit.hpp"
#include "am/market/closes.hpp"
#include "support/error_of.hpp"
#include "support/picks_desk.hpp"

namespace am::market {
namespace {

using test::FakePrices;
using test::made_up_close;
using test::TestDesk;
using test::value_of;

const Date kFriday(2025, 2, 28);
const std::vector<std::string> kSymbols = {"SPY", "AAPL", "MSFT", "XOM"};

class ClosesTest : public testing::Test {
 protected:
  std::string cached() {
    return value_of(*db_,
                    "SELECT string_agg(DISTINCT symbol, ' ' ORDER BY symbol) FROM market.daily_closes WHERE "
                    "day = $1::date",
                    kernel::sql_values(kFriday));
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  FakePrices prices_;
};

TEST(FinalAt, IsEightInTheEveningInNewYork) {
  EXPECT_EQ(format_rfc3339(final_at(Date(2025, 2, 28))), "2025-03-01T01:00:00Z");
  EXPECT_EQ(format_rfc3339(final_at(Date(2025, 7, 1))), "2025-07-02T00:00:00Z");
}

TEST_F(ClosesTest, AsksOncePerSymbolAndThenNeverAgain) {
  {
    TestDesk desk(home_, "2025-03-03T14:00:00Z");
    const ClosesOnDay day = desk.add(prices_).closes("fake").on(kFriday, kSymbols);
    EXPECT_TRUE(day.complete());
    for (const std::string& symbol : kSymbols)
      EXPECT_EQ(day.closes.at(symbol).to_string(), made_up_close(symbol, kFriday));
    EXPECT_EQ(prices_.asked().front(), "SPY");
  }
  TestDesk later(home_, "2025-03-04T14:00:00Z");
  later.add(prices_);
  EXPECT_TRUE(later.closes("fake").known(kFriday, kSymbols));
  EXPECT_TRUE(later.closes("fake").on(kFriday, kSymbols).complete());
  EXPECT_TRUE(later.closes("fake").on(Date(2025, 2, 27), {"SPY", "XOM"}).complete())
      << "earlier sessions came with the same answer";
  EXPECT_EQ(prices_.calls(), 4);
  later.closes("fake").on(kFriday, {"SPY", "AAPL", "IBM"});
  EXPECT_EQ(prices_.calls(), 5) << "only what is new";
  EXPECT_EQ(prices_.calls("IBM"), 1);
}

TEST_F(ClosesTest, TwoSourcesNeverMix) {
  FakePrices other("other");
  other.set("SPY", kFriday, "1.25");
  TestDesk desk(home_, "2025-03-03T14:00:00Z");
  desk.add(prices_).add(other);
  EXPECT_EQ(desk.closes("fake").on(kFriday, {"SPY"}).closes.at("SPY").to_string(),
            made_up_close("SPY", kFriday));
  EXPECT_EQ(desk.closes("other").on(kFriday, {"SPY"}).closes.at("SPY").to_string(), "1.25");
}

TEST_F(ClosesTest, ManyThatAskAtOnceCostOneCallPerSymbol) {
  prices_.on_call([](const std::string&) { std::this_thread::sleep_for(std::chrono::milliseconds(30)); });
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] {
        TestDesk desk(home_, "2025-03-03T14:00:00Z");
        EXPECT_TRUE(desk.add(prices_).closes("fake").on(kFriday, kSymbols).complete());
      });
    }
  }
  EXPECT_EQ(prices_.calls(), 4);
}

TEST_F(ClosesTest, TwoProcessesThatAskAtOnceCostOneCallPerSymbol) {
  // Each process counts in the database that both share.
  db_->query("CREATE TABLE calls (symbol text)");
  std::vector<pid_t> children;
  for (int i = 0; i < 2; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      int code = 1;
      try {
        TestDesk desk(home_, "2025-03-03T14:00:00Z");
        const auto counter = home_.open();
        std::mutex mutex;
        FakePrices prices;
        prices.on_call([&](const std::string& symbol) {
          const std::lock_guard lock(mutex);
          counter->query("INSERT INTO calls VALUES ($1)", kernel::sql_values(symbol));
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
        });
        code = desk.add(prices).closes("fake").on(kFriday, kSymbols).complete() ? 0 : 2;
      } catch (const std::exception&) {
      }
      _exit(code);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
  EXPECT_EQ(value_of(*db_, "SELECT string_agg(symbol, ' ' ORDER BY symbol) FROM calls"), "AAPL MSFT SPY XOM");
}

TEST_F(ClosesTest, WithoutTheBenchmarkNothingElseIsAsked) {
  prices_.hide("SPY", kFriday);
  TestDesk desk(home_, "2025-03-03T14:00:00Z");
  const ClosesOnDay day = desk.add(prices_).closes("fake").on(kFriday, kSymbols);
  EXPECT_EQ(day.missing, kSymbols);
  EXPECT_EQ(prices_.asked(), std::vector<std::string>{"SPY"});
  EXPECT_EQ(cached(), "");
  EXPECT_FALSE(desk.closes("fake").known(kFriday, kSymbols)) << "a vendor has to be asked again";
  prices_.show("SPY", kFriday);
  EXPECT_TRUE(desk.closes("fake").on(kFriday, kSymbols).complete());
}

/// A vendor with a budget in the database, of which each call takes one.
class Budgeted final : public PriceProvider {
 public:
  Budgeted(const test::TestDb& home, FakePrices& prices)
      : prices_(prices), db_(home.open()), limits_(*db_, stop_, {{"fake", {{10, std::chrono::hours(24)}}}}) {}
  const std::string& source() const override { return prices_.source(); }
  bool local() const override { return false; }
  Series fetch(std::string_view symbol, DateRange range) override {
    const std::lock_guard lock(mutex_);
    EXPECT_FALSE(held_.empty());
    const long long slot = held_.back();
    held_.pop_back();
    EXPECT_TRUE(limits_.use(slot, std::chrono::seconds(1)));
    limits_.end(slot, true);
    return prices_.fetch(symbol, range);
  }
  void reserve(int calls) override { held_ = limits_.reserve("fake", calls, std::chrono::milliseconds(0)); }
  void release() override {
    limits_.release(held_);
    held_.clear();
  }
  int used() { return limits_.status("fake").used.at(0); }

 private:
  FakePrices& prices_;
  std::unique_ptr<kernel::Db> db_;
  kernel::Stop stop_;
  kernel::RateLimiter limits_;
  std::mutex mutex_;
  std::vector<long long> held_;
};

TEST_F(ClosesTest, WhatTheBenchmarkLeavesUnaskedIsGivenBack) {
  prices_.hide("SPY", kFriday);
  Budgeted budgeted(home_, prices_);
  TestDesk desk(home_, "2025-03-03T14:00:00Z");
  desk.add(budgeted).closes("fake").on(kFriday, kSymbols);
  EXPECT_EQ(budgeted.used(), 1) << "four were reserved, one was sent";
  prices_.show("SPY", kFriday);
  prices_.fail("AAPL", Error(ErrorKind::unavailable, "no connection"));
  EXPECT_EQ(test::error_of([&] { desk.closes("fake").on(kFriday, kSymbols); }).kind(),
            ErrorKind::unavailable);
  EXPECT_LE(budgeted.used(), 5) << "after a failure too: nothing is held";
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM ops.rate_slots WHERE used_at IS NULL"), "0");
}

TEST_F(ClosesTest, KnowsTheLastCloseBeforeASession) {
  prices_.hide("MSFT", kFriday);
  TestDesk desk(home_, "2025-03-03T14:00:00Z");
  Closes& closes = desk.add(prices_).closes("fake");
  EXPECT_EQ(closes.last_close("MSFT", kFriday), std::nullopt) << "nobody was asked yet, and is not now";
  EXPECT_EQ(prices_.calls(), 0);
  closes.on(kFriday, kSymbols);
  EXPECT_EQ(closes.last_close("MSFT", kFriday), Date(2025, 2, 27));
  EXPECT_EQ(closes.last_close("IBM", kFriday), std::nullopt);
  EXPECT_EQ(prices_.calls(), 4);
}

TEST_F(ClosesTest, AMissingSymbolIsTheOnlyOneAskedAgain) {
  prices_.hide("MSFT", kFriday);
  TestDesk desk(home_, "2025-03-03T14:00:00Z");
  desk.add(prices_);
  EXPECT_EQ(desk.closes("fake").on(kFriday, kSymbols).missing, std::vector<std::string>{"MSFT"});
  EXPECT_EQ(cached(), "AAPL SPY XOM");
  prices_.show("MSFT", kFriday);
  EXPECT_TRUE(desk.closes("fake").on(kFriday, kSymbols).complete());
  EXPECT_EQ(prices_.calls(), 5);
  EXPECT_EQ(prices_.calls("MSFT"), 2);
}

TEST_F(ClosesTest, ACloseIsNotUsedBeforeItIsFinal) {
  TestDesk desk(home_, "2025-03-01T00:59:59Z");  // one second before 20:00 in New York
  desk.add(prices_);
  const auto early = desk.closes("fake").known(kFriday, kSymbols);
  ASSERT_TRUE(early) << "no vendor can help";
  EXPECT_EQ(early->missing, kSymbols);
  EXPECT_EQ(desk.closes("fake").on(kFriday, kSymbols).missing, kSymbols);
  desk.closes("fake").prefetch(kSymbols, {kFriday, kFriday});
  EXPECT_EQ(prices_.calls(), 0);
  desk.clock.set("2025-03-01T01:00:00Z");
  EXPECT_TRUE(desk.closes("fake").on(kFriday, kSymbols).complete());
  desk.clock.set("2025-03-01T00:59:59Z");
  EXPECT_EQ(desk.closes("fake").on(kFriday, kSymbols).missing, kSymbols)
      << "nor is one from the cache, in a replay of that moment";
}

TEST_F(ClosesTest, WhatIsNotFinalYetIsNotCached) {
  // A vendor that answers with more than it was asked for, up to a day that has not ended anywhere.
  class Eager final : public PriceProvider {
   public:
    const std::string& source() const override { return source_; }
    bool local() const override { return false; }
    Series fetch(std::string_view symbol, DateRange range) override {
      const Date tomorrow = Date(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now())) + 1;
      const Decimal close = Decimal::of(made_up_close(symbol, range.last));
      return {{{range.last, close}, {tomorrow, close}}, {}, {}};
    }

   private:
    std::string source_ = "eager";
  } eager;
  TestDesk desk(home_, "2025-03-03T14:00:00Z");
  EXPECT_TRUE(desk.add(eager).closes("eager").on(kFriday, kSymbols).complete());
  EXPECT_EQ(value_of(*db_, "SELECT max(day)::text FROM market.daily_closes"), "2025-02-28");
}

TEST_F(ClosesTest, AFailureHalfWayKeepsWhatCame) {
  prices_.fail("XOM", Error(ErrorKind::unavailable, "no connection"));
  TestDesk desk(home_, "2025-03-03T14:00:00Z");
  desk.add(prices_);
  EXPECT_EQ(test::error_of([&] { desk.closes("fake").on(kFriday, kSymbols); }).kind(),
            ErrorKind::unavailable);
  EXPECT_NE(cached().find("SPY"), std::string::npos);
  EXPECT_EQ(value_of(*db_, "SELECT status FROM ops.runs"), "failed");
  const int before = prices_.calls();
  const std::string had = cached();
  const int lacking = 4 - static_cast<int>(std::count(had.begin(), had.end(), ' ')) - 1;
  prices_.heal();
  EXPECT_TRUE(desk.closes("fake").on(kFriday, kSymbols).complete());
  EXPECT_EQ(prices_.calls() - before, lacking);
  EXPECT_EQ(prices_.calls("SPY"), 1);
}

TEST_F(ClosesTest, ARefusedRecordIsNeitherMissingNorCached) {
  prices_.refuse("AAPL", kFriday, "AAPL: close \"-1\" is not above zero");
  TestDesk desk(home_, "2025-03-03T14:00:00Z");
  const ClosesOnDay day = desk.add(prices_).closes("fake").on(kFriday, kSymbols);
  EXPECT_FALSE(day.complete());
  EXPECT_TRUE(day.missing.empty());
  EXPECT_EQ(day.refused.at("AAPL"), "AAPL: close \"-1\" is not above zero");
  EXPECT_EQ(cached(), "MSFT SPY XOM");
}

TEST_F(ClosesTest, ADayBeforeTheAnswersBeginningIsOutOfReach) {
  prices_.reach_back_to(Date(2025, 3, 3));
  TestDesk desk(home_, "2025-06-03T14:00:00Z");
  const ClosesOnDay day = desk.add(prices_).closes("fake").on(kFriday, kSymbols);
  EXPECT_FALSE(day.complete());
  EXPECT_EQ(day.out_of_reach.at("SPY"), Date(2025, 3, 3));
  EXPECT_EQ(day.missing, (std::vector<std::string>{"AAPL", "MSFT", "XOM"})) << "not asked";
  EXPECT_EQ(prices_.calls(), 1);
}

TEST_F(ClosesTest, WarnsOfASplit) {
  prices_.set("AAPL", Date(2025, 2, 27), "100");
  prices_.set("AAPL", kFriday, "125.01");
  prices_.set("MSFT", Date(2025, 2, 27), "100");
  prices_.set("MSFT", kFriday, "125");
  prices_.set("XOM", Date(2025, 2, 27), "100");
  prices_.set("XOM", kFriday, "25");
  TestDesk desk(home_, "2025-03-03T14:00:00Z");
  const auto day = desk.add(prices_).closes("fake").on(kFriday, kSymbols);
  EXPECT_TRUE(day.complete()) << "a warning is no refusal";
  ASSERT_EQ(day.unexplained.size(), 2U);
  EXPECT_EQ(day.unexplained[0].text(), "AAPL: close 125.01 on 2025-02-28 after 100 on 2025-02-27 (a split?)");
  EXPECT_EQ(day.unexplained[1].symbol, "XOM");
  EXPECT_EQ(desk.closes("fake").on(kFriday, kSymbols).unexplained.size(), 2U) << "from the cache too";
}

TEST_F(ClosesTest, TheFirstAnswerStays) {
  TestDesk desk(home_, "2025-03-03T14:00:00Z");
  desk.add(prices_);
  desk.closes("fake").on(kFriday, {"SPY", "AAPL"});
  prices_.set("AAPL", kFriday, "999");
  prices_.set("SPY", kFriday, "999");
  desk.clock.set("2025-03-04T14:00:00Z");
  desk.closes("fake").on(Date(2025, 3, 3), {"SPY", "AAPL"});  // a new answer that says otherwise about Friday
  EXPECT_EQ(desk.closes("fake").on(kFriday, {"SPY", "AAPL"}).closes.at("AAPL").to_string(),
            made_up_close("AAPL", kFriday));
}

// As versions before this one kept them: read as numbers or not, they are no closes.
TEST_F(ClosesTest, ACachedCloseThatCannotBeRightIsAskedForAnewAndReplaced) {
  for (const char* bad : {"1e-99", "1e-400", "1e300", "10000000.01", "NaN"}) {
    db_->query("DELETE FROM market.daily_closes");
    db_->query("ALTER TABLE market.daily_closes DROP CONSTRAINT IF EXISTS daily_closes_close_check");
    TestDesk desk(home_, "2025-03-03T14:00:00Z");
    desk.add(prices_).closes("fake").on(kFriday, kSymbols);
    db_->query("UPDATE market.daily_closes SET close = $1::numeric WHERE symbol = 'AAPL' AND day = $2::date",
               kernel::sql_values(bad, kFriday));
    const int before = prices_.calls();
    TestDesk later(home_, "2025-03-03T14:00:00Z");
    const ClosesOnDay day = later.add(prices_).closes("fake").on(kFriday, kSymbols);
    EXPECT_TRUE(day.complete()) << bad;
    EXPECT_EQ(day.closes.at("AAPL").to_string(), made_up_close("AAPL", kFriday));
    EXPECT_EQ(prices_.calls() - before, 1) << "only what cannot be right";
    EXPECT_NE(later.lines.str().find("market.daily_closes (fake, AAPL, 2025-02-28): close "),
              std::string::npos)
        << later.lines.str();
    EXPECT_LT(later.lines.str().size(), 2000U);
    EXPECT_TRUE(later.closes("fake").known(kFriday, kSymbols)) << "it is healed";
    EXPECT_EQ(prices_.calls() - before, 1);
  }
}

TEST_F(ClosesTest, AShareInTwoSpellingsCostsOneCall) {
  TestDesk desk(home_, "2025-03-03T14:00:00Z");
  desk.add(prices_);
  const auto dot = desk.closes("fake").on(kFriday, {"SPY", "BRK.B"});
  const auto hyphen = desk.closes("fake").on(kFriday, {"spy", "BRK-B"});
  EXPECT_EQ(prices_.calls(), 2);
  EXPECT_EQ(dot.closes.at("BRK.B"), hyphen.closes.at("BRK-B"));
  EXPECT_EQ(cached(), "BRK.B SPY");
  // Kept as they came by earlier versions, twice: the first answer counts.
  db_->query("UPDATE market.daily_closes SET symbol = 'BRK-B' WHERE symbol = 'BRK.B'");
  db_->query(
      "INSERT INTO market.daily_closes SELECT source, 'BRK.B', day, close + 1, fetched_at + interval '1 hour' FROM "
      "market.daily_closes WHERE symbol = 'BRK-B'");
  EXPECT_EQ(desk.closes("fake").on(kFriday, {"SPY", "BRK.B"}).closes.at("BRK.B"), dot.closes.at("BRK.B"));
  EXPECT_EQ(prices_.calls(), 2);
}

TEST_F(ClosesTest, PrefetchCostsOneCallPerSymbol) {
  TestDesk desk(home_, "2025-03-24T14:00:00Z");
  desk.add(prices_);
  const DateRange two_weeks{Date(2025, 3, 3), Date(2025, 3, 16)};
  desk.closes("fake").prefetch(kSymbols, two_weeks);
  EXPECT_EQ(prices_.calls(), 4);
  for (Date day = two_weeks.first; day <= two_weeks.last; day = day + 1) {
    if (day.weekday() == std::chrono::Saturday || day.weekday() == std::chrono::Sunday) continue;
    const auto known = desk.closes("fake").known(day, kSymbols);
    ASSERT_TRUE(known && known->complete()) << day.to_string();
  }
  desk.closes("fake").prefetch(kSymbols, two_weeks);
  EXPECT_EQ(prices_.calls(), 4);
  desk.closes("fake").prefetch({"SPY", "IBM"}, two_weeks);
  EXPECT_EQ(prices_.calls(), 5) << "only what has a hole";
}

TEST_F(ClosesTest, PrefetchesAtOnceCostOneCallPerSymbol) {
  prices_.on_call([](const std::string&) { std::this_thread::sleep_for(std::chrono::milliseconds(20)); });
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        TestDesk desk(home_, "2025-03-24T14:00:00Z");
        desk.add(prices_).closes("fake").prefetch(kSymbols, {Date(2025, 3, 3), Date(2025, 3, 16)});
      });
    }
  }
  EXPECT_EQ(prices_.calls(), 4);
}

TEST_F(ClosesTest, AWaitForAnotherFetchEndsAsBusy) {
  TestDesk holder(home_, "2025-03-03T14:00:00Z");
  const kernel::Claim claim = holder.ledger.claim("fetch_closes_v1", "fake", "{}", true);
  kernel::LedgerOptions options;
  options.fail_when_busy = true;
  TestDesk desk(home_, "2025-03-03T14:00:00Z", options);
  EXPECT_EQ(test::error_of([&] { desk.add(prices_).closes("fake").on(kFriday, kSymbols); }).kind(),
            ErrorKind::busy);
  EXPECT_EQ(prices_.calls(), 0);
}

}  // namespace
}  // namespace am::market
