// The broker Alpaca over the real transport, against the mock.

#include <set>

#include <gtest/gtest.h>

#include "alpaca_bed.hpp"
#include "am/kernel/clock.hpp"
#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::strategy {
namespace {

using test::AlpacaBed;
using What = Placed::What;

std::string body_of(const AlpacaBed& bed) { return bed.mock.posts().at(0).body; }

TEST(AlpacaBroker, AStockGoesOutForTheDayAndInCents) {
  AlpacaBed bed;
  const Placed placed = bed.broker->place(AlpacaBed::request('a'));
  EXPECT_EQ(placed.what, What::accepted) << placed.reason;
  EXPECT_TRUE(placed.order->open) << "200 is not a fill";
  EXPECT_EQ(
      body_of(bed),
      R"({"client_order_id":"am-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","limit_price":"101.23","qty":"2","side":"buy","symbol":"AAPL","time_in_force":"day","type":"limit"})");
}

TEST(AlpacaBroker, ALimitNeverGoesPastTheCollar) {
  AlpacaBed bed({"--fill", "none"});
  OrderRequest penny = AlpacaBed::request('a', "PENNY");
  penny.limit_price = Decimal::of("0.123456");
  EXPECT_EQ(bed.broker->place(penny).what, What::accepted);
  bed.mock.control(R"({"positions": {"MSFT": "5", "BTC/USD": "1"}})");
  OrderRequest sale = AlpacaBed::request('b', "MSFT");
  sale.side = Side::sell;
  EXPECT_EQ(bed.broker->place(sale).what, What::accepted);
  OrderRequest coins = AlpacaBed::request('c', "BTC/USD");
  coins.side = Side::sell;
  coins.quantity = Decimal::of("0.5000");
  EXPECT_EQ(bed.broker->place(coins).what, What::accepted);
  const auto posts = bed.mock.posts();
  EXPECT_NE(posts.at(0).body.find(R"("limit_price":"0.1234")"), std::string::npos);
  EXPECT_NE(posts.at(1).body.find(R"("limit_price":"101.24")"), std::string::npos);
  EXPECT_NE(posts.at(2).body.find(
                R"("limit_price":"102","qty":"0.5","side":"sell","symbol":"BTC/USD","time_in_force":"gtc")"),
            std::string::npos);
}

TEST(AlpacaBroker, WhatItsRulesForbidIsNotSent) {
  AlpacaBed bed;
  OrderRequest part = AlpacaBed::request('a', "BRK.A");
  part.quantity = Decimal::of("0.5");
  EXPECT_EQ(bed.broker->place(part).reason,
            "invalid: a quantity between two steps (expected a multiple of 1, got 0.5)");
  EXPECT_EQ(bed.broker->place(AlpacaBed::request('b', "GONE")).reason, "invalid: GONE is not tradable");
  EXPECT_EQ(bed.broker->place(AlpacaBed::request('c', "NONE")).reason, "invalid: NONE is not tradable");
  OrderRequest dust = AlpacaBed::request('d', "BTC/USD");
  dust.quantity = Decimal::of("0.00001");
  EXPECT_EQ(bed.broker->place(dust).what, What::refused);
  EXPECT_TRUE(bed.mock.posts().empty());
}

TEST(AlpacaBroker, AnOrderWhoseAnswerWasLostIsThereOnce) {
  for (const char* word : {"timeout", "500", "504", "hang_up", "garbage", "other_order"}) {
    AlpacaBed bed({"--place-always", word}, 500, std::chrono::milliseconds(300));
    const OrderRequest order = AlpacaBed::request('a');
    const Placed placed = bed.broker->place(order);
    EXPECT_EQ(placed.what, What::unknown) << word;
    EXPECT_FALSE(placed.reason.empty());
    const auto found = bed.broker->find(order.client_order_id);
    ASSERT_TRUE(found) << word;
    EXPECT_EQ(found->status, "filled");
    EXPECT_EQ(bed.mock.posts().size(), 1U) << word;
    EXPECT_EQ(bed.mock.orders().size(), 1U);
  }
}

TEST(AlpacaBroker, AnOrderThatNeverArrivedIsNotFound) {
  for (const char* word : {"timeout_lost", "500_lost", "hang_up_lost"}) {
    AlpacaBed bed({"--place-always", word}, 500, std::chrono::milliseconds(300));
    EXPECT_EQ(bed.broker->place(AlpacaBed::request('a')).what, What::unknown) << word;
    EXPECT_FALSE(bed.broker->find(AlpacaBed::request('a').client_order_id)) << word;
    EXPECT_EQ(bed.mock.posts().size(), 1U) << word;
  }
}

TEST(AlpacaBroker, ARepeatedIdIsFoundAndNotRefused) {
  AlpacaBed bed;
  bed.broker->place(AlpacaBed::request('a'));
  const Placed again = bed.broker->place(AlpacaBed::request('a'));
  EXPECT_EQ(again.what, What::unknown);
  EXPECT_EQ(again.reason, "answered 422: client_order_id must be unique");
  EXPECT_EQ(bed.broker->find(AlpacaBed::request('a').client_order_id)->filled_quantity, 2);
}

TEST(AlpacaBroker, RefusalsSayWhy) {
  AlpacaBed bed({"--fill", "none"});
  bed.mock.control(R"({"buying_power": "10"})");
  EXPECT_EQ(bed.broker->place(AlpacaBed::request('a')).reason, "buying_power: insufficient buying power");
  OrderRequest sale = AlpacaBed::request('b');
  sale.side = Side::sell;
  EXPECT_EQ(bed.broker->place(sale).reason,
            "quantity: insufficient qty available for order (requested: 2, available: 0)");
  bed.mock.control(R"({"buying_power": "", "place": ["403_day_trades", "422"]})");
  EXPECT_EQ(bed.broker->place(AlpacaBed::request('c')).reason,
            "day_trades: trade denied due to pattern day trading protection");
  EXPECT_EQ(bed.broker->place(AlpacaBed::request('d')).reason, "invalid: invalid order");
  bed.broker->place(AlpacaBed::request('e'));
  bed.mock.control(R"({"positions": {"AAPL": "9"}})");
  sale.client_order_id.back() = 'f';
  EXPECT_EQ(bed.broker->place(sale).reason, "crosses: potential wash trade detected. use complex orders");
}

TEST(AlpacaBroker, TooManyRequestsMayBePlacedAgainAfterTheReset) {
  AlpacaBed bed({"--reset-s", "30"});
  bed.mock.control(R"({"place": ["429"]})");
  const Instant before = kernel::Clock::wall();
  const Placed placed = bed.broker->place(AlpacaBed::request('a'));
  ASSERT_EQ(placed.what, What::throttled) << placed.reason;
  ASSERT_TRUE(placed.not_before);
  EXPECT_GE(*placed.not_before, before + std::chrono::seconds(28));
  EXPECT_LE(*placed.not_before, before + std::chrono::seconds(60));
  EXPECT_EQ(bed.broker->place(AlpacaBed::request('a')).what, What::accepted);
}

TEST(AlpacaBroker, WithoutAnAssetsRulesNothingIsSent) {
  AlpacaBed bed;
  bed.mock.control(R"({"rate_limit": 1})");
  EXPECT_EQ(bed.broker->account().status, "ACTIVE");
  const Placed placed = bed.broker->place(AlpacaBed::request('a'));
  EXPECT_EQ(placed.what, What::throttled) << placed.reason;
  EXPECT_TRUE(placed.not_before);
  EXPECT_TRUE(bed.mock.posts().empty());
}

TEST(AlpacaBroker, AllOrdersAreListedOnceAcrossPages) {
  AlpacaBed bed({"--fill", "none", "--repeat", "true", "--reorder", "true"}, 3);
  std::set<std::string> placed;
  for (char mark = 'a'; mark < 'k'; ++mark) {
    bed.broker->place(AlpacaBed::request(mark));
    placed.insert("am-" + std::string(40, mark));
  }
  const auto orders = bed.broker->orders_since(kernel::Clock::wall() - std::chrono::minutes(5));
  std::set<std::string> listed;
  for (const BrokerOrder& order : orders) listed.insert(order.client_order_id);
  EXPECT_EQ(orders.size(), 10U);
  EXPECT_EQ(listed, placed);
  EXPECT_TRUE(bed.broker->orders_since(kernel::Clock::wall() + std::chrono::minutes(5)).empty());
}

TEST(AlpacaBroker, PartialFillsGrow) {
  AlpacaBed bed({"--fill", "none"});
  bed.broker->place(AlpacaBed::request('a'));
  const std::string id = AlpacaBed::request('a').client_order_id;
  bed.mock.control(R"({"fill": [{"client_order_id": ")" + id + R"(", "quantity": "0.5", "price": "100"}]})");
  EXPECT_EQ(bed.broker->find(id)->filled_quantity, Decimal::of("0.5"));
  bed.mock.control(R"({"fill": [{"client_order_id": ")" + id + R"(", "quantity": "1.5", "price": "101"}]})");
  const auto whole = bed.broker->find(id);
  EXPECT_FALSE(whole->open);
  EXPECT_EQ(whole->average_price, Decimal::of("100.75"));
}

TEST(AlpacaBroker, AStatusThatIsNotKnownIsOpen) {
  AlpacaBed bed({"--fill", "none", "--unknown-status", "held_for_review"});
  bed.broker->place(AlpacaBed::request('a'));
  const auto found = bed.broker->find(AlpacaBed::request('a').client_order_id);
  EXPECT_EQ(found->status, "held_for_review");
  EXPECT_TRUE(found->open);
}

TEST(AlpacaBroker, CancellingWhatIsOverDoesNothing) {
  AlpacaBed bed({"--fill", "none"});
  BrokerOrder order = *bed.broker->place(AlpacaBed::request('a')).order;
  bed.broker->cancel(order);
  bed.broker->cancel(order);
  EXPECT_EQ(bed.broker->find(order.client_order_id)->status, "canceled");
  order.broker_order_id = "nobody";
  bed.broker->cancel(order);
  order.broker_order_id.clear();
  bed.broker->cancel(order);
}

TEST(AlpacaBroker, ReadingIsRepeated) {
  AlpacaBed bed;
  bed.broker->place(AlpacaBed::request('a'));
  bed.mock.control(R"({"get": ["500", "garbage"]})");
  EXPECT_TRUE(bed.broker->find(AlpacaBed::request('a').client_order_id));
}

TEST(AlpacaBroker, CryptoIsHeldLessItsFee) {
  AlpacaBed bed;
  OrderRequest order = AlpacaBed::request('a', "BTC/USD");
  order.quantity = Decimal::of("0.5");
  bed.broker->place(order);
  const auto found = bed.broker->find(order.client_order_id);
  EXPECT_EQ(found->fee_quantity, Decimal::of("0.00125"));
  EXPECT_EQ(bed.broker->positions().at("BTC/USD"), Decimal::of("0.49875"));
  bed.mock.control(R"({"post_fees": true})");
  const auto fees =
      bed.broker->posted_fees(Date(std::chrono::floor<std::chrono::days>(kernel::Clock::wall())) - 1);
  ASSERT_EQ(fees.size(), 1U);
  EXPECT_EQ(fees[0].symbol, "BTC/USD");
  EXPECT_EQ(fees[0].quantity, Decimal::of("0.00125"));
}

TEST(AlpacaBroker, WrongKeysAreDenied) {
  AlpacaBed bed;
  AlpacaOptions options;
  options.base_url = bed.mock.url() + "/";
  options.key = "someone-elses-key";
  options.secret = "CANARY-secret";
  const auto broker = make_alpaca_broker(bed.http, options);
  const Error error = test::error_of([&] { broker->positions(); });
  EXPECT_EQ(error.kind(), ErrorKind::denied);
  EXPECT_EQ((error.message() + error.hint() + bed.out.str()).find("CANARY"), std::string::npos);
}

TEST(AlpacaBroker, MoneyAndItsSwitchHaveToAgree) {
  AlpacaBed bed;
  AlpacaOptions options;
  options.key = options.secret = "some-secret-key";
  options.base_url = "https://api.alpaca.markets";
  EXPECT_EQ(test::error_of([&] { make_alpaca_broker(bed.http, options); }).kind(), ErrorKind::config);
  options.live = true;
  EXPECT_TRUE(make_alpaca_broker(bed.http, options)->is_live());
  options.base_url = "https://paper-api.alpaca.markets";
  EXPECT_EQ(test::error_of([&] { make_alpaca_broker(bed.http, options); }).kind(), ErrorKind::config);
  options.live = false;
  EXPECT_FALSE(make_alpaca_broker(bed.http, options)->is_live());
  options.key.clear();
  EXPECT_EQ(test::error_of([&] { make_alpaca_broker(bed.http, options); }).kind(), ErrorKind::config);
}

TEST(AlpacaBroker, ItsBudgetIsEverybodys) {
  const test::TestDb home;
  const auto db = home.open();
  AlpacaBed bed;
  kernel::RateLimiter limiter(
      *db, bed.stop, {{.key = "alpaca", .windows = {{.limit = 2, .period = std::chrono::minutes(1)}}}});
  kernel::HttpClient::Options client = alpaca_client_options();
  client.max_wait = std::chrono::milliseconds(0);
  kernel::HttpClient http(*bed.transport, &limiter, bed.log, bed.stop, client);
  AlpacaOptions options;
  options.base_url = bed.mock.url();
  options.key = test::AlpacaMock::kKey;
  options.secret = test::AlpacaMock::kSecret;
  const auto broker = make_alpaca_broker(http, options);
  EXPECT_EQ(broker->place(AlpacaBed::request('a')).what, What::accepted);  // the asset, the order
  const Placed placed = broker->place(AlpacaBed::request('b'));
  EXPECT_EQ(placed.what, What::throttled);
  EXPECT_GT(placed.not_before, kernel::Clock::wall());
  EXPECT_EQ(bed.mock.posts().size(), 1U);
}

}  // namespace
}  // namespace am::strategy
