// The gateway at Alpaca (its mock): lost answers, refusals, budgets, states in any order.

#include "alpaca_bed.hpp"
#include "gateway_bed.hpp"

namespace am::strategy {
namespace {

class AlpacaGateway : public testing::Test {
 protected:
  /// A process of the gateway over the same account.
  struct Desk {
    Desk(const test::TestDb& home, Broker& broker, const GatewayOptions& options)
        : db(home.open()), gateway(broker, options, log, clock), sweeper(gateway) {}
    std::ostringstream lines;
    kernel::Log log{lines, {}};
    kernel::SystemClock clock{gateway_now()};
    std::unique_ptr<kernel::Db> db;
    Gateway gateway;
    Sweeper sweeper;
  };

  /// switches: of the account; empty: all is filled at once, at the limit.
  void open_account(const std::vector<std::string>& switches = {}) {
    alpaca_ = std::make_unique<test::AlpacaBed>(switches, 500, std::chrono::milliseconds(1500));
    desk_ = std::make_unique<Desk>(home_, *alpaca_->broker, options());
  }
  static GatewayOptions options() {
    GatewayOptions options = roomy_options();
    options.times.settle = std::chrono::milliseconds(0);
    return options;
  }
  static std::string status(const GatewayAnswer& answer) {
    const nlohmann::json body = nlohmann::json::parse(answer.body);
    return body.contains("error") ? body["error"]["code"].get<std::string>()
                                  : body["status"].get<std::string>();
  }
  GatewayAnswer buy(const char* quantity = "2") {
    return desk_->gateway.execute(*desk_->db, signal_post(session_, Side::buy, quantity));
  }
  void sweep() { desk_->sweeper.round(*desk_->db); }
  std::string value(const std::string& sql) { return test::value_of(*db_, sql); }
  std::string states() {
    return value("SELECT coalesce(string_agg(status, ' ' ORDER BY created_at, id), '') FROM trading.orders");
  }
  std::string held() {
    return value(
        "SELECT coalesce(string_agg(trim_scale(quantity) || ' for ' || cost, ' '), '') FROM trading.positions");
  }
  void TearDown() override {
    EXPECT_EQ(join(test::conservation_problems(*db_), "\n"), "");
    for (const auto& [id, count] : posts_by_id()) EXPECT_EQ(count, 1) << id << " was sent again";
  }
  std::map<std::string, int> posts_by_id() {
    std::map<std::string, int> counts;
    for (const test::AlpacaMock::Post& post : alpaca_->mock.posts())
      if (post.word != "429") ++counts[post.client_order_id];
    return counts;
  }

  test::TestDb home_;
  const std::unique_ptr<kernel::Db> db_ = home_.open();
  const std::string session_ = insert_session(*db_);
  std::unique_ptr<test::AlpacaBed> alpaca_;
  std::unique_ptr<Desk> desk_;
};

TEST_F(AlpacaGateway, AnOrderThatIsFilledIsBooked) {
  open_account();
  const GatewayAnswer answer = buy();
  EXPECT_EQ(answer.status, 201);
  sweep();
  EXPECT_EQ(states(), "filled");
  EXPECT_EQ(held(), "2 for 202.00") << "at the limit, in cents";
  EXPECT_TRUE(compare_positions(*db_, desk_->gateway).empty());
}

TEST_F(AlpacaGateway, AnAnswerThatIsLostIsFoundOutAndNothingIsSentAgain) {
  open_account();
  alpaca_->mock.control(R"({"place": ["timeout", "500", "504", "hang_up", "garbage"]})");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(buy().status, 201);
  sweep();
  sweep();
  EXPECT_EQ(states(), "filled filled filled filled filled");
  EXPECT_EQ(held(), "10 for 1010.00");
}

TEST_F(AlpacaGateway, WhatWasNeverTakenIsClosed) {
  open_account();
  alpaca_->mock.control(R"({"place": ["500_lost", "hang_up_lost"]})");
  EXPECT_EQ(status(buy()), "unknown");
  EXPECT_EQ(status(buy()), "unknown");
  sweep();
  EXPECT_EQ(states(), "rejected rejected");
  EXPECT_EQ(value("SELECT reserved FROM trading.users"), "0.00");
}

TEST_F(AlpacaGateway, ARefusalIsTold) {
  open_account();
  alpaca_->mock.control(R"({"place": ["403", "403_day_trades", "422"]})");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(buy()), "order_rejected");
  EXPECT_EQ(states(), "rejected rejected rejected");
  EXPECT_EQ(
      value(
          "SELECT count(*) FROM trading.orders WHERE reason LIKE 'buying_power: %' OR reason LIKE 'day_trades: %'"),
      "2");
}

TEST_F(AlpacaGateway, ABudgetThatIsSpentIsTheSendersToWaitFor) {
  open_account();
  alpaca_->mock.control(R"({"place": ["429"]})");
  const SignalPost post = signal_post(session_, Side::buy, "1");
  const GatewayAnswer busy = desk_->gateway.execute(*desk_->db, post);
  EXPECT_EQ(busy.status, 429);
  EXPECT_TRUE(busy.retry_after);
  db_->query("UPDATE trading.orders SET not_before = NULL");
  EXPECT_EQ(desk_->gateway.execute(*desk_->db, post).status, 201);
}

TEST_F(AlpacaGateway, StatesThatRepeatAndRunBackwardsAreBookedOnce) {
  open_account({"--fill", "steps"});
  alpaca_->mock.control(R"({"reorder": true, "repeat": true, "stale": true})");
  buy("3");
  for (int i = 0; i < 12 && states() != "filled"; ++i) sweep();
  EXPECT_EQ(states(), "filled");
  EXPECT_EQ(held(), "3 for 303.00");
}

TEST_F(AlpacaGateway, AnUnknownStatusIsOpenAndIsCancelledInTime) {
  open_account({"--fill", "none"});
  alpaca_->mock.control(R"({"unknown_status": "pondering"})");
  EXPECT_EQ(status(buy()), "open");
  sweep();
  EXPECT_EQ(states(), "open");
  alpaca_->mock.control(R"({"unknown_status": ""})");
  db_->query("UPDATE trading.orders SET cancel_at = clock_timestamp()");
  sweep();
  sweep();
  EXPECT_EQ(states(), "cancelled");
}

}  // namespace
}  // namespace am::strategy
