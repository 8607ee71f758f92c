// The same bars through replay, and through Redis, engine, gateway and paper: the same signals, trades and cash to the cent, for
// a native strategy and for one in Python; twice the same.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/kernel/file_read.hpp"
#include "am/strategy/bars.hpp"
#include "am/strategy/replay.hpp"
#include "am/strategy/worker.hpp"
#include "support/am_process.hpp"
#include "support/strategy/redis.hpp"

namespace am::test {
namespace {

const std::string kBarsFile = AM_SOURCE_DIR "/examples/bars/demo-day.csv";
const std::string kProgram = AM_SOURCE_DIR "/examples/strategies/dip_buyer.py";
constexpr const char* kParams = R"({"period": 15, "quantity": 10})";

/// "2026-01-26T15:02:00Z BUY 10.000000000, value 1987.90, fee 0.60, realised 0.00": one that is booked.
std::string line_of(Instant event, const std::string& side, const Decimal& quantity, const Decimal& value,
                    const Decimal& fee, const Decimal& realised) {
  return format_rfc3339(event) + " " + side + " " + quantity.to_fixed(9) + ", value " + value.to_fixed(2) +
         ", fee " + fee.to_fixed(2) + ", realised " + realised.to_fixed(2) + "\n";
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What came of a whole day.
struct Day {
  std::string trades;  ///< of both sessions, a line each
  std::string signals;
  std::string cash;
};

/// The day by Redis, an engine, a gateway and paper, as processes.
class LiveDay {
 public:
  Day run() {
    start_sessions();
    Process gateway(am_command({"serve-gateway", "--listen", "127.0.0.1:0", "--log-format", "json"}),
                    {.env = env_, .stdout_to = "/dev/null", .stderr_to = log_});
    env_["GATEWAY_URL"] = address(gateway);
    Process engine(am_command({"strategy", "run", "--now", "2026-01-26T09:30:00-05:00", "--idle", "8s",
                               "--log-format", "json"}),
                   {.env = env_, .stderr_to = engine_log_});
    EXPECT_TRUE(have_joined()) << text_of(engine_log_);
    expect_ok(am({"strategy", "publish", kBarsFile, "--symbol", "DEMO", "--rate", "200"}, env_));
    expect_ok(engine.wait());
    gateway.signal(SIGTERM);
    gateway.wait();
    return booked();
  }

 private:
  /// In a rehearsal the bars are the clock: one that comes before a session has joined can be too late for it.
  bool have_joined() const {
    for (int i = 0; i < 600; ++i) {
      int joined = 0;
      std::istringstream log(text_of(engine_log_));
      for (std::string line; std::getline(log, line);)
        joined +=
            line.find("the session is live") != line.npos || line.find("too few bars of before") != line.npos;
      if (joined == 2) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }

  static void expect_ok(const Finished& finished) {
    EXPECT_EQ(finished.exit, 0) << finished.out << finished.err;
  }

  void start_sessions() {
    expect_ok(
        am({"strategy", "add", "average", "--builtin", "sma_cross", "--params", kParams, "--symbol", "DEMO"},
           env_));
    expect_ok(am({"strategy", "add", "dip-buyer", "--file", kProgram, "--symbol", "DEMO"}, env_));
    expect_ok(am({"strategy", "start", "average", "--mode", "rehearsal"}, env_));
    expect_ok(am({"strategy", "start", "dip-buyer", "--mode", "rehearsal"}, env_));
  }

  std::string address(const Process& gateway) const {
    for (int i = 0; i < 600; ++i) {
      std::istringstream log(text_of(log_));
      for (std::string line; std::getline(log, line);) {
        const auto said = nlohmann::json::parse(line, nullptr, false);
        if (said.is_object() && said.value("msg", "") == "listening")
          return said.at("address").get<std::string>();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ADD_FAILURE() << "the gateway (" << gateway.pid() << ") does not listen: " << text_of(log_);
    return {};
  }

  Day booked() {
    Day day;
    const kernel::Rows trades = db_->query(
        "SELECT y.name, (extract(epoch FROM g.event_at) * 1000000)::bigint AS event, t.side, t.quantity::text AS quantity, "
        "t.value::text AS value, t.fee::text AS fee, t.realised::text AS realised FROM trading.trades t JOIN "
        "trading.orders o ON o.id = t.order_id JOIN trading.signals g ON g.id = o.signal_id JOIN trading.strategies y ON y.id = "
        "g.strategy_id ORDER BY y.name, g.event_at, g.ordinal");
    for (const kernel::Row row : trades) {
      day.trades += row.text("name") + ": " +
                    line_of(row.micros("event"), row.text("side"), row.decimal("quantity"),
                            row.decimal("value"), row.decimal("fee"), row.decimal("realised"));
    }
    day.signals = value_of(
        *db_,
        "SELECT string_agg(concat_ws(' ', y.name, g.event_at AT TIME ZONE 'UTC', g.ordinal, g.side, g.price, g.quantity, g.confidence, "
        "g.metadata, g.status), E'\\n' ORDER BY y.name, g.event_at, g.ordinal) FROM trading.signals g JOIN trading.strategies y ON y.id "
        "= g.strategy_id");
    day.cash = value_of(*db_, "SELECT virtual_balance::text FROM trading.users");
    EXPECT_EQ(value_of(*db_, "SELECT count(*)::text FROM trading.signals WHERE status = 'missed'"), "0");
    return day;
  }

  TestDb home_;
  const std::unique_ptr<kernel::Db> db_ = home_.open();
  const RedisServer redis_;
  const Directory files_;
  const std::string log_ = files_.file("gateway.log", "");
  const std::string engine_log_ = files_.file("engine.log", "");
  std::map<std::string, std::string> env_{{"PATH", "/usr/bin:/bin"},
                                          {"DATABASE_URL", home_.url()},
                                          {"REDIS_URL", redis_.socket_url()},
                                          {"AM_DESKS_ENABLED", "strategy"},
                                          {"GATEWAY_TOKEN", "a-token-of-the-tests-alone"},
                                          {"STRATEGY_PAPER_FEE", "3"},
                                          {"STRATEGY_PAPER_SLIPPAGE", "2"},
                                          {"STRATEGY_MAX_ORDERS_PER_MINUTE", "10000"},
                                          {"STRATEGY_MAX_ACCOUNT_ORDERS_PER_MINUTE", "10000"}};
};

/// The same day by replay.
Day replayed() {
  const auto text = kernel::read_file(kBarsFile, {});
  const std::vector<strategy::Bar> bars = strategy::parse_bars_csv(text.value(), kBarsFile);
  const strategy::ReplayOptions options{
      .symbol = "DEMO", .fill = strategy::FillRule::signal, .fee_bps = 3, .slippage_bps = 2};
  Day day;
  Decimal cash = options.cash;
  const auto add = [&](const std::string& name, const strategy::ReplayResult& result) {
    for (const strategy::ReplayTrade& trade : result.trades) {
      day.trades += name + ": " +
                    line_of(Instant(std::chrono::microseconds(trade.event)), std::string(name_of(trade.side)),
                            trade.quantity, trade.value, trade.fee, trade.realised);
    }
    cash += result.cash - options.cash;
  };
  add("average",
      replay(strategy::make_builtin({.name = "average", .code = "sma_cross", .params = kParams}, "DEMO"),
             bars, options));
  strategy::WorkerOptions worker;
  worker.code = text_of(kProgram);
  worker.symbol = options.symbol;
  worker.batch = 100;
  add("dip-buyer", replay(strategy::make_python_worker(worker, {}), bars, options));
  day.cash = cash.to_fixed(2);
  return day;
}

TEST(ReplayEqualsLive, ToTheCentForNativeAndPythonAndTwiceTheSame) {
  LiveDay one, other;  // side by side: most of a day is waiting for its end
  auto later = std::async(std::launch::async, [&other] { return other.run(); });
  const Day live = one.run();
  const Day again = later.get();
  const Day past = replayed();
  EXPECT_GT(std::ranges::count(live.trades, '\n'), 20);
  EXPECT_EQ(live.trades, past.trades);
  EXPECT_EQ(live.cash, past.cash);
  EXPECT_EQ(live.trades, again.trades);
  EXPECT_EQ(live.signals, again.signals);
  EXPECT_EQ(live.cash, again.cash);
}

}  // namespace
}  // namespace am::test
