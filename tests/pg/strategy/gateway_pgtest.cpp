// A signal becomes an order, an order is booked.

#include <thread>

#include "gateway_bed.hpp"

namespace am::strategy {
namespace {

using test::ScriptedBroker;
using testing::Test;
using Do = ScriptedBroker::Do;

class GatewayOrders : public GatewayBed {};

TEST_F(GatewayOrders, ABuyIsFilledAndBooked) {
  const GatewayAnswer answer = buy("10", "187.42");
  EXPECT_EQ(answer.status, 201);
  const nlohmann::json order = json(answer);
  EXPECT_EQ(order["status"], "filled");
  EXPECT_EQ(order["mode"], "paper");
  EXPECT_EQ(Decimal::of(order["filledQty"].get<std::string>()), 10);
  EXPECT_EQ(order["filledValue"], "1874.20");
  EXPECT_EQ(Decimal::of(order["limitPrice"].get<std::string>()), Decimal::of("189.2942"));
  EXPECT_TRUE(order["clientOrderId"].get<std::string>().starts_with("am-"));
  EXPECT_EQ(order["clientOrderId"].get<std::string>().size(), 43U);
  EXPECT_EQ(cash(), "98125.80");
  EXPECT_EQ(reserved(), "0.00");
  EXPECT_EQ(held(), "10 for 1874.20");
  EXPECT_EQ(
      value(
          "SELECT string_agg(kind || ' ' || amount || ' ' || balance, ', ' ORDER BY id) FROM trading.cash_entries"),
      "deposit 100000.00 100000.00, trade -1874.20 98125.80");
  EXPECT_EQ(value("SELECT status || ' ' || answer_status FROM trading.signals"), "ordered 201");
}

TEST_F(GatewayOrders, ASaleReleasesItsCost) {
  buy("3", "33.34");
  EXPECT_EQ(sell("1", "40").status, 201);
  EXPECT_EQ(held(), "2 for 66.68");
  EXPECT_EQ(sell("2", "30").status, 201);
  EXPECT_EQ(held(), "");
  EXPECT_EQ(cash(), "99999.98");
  EXPECT_EQ(value("SELECT string_agg(realised::text, ' ' ORDER BY id) FROM trading.trades"),
            "0.00 6.66 -6.68");
}

TEST_F(GatewayOrders, FeesAreTheirOwnEntriesOfCash) {
  broker_.fee_bps(10);
  options_.limits.fee_bps = 10;
  buy("10");
  sell("10");
  EXPECT_EQ(cash(), "99998.00");
  EXPECT_EQ(
      value(
          "SELECT string_agg(kind || ' ' || amount || ' ' || balance, ', ' ORDER BY id) FROM trading.cash_entries WHERE "
          "kind <> 'deposit'"),
      "trade -1000.00 99000.00, fee -1.00 98999.00, trade 1000.00 99999.00, fee -1.00 99998.00");
}

TEST_F(GatewayOrders, WhatIsNotThereIsNotSpentNorSold) {
  EXPECT_EQ(said(buy("1000", "100")), "insufficient_funds");  // with the collar it is 101,000
  EXPECT_EQ(buy("1000", "100").status, 400);
  EXPECT_EQ(said(sell("1")), "insufficient_holding");
  buy("5");
  EXPECT_EQ(said(sell("5.000000001")), "insufficient_holding");
  EXPECT_EQ(broker_.places(), 1);
  EXPECT_EQ(
      value(
          "SELECT status || ' ' || reason || ' ' || answer_status FROM trading.signals WHERE status = 'refused' ORDER BY "
          "created_at LIMIT 1"),
      "refused balance 400");
}

TEST_F(GatewayOrders, AnOpenOrderHoldsBackItsLimitAndGivesBackTheRest) {
  broker_.will({Do::keep});
  EXPECT_EQ(said(buy("10")), "open");
  EXPECT_EQ(reserved(), "1010.00");
  const std::string id = broker_.open_ids().at(0);
  broker_.fill(id, 4, 100);
  process().sweep();
  EXPECT_EQ(held(), "4 for 400.00");
  EXPECT_EQ(reserved(), "610.00");
  process().sweep();
  EXPECT_EQ(value("SELECT count(*) FROM trading.trades"), "1") << "the same state again";
  broker_.fill(id, 2, Decimal::of("100.5"));
  broker_.finish(id, "canceled");
  process().sweep();
  EXPECT_EQ(held(), "6 for 601.00");
  EXPECT_EQ(reserved(), "0.00");
  EXPECT_EQ(value("SELECT status FROM trading.orders"), "cancelled");
}

TEST_F(GatewayOrders, WhatIsBeingSoldIsNotSoldTwice) {
  buy("10");
  broker_.will({Do::keep});
  EXPECT_EQ(said(sell("6")), "open");
  EXPECT_EQ(said(sell("5")), "insufficient_holding");
  EXPECT_EQ(said(sell("4")), "filled");
}

TEST_F(GatewayOrders, ARefusalOfTheBrokerIsSaidAndGivesBackTheReserve) {
  broker_.will({Do::refuse});
  const GatewayAnswer answer = buy("1");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(said(answer), "order_rejected");
  EXPECT_EQ(json(answer)["error"]["message"], "insufficient buying power");
  EXPECT_EQ(json(answer)["order"]["status"], "rejected");
  EXPECT_EQ(reserved(), "0.00");
}

TEST_F(GatewayOrders, ARepeatedSignalGetsTheFirstAnswer) {
  const SignalPost post = signal_post(session_, Side::buy, "1");
  const GatewayAnswer first = process().execute(post);
  const GatewayAnswer again = process().execute(post);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(broker_.places(), 1);
  const SignalPost dear = signal_post(session_, Side::buy, "2000");
  const GatewayAnswer refused = process().execute(dear);
  EXPECT_EQ(refused.status, 400);
  db_->query("UPDATE trading.users SET virtual_balance = virtual_balance + 1000000");
  db_->query(
      "INSERT INTO trading.cash_entries (user_id, kind, amount, balance, created_at) SELECT id, 'correction', 1000000, "
      "virtual_balance, clock_timestamp() FROM trading.users");
  EXPECT_EQ(process().execute(dear).body, refused.body) << "also when it would be another one now";
  SignalPost other = post;
  other.quantity = 2;
  EXPECT_EQ(said(process().execute(other)), "signal_reused");
}

/// A session that does not trade is said first, and no row could hold what was sent.
TEST_F(GatewayOrders, AmountsThatNoRowHoldsAreRefusedLikeOthers) {
  db_->transact([&](kernel::Transaction& tx) { set_trading(tx, session_, Trading::halted, "by hand"); });
  for (const char* quantity : {"1e25", "1e6000", "-1e25", "0.1234567891"}) {
    const SignalPost post = signal_post(session_, Side::buy, quantity);
    const GatewayAnswer first = process().execute(post);
    EXPECT_EQ(said(first), "not_trading") << quantity;
    EXPECT_EQ(process().execute(post).body, first.body) << quantity;
  }
  EXPECT_EQ(value("SELECT count(*) FROM trading.signals"), "0");
}

TEST_F(GatewayOrders, AStaleEpochIsRefusedAndLeavesTheSignalToWhoeverHoldsTheSession) {
  db_->query("UPDATE trading.sessions SET epoch = 7");
  SignalPost post = signal_post(session_, Side::buy, "1");
  post.epoch = 6;
  const GatewayAnswer stale = process().execute(post);
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(said(stale), "stale_epoch");
  post.epoch = 7;
  EXPECT_EQ(process().execute(post).status, 201);
  EXPECT_EQ(broker_.places(), 1);
}

TEST_F(GatewayOrders, OthersAreToldWhatIsWrong) {
  EXPECT_EQ(process().execute(signal_post(kernel::new_id(), Side::buy, "1")).status, 404);
  EXPECT_EQ(said(process().execute(signal_post(session_, Side::buy, "1", "100", "MSFT"))), "symbol");
  EXPECT_EQ(said(buy("0.001")), "quantity") << "worth ten cents";
  SignalPost old = signal_post(session_, Side::buy, "1");
  old.generated_at = gateway_now() - std::chrono::seconds(31);
  EXPECT_EQ(said(process().execute(old)), "expired");
  db_->query("UPDATE trading.sessions SET status = 'STOPPED', ended_at = clock_timestamp()");
  EXPECT_EQ(said(buy("1")), "session_not_running");
  EXPECT_EQ(broker_.places(), 0);
}

TEST_F(GatewayOrders, ASignalWithoutIdEpochAndTimeIsExecuted) {
  SignalPost post = signal_post(session_, Side::buy, "1");
  post.signal_id.clear();
  post.generated_at.reset();
  EXPECT_EQ(process().execute(post).status, 201);
  EXPECT_EQ(process().execute(post).status, 201) << "without an id it is another one";
  EXPECT_EQ(broker_.places(), 2);
}

TEST_F(GatewayOrders, AnOrderDoesNotMeetOneOfTheSameAccount) {
  buy("10");
  broker_.will({Do::keep});
  EXPECT_EQ(said(sell("1")), "open");
  EXPECT_EQ(said(buy("1")), "crosses_own_order");
  EXPECT_EQ(buy("1").status, 409);
  EXPECT_EQ(said(buy("1", "97")), "filled") << "its limit of 97.97 is below 99";
}

TEST_F(GatewayOrders, ThePriceIsNearTheLastBar) {
  db_->query("INSERT INTO market.bars VALUES ('AAPL', '1m', '2026-11-25T14:58:00Z', 100, 100, 100, 100, 1)");
  EXPECT_EQ(said(buy("1", "101")), "filled");
  EXPECT_EQ(said(buy("1", "101.01")), "collar");
  EXPECT_EQ(said(buy("1", "98.99")), "collar");
}

TEST_F(GatewayOrders, TheRateIsBounded) {
  options_.limits.session_orders = 2;
  EXPECT_EQ(buy("1").status, 201);
  EXPECT_EQ(buy("1").status, 201);
  const SignalPost third = signal_post(session_, Side::buy, "1");
  const GatewayAnswer answer = process().execute(third);
  EXPECT_EQ(answer.status, 429);
  EXPECT_TRUE(answer.retry_after);
  db_->query("UPDATE trading.orders SET created_at = created_at - interval '2 minutes'");
  EXPECT_EQ(process().execute(third).status, 201) << "it was not the last word";
}

TEST_F(GatewayOrders, ABusyBrokerIsAskedAgainBySender) {
  broker_.will({Do::throttle});
  const SignalPost post = signal_post(session_, Side::buy, "1");
  EXPECT_EQ(process().execute(post).status, 429);
  EXPECT_EQ(reserved(), "101.00");
  db_->query("UPDATE trading.orders SET not_before = NULL");
  EXPECT_EQ(process().execute(post).status, 201);
  EXPECT_EQ(broker_.places(), 2);
  EXPECT_EQ(broker_.orders().size(), 1U);
  broker_.will({Do::throttle});
  EXPECT_EQ(buy("1").status, 429);
  db_->query("UPDATE trading.orders SET created_at = created_at - interval '1 hour' WHERE status = 'intent'");
  process().sweep();
  EXPECT_EQ(value("SELECT count(*) FROM trading.orders WHERE status = 'rejected'"), "1")
      << "nobody came back for it";
  EXPECT_EQ(reserved(), "0.00");
}

TEST_F(GatewayOrders, ALostAnswerIsFoundOut) {
  broker_.will({Do::take_unsaid, Do::keep_unsaid, Do::lose});
  EXPECT_EQ(said(buy("1")), "unknown");
  EXPECT_EQ(buy("2").status, 201);
  EXPECT_EQ(said(buy("3")), "unknown");
  process().sweep();
  EXPECT_EQ(value("SELECT string_agg(status, ' ' ORDER BY quantity) FROM trading.orders"),
            "filled open unknown");
  EXPECT_EQ(broker_.places(), 3) << "none was sent again";
  db_->query("UPDATE trading.orders SET placed_at = placed_at - interval '3 minutes'");
  process().sweep();
  EXPECT_EQ(value("SELECT status || ': ' || reason FROM trading.orders WHERE quantity = 3"),
            "rejected: it never reached the broker");
  EXPECT_EQ(reserved(), "202.00");
}

TEST_F(GatewayOrders, AnOrderThatTurnsUpLateIsCancelledAndBooked) {
  broker_.will({Do::keep_unsaid});
  buy("10");
  db_->query("UPDATE trading.users SET reserved = 0");
  db_->query("UPDATE trading.orders SET status = 'rejected', reserved = 0, closed_at = clock_timestamp()");
  broker_.fill(broker_.open_ids().at(0), 1, 100);
  process().sweep();
  EXPECT_EQ(held(), "1 for 100.00");
  EXPECT_EQ(value("SELECT status FROM trading.orders"), "open");
  process().sweep();
  process().sweep();
  EXPECT_EQ(broker_.cancels(), 1);
  EXPECT_EQ(value("SELECT status FROM trading.orders"), "cancelled");
}

TEST_F(GatewayOrders, AnOldStateChangesNothing) {
  broker_.will({Do::keep});
  buy("10");
  const std::string id = broker_.open_ids().at(0);
  const BrokerOrder early = *broker_.find(id);
  broker_.fill(id, 4, 100);
  const BrokerOrder middle = *broker_.find(id);
  broker_.fill(id, 6, 100);
  const std::string order = value("SELECT id FROM trading.orders");
  for (const BrokerOrder& each : {*broker_.find(id), middle, early, *broker_.find(id)})
    process().gateway.book(*db_, order, each);
  EXPECT_EQ(value("SELECT status FROM trading.orders"), "filled");
  EXPECT_EQ(value("SELECT count(*) FROM trading.trades"), "1");
  EXPECT_EQ(held(), "10 for 1000.00");
}

TEST_F(GatewayOrders, AStatusThatNobodyKnowsIsOpen) {
  broker_.will({Do::keep});
  buy("1");
  broker_.say(broker_.open_ids().at(0), "pondering");
  process().sweep();
  EXPECT_EQ(value("SELECT status || ' ' || vendor_status FROM trading.orders"), "open pondering");
}

TEST_F(GatewayOrders, AnOrderThatIsOpenForTooLongIsCancelled) {
  broker_.will({Do::keep});
  buy("1");
  process().sweep();
  EXPECT_EQ(broker_.cancels(), 0);
  db_->query("UPDATE trading.orders SET cancel_at = clock_timestamp()");
  process().sweep();
  process().sweep();
  EXPECT_EQ(broker_.cancels(), 1);
  EXPECT_EQ(value("SELECT status FROM trading.orders"), "cancelled");
}

TEST_F(GatewayOrders, OfALostEngineNothingStaysOpen) {
  db_->query(
      "UPDATE trading.sessions SET holder = '{}', lease_until = clock_timestamp() - interval '30 seconds'");
  broker_.will({Do::keep});
  buy("1");
  process().sweep();
  EXPECT_EQ(broker_.cancels(), 0);
  db_->query("UPDATE trading.sessions SET lease_until = clock_timestamp() - interval '61 seconds'");
  process().sweep();
  EXPECT_EQ(broker_.cancels(), 1);
}

TEST_F(GatewayOrders, ABrokerThatIsAwayIsSaid) {
  broker_.away(true);
  EXPECT_EQ(buy("1").status, 503) << "nobody says whether the symbol can be traded";
  broker_.away(false);
  EXPECT_EQ(buy("1").status, 201);
  process().gateway.set_account_active(false);
  EXPECT_EQ(said(buy("1")), "account_inactive");
}

TEST_F(GatewayOrders, OfThirtyTwoBuysAtOnceWithFundsForOneOneIsExecuted) {
  db_->query("UPDATE trading.users SET virtual_balance = 150");
  db_->query(
      "INSERT INTO trading.cash_entries (user_id, kind, amount, balance, created_at) SELECT id, 'correction', 150 - 100000, "
      "150, clock_timestamp() FROM trading.users");
  process();
  std::atomic<int> created = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> senders;
  for (int i = 0; i < 32; ++i) {
    senders.emplace_back([&] {
      const auto db = home_.open();
      const GatewayAnswer answer = process_->gateway.execute(*db, signal_post(session_, Side::buy, "1"));
      (answer.status == 201 ? created : refused) += answer.status == 201 || answer.status == 400 ? 1 : 100;
    });
  }
  for (std::thread& each : senders) each.join();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(refused, 31);
  EXPECT_EQ(broker_.places(), 1);
}

}  // namespace
}  // namespace am::strategy
