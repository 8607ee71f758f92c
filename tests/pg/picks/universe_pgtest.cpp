// Closes of a vendor's universe: fetched little by little, and read for a report.

#include <gtest/gtest.h>

#include "am/picks/universe.hpp"
#include "support/error_of.hpp"
#include "support/picks_desk.hpp"

namespace am::picks {
namespace {

using test::FakePrices;
using test::made_up_close;
using test::TestDesk;
using test::value_of;

const Date kLastFriday(2025, 2, 28);
constexpr const char* kNow = "2025-03-03T14:00:00Z";

market::Universe names(int count) {
  market::Universe universe{"made up", Date(2024, 1, 2), {}, {}};
  for (int i = 0; i < count; ++i)
    universe.symbols.push_back(std::string("N") + static_cast<char>('A' + i / 26) +
                               static_cast<char>('A' + i % 26));
  return universe;
}

class UniverseFetchTest : public testing::Test {
 protected:
  UniverseFetch fetch(const market::Universe& universe, const char* now = kNow) {
    TestDesk desk(home_, now);
    Workbench bench = desk.add(prices_).desk();
    return fetch_universe(bench, "fake", universe);
  }
  std::string cached() {
    return value_of(*db_, "SELECT count(DISTINCT symbol)::text FROM market.daily_closes");
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  FakePrices prices_;
};

TEST_F(UniverseFetchTest, AsksForADueNameOnceAndThenNotForSixtySessions) {
  const UniverseFetch first = fetch(names(3));
  EXPECT_EQ(first.fetched, 3);
  EXPECT_EQ(first.due, 0);
  EXPECT_EQ(prices_.calls(), 3);
  EXPECT_EQ(fetch(names(3)).fetched, 0);
  // 2025-02-28 is 59 sessions before 2025-05-23, and 60 before 2025-05-27 (Memorial Day between).
  EXPECT_EQ(fetch(names(3), "2025-05-27T14:00:00Z").fetched, 0);
  EXPECT_EQ(prices_.calls(), 3);
  EXPECT_EQ(fetch(names(3), "2025-05-28T14:00:00Z").fetched, 3);
  EXPECT_EQ(prices_.calls(), 6);
}

TEST_F(UniverseFetchTest, TakesATurnOfManyNamesAndGoesOnWhereItEnded) {
  const UniverseFetch first = fetch(names(50));
  EXPECT_EQ(first.fetched, kUniverseAtOnce);
  EXPECT_EQ(first.due, 50 - kUniverseAtOnce);
  fetch(names(50));
  const UniverseFetch last = fetch(names(50));
  EXPECT_EQ(last.fetched, 50 - 2 * kUniverseAtOnce);
  EXPECT_EQ(last.due, 0);
  EXPECT_EQ(prices_.calls(), 50) << "nobody was asked for twice";
}

TEST_F(UniverseFetchTest, EndsWithoutAnErrorWhenTheBudgetIsSpent) {
  prices_.fail("NAC", Error(ErrorKind::deferred, "the day's budget is spent"));
  const UniverseFetch result = fetch(names(5));
  EXPECT_EQ(result.fetched, 2);
  EXPECT_EQ(result.due, 3);
  EXPECT_TRUE(result.warnings.empty());
  prices_.heal();
  EXPECT_EQ(fetch(names(5)).fetched, 3);
}

TEST_F(UniverseFetchTest, ANameThatNobodyKnowsIsToldOfOnceAndDoesNotHoldUpTheOthers) {
  prices_.fail("NAA", Error(ErrorKind::data, "fake NAA: unknown symbol"));
  const UniverseFetch result = fetch(names(3));
  EXPECT_EQ(result.fetched, 3);
  ASSERT_EQ(result.warnings.size(), 1U);
  EXPECT_EQ(result.warnings[0], "universe NAA: fake NAA: unknown symbol");
  EXPECT_EQ(cached(), "2");
  EXPECT_EQ(value_of(*db_, "SELECT string_agg(concat_ws(' ', job, status), ',') FROM ops.runs"),
            "fetch_closes_v1 done");
  EXPECT_EQ(fetch(names(3)).warnings.size(), 0U);
  EXPECT_EQ(prices_.calls("NAA"), 1);
}

TEST_F(UniverseFetchTest, ALocalSourceIsNotAsked) {
  class Local final : public market::PriceProvider {
   public:
    const std::string& source() const override { return source_; }
    bool local() const override { return true; }
    market::Series fetch(std::string_view, DateRange) override {
      ADD_FAILURE() << "asked";
      return {};
    }

   private:
    std::string source_ = "csv:/m";
  } local;
  TestDesk desk(home_, kNow);
  Workbench bench = desk.add(local).desk();
  EXPECT_EQ(fetch_universe(bench, "csv:/m", names(3)).fetched, 0);
}

BatchHistory batch_of(const std::string& source) {
  BatchHistory history;
  history.batch.run_date = Date(2025, 3, 3);
  history.batch.benchmark_symbol = "SPY";
  history.batch.price_source = source;
  history.batch.picks = {{"1", {"BRK-B", Action::buy, "why"}, Decimal(1)},
                         {"2", {"XOM", Action::sell, "why"}, Decimal(1)}};
  history.baseline = kLastFriday;
  return history;
}

TEST(WantedCloses, AreOfEachSourceFromABetasWindowToTheLastDay) {
  const std::vector<WantedCloses> wanted = wanted_closes({batch_of("stooq"), batch_of("fake")});
  ASSERT_EQ(wanted.size(), 2U);
  EXPECT_EQ(wanted[0].source, "fake");
  EXPECT_EQ(wanted[1].symbols, (std::set<std::string>{"BRK.B", "SPY", "XOM"}));
  EXPECT_EQ(wanted[1].from, kLastFriday - kClosesBefore);
  EXPECT_EQ(wanted[1].to, Date(2025, 3, 17));
}

TEST_F(UniverseFetchTest, AReportReadsWhatTheCacheHasUnderAnySpelling) {
  db_->query(
      "INSERT INTO market.daily_closes (source, symbol, day, close, fetched_at) VALUES "
      "('fake', 'BRK.B', '2025-02-28', 514.25, now()), ('fake', 'BRK-B', '2025-02-28', 1, now() + interval '1 s'), "
      "('fake', 'BRK-B', '2025-02-27', 510.5, now() + interval '1 s'), ('fake', 'SPY', '2025-02-28', 594.18, now()), "
      "('fake', 'XOM', 'infinity', 7, now()), ('fake', 'XOM', '2023-02-28', 7, now()), "
      "('fake', 'SPY', '2025-02-27', 1e-9, now()), ('other', 'SPY', '2025-02-26', 9, now())");
  const WantedCloses wanted = wanted_closes({batch_of("fake")}).front();
  const auto query = [&](const kernel::Statement& statement) {
    return db_->query(statement.sql, statement.values);
  };
  const SourceCloses closes = read_closes(wanted, {}, query);
  EXPECT_FALSE(closes.universe);
  EXPECT_EQ(closes.problem, "");
  ASSERT_EQ(closes.closes.size(), 2U);
  EXPECT_EQ(closes.closes.at("BRK.B").closes.size(), 2U);
  EXPECT_EQ(*closes.closes.at("BRK.B").find(kLastFriday), Decimal::of("514.25")) << "what was fetched first";
  EXPECT_EQ(*closes.closes.at("BRK.B").find(Date(2025, 2, 27)), Decimal::of("510.5"));
  EXPECT_EQ(closes.closes.at("SPY").closes.size(), 1U) << "what cannot be right is left out";
  const SourceCloses without = read_closes(wanted, {"/nowhere/universe.toml", {}}, query);
  EXPECT_FALSE(without.universe);
  EXPECT_NE(without.problem.find("/nowhere/universe.toml"), std::string::npos) << without.problem;
  EXPECT_EQ(without.closes.size(), 2U) << "the verdict stands without a control";
}

}  // namespace
}  // namespace am::picks
