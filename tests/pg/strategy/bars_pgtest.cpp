// market.bars: what is stored is read back to the bit, a revision replaces, and pieces join.

#include <gmock/gmock.h>

#include "am/strategy/bars.hpp"
#include "support/pg.hpp"
#include "support/strategy_bars.hpp"

namespace am::strategy {
namespace {

using test::bar_at;
using test::kMinute;
using test::kOpen;
using test::walk;
using testing::ElementsAreArray;
using testing::IsEmpty;

class StoredBars : public testing::Test {
 protected:
  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  const BarKey key_{.symbol = "AAPL", .timeframe = "1m"};
};

TEST_F(StoredBars, AreReadBackToTheBit) {
  std::vector<Bar> bars = walk(300);
  bars[7].volume = 0.1 + 0.2;
  bars[8].close = 100.00000000000001;
  bars[8].open = bars[8].low = 1e-9;
  bars[8].high = 999'999'999'999.9999;
  // Whatever a role says of digits.
  const auto tx = db_->begin();
  tx->query("SET LOCAL extra_float_digits = 0");
  EXPECT_EQ(store_bars(*tx, key_, bars), bars.size());
  EXPECT_THAT(read_bars(*tx, key_, kOpen, kOpen + 300 * kMinute), ElementsAreArray(bars));
  EXPECT_THAT(read_all_bars(*tx, key_, 0, INT64_MAX), ElementsAreArray(bars));
  tx->commit();
}

TEST_F(StoredBars, ChangeOnlyWhereTheyDiffer) {
  std::vector<Bar> bars = walk(10);
  EXPECT_EQ(store_bars(*db_, key_, bars), 10U);
  EXPECT_EQ(store_bars(*db_, key_, bars), 0U);
  bars[3].close = bars[3].high;
  EXPECT_EQ(store_bars(*db_, key_, bars), 1U);
  EXPECT_THAT(read_bars(*db_, key_, kOpen, kOpen + kMinute * 10), ElementsAreArray(bars));
}

TEST_F(StoredBars, OfOneStartTheLastCounts) {
  const std::vector<Bar> bars{bar_at(1, 50), bar_at(0, 40), bar_at(1, 60)};
  EXPECT_EQ(store_bars(*db_, key_, bars), 2U);
  EXPECT_THAT(read_bars(*db_, key_, kOpen, kOpen + kMinute * 2),
              testing::ElementsAre(bar_at(0, 40), bar_at(1, 60)));
}

TEST_F(StoredBars, AreOfTheirSymbolAndTimeframe) {
  store_bars(*db_, key_, walk(5));
  EXPECT_THAT(read_bars(*db_, {.symbol = "MSFT", .timeframe = "1m"}, 0, kOpen * 2), IsEmpty());
  EXPECT_THAT(read_bars(*db_, {.symbol = "AAPL", .timeframe = "5m"}, 0, kOpen * 2), IsEmpty());
  EXPECT_THAT(read_bars(*db_, key_, kOpen + kMinute, kOpen + kMinute), IsEmpty()) << "before the end";
}

TEST_F(StoredBars, TheLastAreThoseThatHaveEnded) {
  const auto bars = walk(10);
  store_bars(*db_, key_, bars);
  EXPECT_THAT(last_bars(*db_, key_, kOpen + 5 * kMinute, 3),
              ElementsAreArray(bars.begin() + 2, bars.begin() + 5));
  EXPECT_THAT(last_bars(*db_, key_, kOpen + 5 * kMinute - 1, 1),
              ElementsAreArray(bars.begin() + 3, bars.begin() + 4));
  EXPECT_THAT(last_bars(*db_, key_, kOpen, 5), IsEmpty());
}

}  // namespace
}  // namespace am::strategy
