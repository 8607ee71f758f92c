// `am strategy run` as processes, beside a real Redis and a real gateway: killed in the middle, stopped past its lease and
// woken, started twice. What is stored at the end is what one engine that nothing happened to would have stored.

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "am/strategy/bars.hpp"
#include "am/strategy/messages.hpp"
#include "am/strategy/redis.hpp"
#include "am/strategy/routing.hpp"
#include "support/am_process.hpp"
#include "support/strategy/redis.hpp"
#include "support/strategy_bars.hpp"
#include "support/strategy_rows.hpp"

namespace am::test {
namespace {

using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kCross = R"({"period": 5})";

class EngineProcess : public testing::Test {
 protected:
  static std::vector<std::string> command(const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"strategy", "run", "--type", "crypto", "--now", "2026-01-26T14:30:00Z"};
    args.insert(args.end(), more.begin(), more.end());
    return am_command(args);
  }
  std::unique_ptr<Process> engine(const std::vector<std::string>& more = {}) const {
    return std::make_unique<Process>(command(more), ProcessOptions{.env = env_});
  }
  void SetUp() override {
    gateway_ = std::make_unique<Process>(
        am_command({"serve-gateway", "--listen", "127.0.0.1:0", "--log-format", "json"}),
        ProcessOptions{.env = env_, .stdout_to = "/dev/null", .stderr_to = log_});
    env_["GATEWAY_URL"] = address();
    ASSERT_FALSE(env_["GATEWAY_URL"].empty());
  }
  void TearDown() override {
    if (!gateway_) return;
    gateway_->signal(SIGTERM);
    gateway_->wait();
  }
  std::string address() const {
    for (int i = 0; i < 600; ++i) {
      std::ifstream file(log_);
      for (std::string line; std::getline(file, line);) {
        const auto said = nlohmann::json::parse(line, nullptr, false);
        if (said.is_object() && said.value("msg", "") == "listening")
          return said.at("address").get<std::string>();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return {};
  }
  /// Stored, then published, as ingest does it.
  void feed(std::span<const strategy::Bar> bars) {
    for (const strategy::Bar& bar : bars) {
      strategy::store_bars(*db_, {"BTC/USD", "1m"}, std::span(&bar, 1));
      strategy::BarMessage message{.symbol = "BTC/USD", .timeframe = "1m", .bar = bar};
      message.sequence = {.seq = ++sent_, .epoch = 1};
      std::string text;
      write_message(text, message);
      redis_client_.publish("market_data:BTC/USD", text);
    }
  }
  /// Signal ids without any process.
  std::vector<std::string> expected(std::span<const strategy::Bar> bars) const {
    strategy::StrategyManager manager({.gaps = false});
    manager.start_session(
        {.session_id = session_.id,
         .strategy_id = session_.strategy_id,
         .symbol = "BTC/USD",
         .mode = strategy::Mode::rehearsal},
        strategy::make_builtin({.name = "x", .code = "sma_cross", .params = kCross}, "BTC/USD"));
    manager.join(session_.id, {}, 0);
    for (const strategy::Bar& bar : bars) manager.on_bar("BTC/USD", "1m", bar, 0);
    std::vector<std::string> ids;
    for (const auto& decision : manager.take_decisions())
      if (decision.what == strategy::Decision::What::signal) ids.push_back(decision.signal.signal_id);
    return ids;
  }
  std::vector<std::string> stored() {
    std::vector<std::string> ids;
    const kernel::Rows rows =
        db_->query("SELECT id::text AS id FROM trading.signals ORDER BY generated_at, ordinal");
    for (const kernel::Row row : rows) ids.push_back(row.text("id"));
    return ids;
  }
  bool wait_for(const std::string& condition) { return wait_until(*db_, "SELECT " + condition); }
  bool wait_for_signals(std::size_t count) {
    return wait_for("count(*) = " + std::to_string(count) +
                    " FROM trading.signals WHERE status <> 'pending'");
  }
  void expect_one_order_each() {
    EXPECT_EQ(value_of(*db_, "SELECT count(*) - count(DISTINCT signal_id) FROM trading.orders"), "0");
    EXPECT_EQ(
        value_of(
            *db_,
            "SELECT count(*) FROM trading.signals g WHERE status = 'ordered' AND NOT EXISTS (SELECT FROM "
            "trading.orders o WHERE o.signal_id = g.id)"),
        "0");
    EXPECT_EQ(
        value_of(
            *db_,
            "SELECT coalesce(sum(CASE side WHEN 'BUY' THEN quantity ELSE -quantity END), 0) = coalesce((SELECT "
            "sum(quantity) FROM trading.positions), 0) FROM trading.trades"),
        "t");
  }

  TestDb home_;
  const std::unique_ptr<kernel::Db> db_ = home_.open();
  const RedisServer redis_;
  strategy::Redis redis_client_{strategy::parse_redis_url(redis_.socket_url())};
  const Directory files_;
  const std::string log_ = files_.file("gateway.log", "");
  std::map<std::string, std::string> env_{{"PATH", "/usr/bin:/bin"},
                                          {"DATABASE_URL", home_.url()},
                                          {"REDIS_URL", redis_.socket_url()},
                                          {"AM_DESKS_ENABLED", "strategy"},
                                          {"GATEWAY_TOKEN", "a-token-of-the-tests-alone"},
                                          {"STRATEGY_MAX_ORDERS_PER_MINUTE", "10000"},
                                          {"STRATEGY_MAX_ACCOUNT_ORDERS_PER_MINUTE", "10000"}};
  const strategy::Session session_ =
      make_session(*db_, {.symbol = "BTC/USD", .mode = strategy::Mode::rehearsal, .params = kCross});
  std::unique_ptr<Process> gateway_;
  std::int64_t sent_ = 0;
};

TEST_F(EngineProcess, KilledAgainAndAgainItSendsWhatOneThatLivesWouldHave) {
  const auto bars = walk(80);
  const std::span all(bars);
  auto running = engine();
  ASSERT_TRUE(wait_for("lease_until > clock_timestamp() FROM trading.sessions"));
  for (std::size_t at = 0; at < bars.size(); at += 20) {
    feed(all.subspan(at, 20));
    // Some are evaluated, some not: wherever it is, it is killed there.
    ASSERT_TRUE(
        wait_for("count(*) > " + std::to_string(expected(all.first(at)).size()) + " FROM trading.signals"));
    running->signal(SIGKILL);
    running->wait();
    running = engine();
    const auto epoch = std::to_string(at / 20 + 2);
    ASSERT_TRUE(wait_for("epoch = " + epoch + " FROM trading.sessions"));
    ASSERT_TRUE(wait_for_signals(expected(all.first(at + 20)).size()));
  }
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().exit, 143);
  EXPECT_THAT(stored(), ElementsAreArray(expected(all)));
  EXPECT_EQ(value_of(*db_, "SELECT holder IS NULL FROM trading.sessions"), "t");
  EXPECT_EQ(value_of(*db_, "SELECT status FROM ops.runs WHERE job = 'strategy_run_v1'"), "interrupted");
  expect_one_order_each();
}

TEST_F(EngineProcess, StoppedPastItsLeaseAndWokenItTradesNothing) {
  const auto bars = walk(60);
  const std::span all(bars);
  const auto first = engine();
  ASSERT_TRUE(wait_for("lease_until > clock_timestamp() FROM trading.sessions"));
  feed(all.first(20));
  ASSERT_TRUE(wait_for_signals(expected(all.first(20)).size()));
  first->signal(SIGSTOP);
  db_->query("UPDATE trading.sessions SET lease_until = clock_timestamp() - interval '1 second'");
  const auto second = engine({"--engine", "2"});
  ASSERT_TRUE(wait_for("epoch = 2 FROM trading.sessions"));
  feed(all.subspan(20, 20));
  ASSERT_TRUE(wait_for_signals(expected(all.first(40)).size()));
  first->signal(SIGCONT);
  feed(all.subspan(40));
  ASSERT_TRUE(wait_for_signals(expected(all).size()));
  first->signal(SIGTERM);
  second->signal(SIGTERM);
  const Finished woken = first->wait();
  EXPECT_EQ(woken.exit, 143);
  EXPECT_THAT(woken.err, HasSubstr("a session is let go"));
  EXPECT_EQ(second->wait().exit, 143);
  EXPECT_THAT(stored(), ElementsAreArray(expected(all)));
  expect_one_order_each();
}

TEST_F(EngineProcess, ASecondStartOfTheSlotIsSkipped) {
  const auto first = engine();
  ASSERT_TRUE(wait_for("lease_until > clock_timestamp() FROM trading.sessions"));
  const Finished second =
      am({"strategy", "run", "--type", "crypto", "--now", "2026-01-26T14:30:00Z", "-o", "json"}, env_);
  EXPECT_EQ(second.exit, 0) << second.err;
  EXPECT_EQ(nlohmann::json::parse(second.out)["outcome"], "skipped");
  first->signal(SIGTERM);
  EXPECT_EQ(first->wait().exit, 143);
  const Finished holiday = am({"strategy", "run", "--now", "2026-04-03T12:00:00-04:00"}, env_);
  EXPECT_EQ(holiday.exit, 0) << holiday.err;
  EXPECT_THAT(holiday.out, HasSubstr("closed: Good Friday"));
}

TEST_F(EngineProcess, AtTheEndOfTheDayTheRunIsDone) {
  // Five minutes after a half day's close, less two seconds.
  Process stocks(am_command({"strategy", "run", "--now", "2026-11-27T13:04:58-05:00", "-o", "json"}),
                 {.env = env_});
  const Finished ended = stocks.wait();
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_EQ(nlohmann::json::parse(ended.out)["data"]["end"], "day over");
  EXPECT_EQ(value_of(*db_, "SELECT concat(slot, ' ', status) FROM ops.runs WHERE job = 'strategy_run_v1'"),
            "stock/2026-11-27 done");
}

}  // namespace
}  // namespace am::test
