// Stopping: nothing is ordered after it, what is open is cancelled, and it lasts.

#include <condition_variable>
#include <thread>

#include "gateway_bed.hpp"

namespace am::strategy {
namespace {

using Do = test::ScriptedBroker::Do;
using std::chrono::milliseconds;

class GatewayHalt : public GatewayBed {
 protected:
  void halt_all() {
    const auto tx = db_->begin();
    set_global_trading(*tx, Trading::halted, "by hand");
    tx->commit();
  }
  Quiet quiet(milliseconds most, bool all = false) { return quiet_orders(*db_, "", most, stop_, all); }
  void set_session(Trading trading) {
    const auto tx = db_->begin();
    set_trading(*tx, session_, trading, "by hand");
    tx->commit();
  }

  Flatten request() {
    const auto tx = db_->begin();
    const Flatten flatten = request_flatten(*tx, {.session_id = session_, .now = gateway_now()});
    tx->commit();
    return flatten;
  }

  kernel::Stop stop_;
};

TEST_F(GatewayHalt, UnderAStormOfSignalsNothingIsOrderedAfterIt) {
  process();
  std::atomic<bool> over = false;
  std::atomic<int> executed = 0;
  std::vector<std::thread> storm;
  for (int i = 0; i < 4; ++i) {
    storm.emplace_back([&] {
      const auto db = home_.open();
      while (!over)
        executed +=
            process_->gateway.execute(*db, signal_post(session_, Side::buy, "0.01")).status == 201 ? 1 : 0;
    });
  }
  while (executed < 8) std::this_thread::sleep_for(milliseconds(1));
  halt_all();
  EXPECT_TRUE(quiet(std::chrono::seconds(10)).complete());
  const int placed = broker_.places();
  std::this_thread::sleep_for(milliseconds(100));  // the storm goes on
  over = true;
  for (std::thread& each : storm) each.join();
  EXPECT_EQ(broker_.places(), placed);
  EXPECT_EQ(said(buy("1")), "not_trading");
  process_.reset();
  EXPECT_EQ(said(buy("1")), "not_trading") << "also after a restart";
  EXPECT_EQ(broker_.places(), placed);
}

/// Signals that overlap share its row without an end; whoever wants it comes to its turn all the same.
TEST_F(GatewayHalt, OfEverythingIsNotKeptWaitingBySignalsThatFollowEachOther) {
  process();
  halt_all();  // the row is there
  const auto one = home_.open();
  const auto other = home_.open();
  auto first = one->begin();
  first->query("SELECT trading FROM trading.switch FOR SHARE");
  const std::string waits =
      "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'trading.switch'::regclass AND mode = 'ExclusiveLock' AND "
      "database = (SELECT oid FROM pg_database WHERE datname = current_database())";
  std::thread resume([&] {
    const auto db = home_.open();
    const auto tx = db->begin();
    set_global_trading(*tx, Trading::active, "");
    tx->commit();
  });
  while (value(waits) != "1") std::this_thread::sleep_for(milliseconds(1));
  auto second = other->begin();
  second->query("SET LOCAL lock_timeout = '50ms'");
  EXPECT_THROW(second->query("SELECT trading FROM trading.switch FOR SHARE"), Error) << "it is behind";
  second.reset();
  first.reset();
  resume.join();
  EXPECT_EQ(value("SELECT trading FROM trading.switch"), "ACTIVE");
}

TEST_F(GatewayHalt, WaitsForWhatIsJustBeingPlaced) {
  std::mutex mutex;
  std::condition_variable changed;
  bool reached = false;
  bool released = false;
  broker_.probe([&](std::string_view what) {
    if (what != "place") return;
    std::unique_lock lock(mutex);
    reached = true;
    changed.notify_all();
    changed.wait(lock, [&] { return released; });
  });
  process();
  std::thread sender([&] {
    const auto db = home_.open();
    process_->gateway.execute(*db, signal_post(session_, Side::buy, "1"));
  });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return reached; });
  }
  halt_all();
  EXPECT_EQ(quiet(milliseconds(60)).placing, 1);
  {
    const std::lock_guard lock(mutex);
    released = true;
  }
  changed.notify_all();
  EXPECT_TRUE(quiet(std::chrono::seconds(10)).complete());
  sender.join();
  EXPECT_EQ(held(), "1 for 100.00");
}

TEST_F(GatewayHalt, CancelsWhatIsOpen) {
  broker_.will({Do::keep});
  buy("1");
  halt_all();
  EXPECT_EQ(quiet(milliseconds(0)).open, 1);
  process().sweep();
  EXPECT_EQ(broker_.cancels(), 1);
  EXPECT_TRUE(quiet(milliseconds(0)).complete());
  EXPECT_EQ(reserved(), "0.00");
}

TEST_F(GatewayHalt, OfASessionEndsItsOrdersAlone) {
  const std::string other = insert_session(*db_, "1", Mode::paper, "MSFT");
  broker_.will({Do::keep, Do::keep});
  buy("1");
  process().execute(signal_post(other, Side::buy, "1", "100", "MSFT"));
  set_session(Trading::halted);
  process().sweep();
  EXPECT_EQ(broker_.cancels(), 1);
  EXPECT_EQ(said(buy("1")), "not_trading");
  EXPECT_EQ(process().execute(signal_post(other, Side::buy, "1", "100", "MSFT")).status, 201);
}

TEST_F(GatewayHalt, ReducingSellsOnly) {
  buy("2");
  broker_.will({Do::keep});
  buy("1", "97");
  set_session(Trading::reducing);
  EXPECT_EQ(said(buy("1")), "not_trading");
  EXPECT_EQ(said(sell("1")), "filled");
  process().sweep();
  EXPECT_EQ(broker_.cancels(), 1) << "of the buy";
}

TEST_F(GatewayHalt, AProfitThatCannotBeComputedHaltsTheSession) {
  options_.profit = [](const ProfitInputs&) -> Decimal { throw std::runtime_error("no such number"); };
  EXPECT_EQ(said(buy("1")), "filled");
  EXPECT_EQ(held(), "1 for 100.00") << "what was filled is booked";
  EXPECT_EQ(trading(), "HALTED");
  EXPECT_EQ(said(sell("1")), "not_trading");
}

TEST_F(GatewayHalt, AFillThatCannotBeBookedHaltsTheSession) {
  broker_.will({Do::keep});
  buy("1");
  broker_.fill(broker_.open_ids().at(0), 5, 100);
  process().sweep();
  EXPECT_EQ(trading(), "HALTED");
  EXPECT_EQ(held(), "");
  EXPECT_EQ(value("SELECT reason FROM trading.orders"),
            "a fill can't be booked: fill: more than was ordered (5 of 1.000000000)");
}

TEST_F(GatewayHalt, TooFarBelowItsHighestValueASessionMaySellOnly) {
  db_->query("UPDATE trading.users SET virtual_balance = 2000");
  db_->query(
      "INSERT INTO trading.cash_entries (user_id, kind, amount, balance, created_at) SELECT id, 'correction', 2000 - 100000, "
      "2000, clock_timestamp() FROM trading.users");
  options_.limits.max_drawdown_pct = 20;
  buy("10");
  EXPECT_EQ(sell("1", "61").status, 201);  // worth 1610
  EXPECT_EQ(trading(), "ACTIVE");
  EXPECT_EQ(sell("1", "59").status, 201);  // worth 1592 and less
  EXPECT_EQ(trading(), "REDUCING");
  EXPECT_EQ(said(buy("1")), "not_trading");
  EXPECT_EQ(said(sell("8")), "filled");
}

TEST_F(GatewayHalt, TheLastKnownPriceIsWatchedBetweenOrders) {
  options_.limits.max_drawdown_pct = 20;
  buy("500");
  db_->query("INSERT INTO market.bars VALUES ('AAPL', '1m', '2026-11-25T14:58:00Z', 59, 59, 59, 59, 1)");
  process().sweep();
  EXPECT_EQ(trading(), "REDUCING");
}

TEST_F(GatewayHalt, FlattenSellsExactlyWhatIsHeldWhateverTheStateIs) {
  buy("3.123456789", "100");
  broker_.will({Do::keep});
  sell("1");
  EXPECT_THROW(request(), Error) << "an order is open";
  halt_all();
  set_session(Trading::halted);
  EXPECT_EQ(quiet(milliseconds(0)).open, 1);
  process().sweep();
  const Flatten flatten = request();
  EXPECT_EQ(flatten.quantity, Decimal::of("3.123456789"));
  process().sweep();
  EXPECT_EQ(order_state(*db_, flatten.order_id)->status, "filled");
  EXPECT_EQ(held(), "");
  EXPECT_TRUE(request().order_id.empty()) << "nothing is held";
}

TEST_F(GatewayHalt, WhatWasAskedForAndNotSentIsNotSentAfterIt) {
  buy("1");
  const Flatten flatten = request();
  halt_all();
  EXPECT_TRUE(quiet(milliseconds(0)).complete());
  process().sweep();
  EXPECT_EQ(broker_.places(), 1);
  EXPECT_EQ(order_state(*db_, flatten.order_id)->status, "rejected");
}

class GatewayStart : public GatewayBed {};

TEST_F(GatewayStart, AMismatchIsSeenAndCanBeAdopted) {
  buy("2");
  EXPECT_TRUE(compare_positions(*db_, process().gateway).empty());
  broker_.hold("TSLA", 7);
  broker_.hold("AAPL", Decimal(-1));
  const auto mismatches = compare_positions(*db_, process().gateway);
  ASSERT_EQ(mismatches.size(), 2U);
  EXPECT_EQ(mismatches[0].symbol, "AAPL");
  EXPECT_EQ(mismatches[0].booked, 2);
  EXPECT_EQ(mismatches[0].held, 1);
  adopt(*db_, process().gateway, mismatches);
  EXPECT_TRUE(compare_positions(*db_, process().gateway).empty());
  buy("1");
  EXPECT_TRUE(compare_positions(*db_, process().gateway).empty());
}

TEST_F(GatewayStart, MoneyWantsThreeWordsForIt) {
  broker_.live(true);
  EXPECT_THROW(process(), Error) << "without --live";
  options_.live = true;
  EXPECT_EQ(said(buy("1")), "wrong_mode") << "the session is on paper";
  db_->query("UPDATE trading.sessions SET mode = 'live'");
  EXPECT_EQ(said(buy("1")), "collar") << "with money a recent bar has to be known";
  db_->query("INSERT INTO market.bars VALUES ('AAPL', '1m', '2026-11-25T14:58:00Z', 100, 100, 100, 100, 1)");
  EXPECT_EQ(said(buy("1")), "filled");
  EXPECT_EQ(value("SELECT mode || ' ' || broker FROM trading.orders"), "live scripted-live");
  process_.reset();
  broker_.live(false);
  EXPECT_THROW(process(), Error) << "--live without money";
  options_.live = false;
  EXPECT_EQ(said(buy("1")), "wrong_mode");
}

TEST_F(GatewayStart, FeesInQuantityAreCorrectedByWhatIsPosted) {
  const std::string coin = insert_session(*db_, "1", Mode::paper, "BTC/USD");
  broker_.fee_quantity_bps(25);
  EXPECT_EQ(process().execute(signal_post(coin, Side::buy, "2", "1000", "BTC/USD")).status, 201);
  EXPECT_EQ(held(), "1.995 for 2000.00");
  EXPECT_TRUE(compare_positions(*db_, process().gateway).empty());
  db_->query("ALTER TABLE trading.trades DISABLE TRIGGER USER");
  db_->query("UPDATE trading.trades SET booked_at = '2026-11-24T10:00:00Z'");
  db_->query("ALTER TABLE trading.trades ENABLE TRIGGER USER");
  broker_.post({.id = "cfee-1",
                .symbol = "BTC/USD",
                .day = Date::of("2026-11-24"),
                .quantity = Decimal::of("0.0048")});
  process().sweep();
  EXPECT_EQ(held(), "1.9952 for 2000.00");
  process_.reset();
  process().sweep();
  EXPECT_EQ(held(), "1.9952 for 2000.00") << "once";
}

}  // namespace
}  // namespace am::strategy
