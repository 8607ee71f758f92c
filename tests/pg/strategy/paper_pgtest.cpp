#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "am/strategy/brokers.hpp"
#include "support/pg.hpp"

namespace am::strategy {
namespace {

OrderRequest paper_buy(char mark, const char* quantity = "1.5") {
  return {.client_order_id = "am-" + std::string(40, mark),
          .symbol = "BTC/USD",
          .asset = AssetType::crypto,
          .side = Side::buy,
          .quantity = Decimal::of(quantity),
          .limit_price = 101,
          .signal_price = 100};
}

struct PaperBed {
  test::TestDb home;
  PaperOptions options{.slippage_bps = 10, .fee_bps = 25};
  std::unique_ptr<Broker> start() const {
    return make_paper_broker(options, {.url = home.url(), .probe = {}});
  }
  std::unique_ptr<Broker> broker = start();
};

TEST(PaperBroker, FillsAtOnceAndKeepsIt) {
  PaperBed bed;
  const Placed placed = bed.broker->place(paper_buy('a'));
  ASSERT_EQ(placed.what, Placed::What::accepted);
  ASSERT_TRUE(placed.order);
  EXPECT_FALSE(placed.order->open);
  EXPECT_EQ(placed.order->filled_quantity, Decimal::of("1.5"));
  EXPECT_EQ(placed.order->average_price, Decimal::of("100.1"));
  EXPECT_EQ(placed.order->fee, Decimal::of("0.38"));  // 0.375375
  EXPECT_EQ(bed.broker->positions(), (std::map<std::string, Decimal>{{"BTC/USD", Decimal::of("1.5")}}));
}

TEST(PaperBroker, AnotherProcessFindsTheOrderAsItWas) {
  PaperBed bed;
  bed.broker->place(paper_buy('a'));
  bed.options.slippage_bps = 50;  // changed before the restart
  bed.broker = bed.start();
  const auto found = bed.broker->find("am-" + std::string(40, 'a'));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->average_price, Decimal::of("100.1"));
  EXPECT_FALSE(bed.broker->find("am-" + std::string(40, 'b')));
}

TEST(PaperBroker, PlacedAgainItIsTheSameOrder) {
  PaperBed bed;
  bed.broker->place(paper_buy('a'));
  const Placed again = bed.broker->place(paper_buy('a', "7"));
  ASSERT_TRUE(again.order);
  EXPECT_EQ(again.order->filled_quantity, Decimal::of("1.5"));
  EXPECT_EQ(bed.broker->positions().at("BTC/USD"), Decimal::of("1.5"));
}

TEST(PaperBroker, ListsOrdersSinceAMoment) {
  PaperBed bed;
  const auto db = bed.home.open();
  bed.broker->place(paper_buy('a'));
  const kernel::Rows rows =
      db->query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now");
  const Instant between = rows.only().micros("now");
  bed.broker->place(paper_buy('b'));
  const auto orders = bed.broker->orders_since(between);
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(orders[0].client_order_id, "am-" + std::string(40, 'b'));
  EXPECT_EQ(bed.broker->orders_since(between - std::chrono::hours(1)).size(), 2U);
}

TEST(PaperBroker, WhatIsSoldIsNotHeld) {
  PaperBed bed;
  bed.broker->place(paper_buy('a'));
  OrderRequest sale = paper_buy('b');
  sale.side = Side::sell;
  sale.limit_price = 99;
  EXPECT_EQ(bed.broker->place(sale).order->average_price, Decimal::of("99.9"));
  EXPECT_TRUE(bed.broker->positions().empty());
}

TEST(PaperBroker, ManyThreadsPlaceAtOnce) {
  PaperBed bed;
  std::vector<std::thread> threads;
  for (char mark = 'a'; mark < 'i'; ++mark) {
    threads.emplace_back([&bed, mark] {
      for (int n = 0; n < 5; ++n) bed.broker->place(paper_buy(mark, "1"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(bed.broker->positions().at("BTC/USD"), 8);
}

TEST(PaperBroker, ADatabaseThatIsAwayLeavesItUnknown) {
  const auto broker = make_paper_broker({.slippage_bps = 0, .fee_bps = 0},
                                        {.url = "postgresql://127.0.0.1:1/none", .probe = {}});
  const Placed placed = broker->place(paper_buy('a'));
  EXPECT_EQ(placed.what, Placed::What::unknown);
  EXPECT_FALSE(placed.reason.empty());
}

}  // namespace
}  // namespace am::strategy
