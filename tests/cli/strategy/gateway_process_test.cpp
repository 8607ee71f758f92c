// The real `am serve-gateway`, with the paper broker: its token, its paths, its end; and killed at any call.

#include <csignal>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/kernel/ids.hpp"
#include "support/am_process.hpp"
#include "support/crash_sweep.hpp"
#include "support/http_socket.hpp"
#include "support/strategy/conservation.hpp"

namespace am::test {
namespace {

const std::string kToken = "a-token-for-these-tests";

class GatewayServer {
 public:
  GatewayServer(const TestDb& home, std::map<std::string, std::string> more = {},
                const std::string& program = "am")
      : port_(LoopbackServer::closed_port()) {
    std::map<std::string, std::string> env{{"PATH", "/usr/bin:/bin"},
                                           {"DATABASE_URL", home.url()},
                                           {"AM_DESKS_ENABLED", "strategy"},
                                           {"GATEWAY_TOKEN", kToken}};
    env.merge(more);
    std::vector<std::string> argv =
        am_command({"serve-gateway", "--listen", "127.0.0.1:" + std::to_string(port_)});
    if (program != "am") argv.front() = std::string(AM_BINARY_DIR) + "/tests/" + program;
    process_ = std::make_unique<Process>(argv, ProcessOptions{.env = std::move(env)});
  }
  /// Whether it answers; false: it has ended.
  bool up() const {
    for (int i = 0; i < 1500; ++i) {
      if (kill(process_->pid(), 0) != 0) return false;
      try {
        if (http_get(port_, "/health").status == 200) return true;
      } catch (const std::runtime_error&) {  // nobody listens yet, or any more
      }
      if (i % 20 == 19 && is_dead()) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }
  HttpAnswer post(const std::string& body, const std::string& token = kToken) const {
    HttpSocket socket(port_);
    socket.send(
        "POST /internal/execute HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer " +
        token + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return socket.answer().value_or(HttpAnswer{});
  }
  HttpAnswer get(const std::string& target, const std::string& method = "GET") const {
    return http_get(port_, target, {}, method);
  }
  Finished end() {
    process_->signal(SIGTERM);
    return process_->wait(std::chrono::seconds(30));
  }
  Process& process() { return *process_; }

 private:
  bool is_dead() const {
    const std::string stat = "/proc/" + std::to_string(process_->pid()) + "/stat";
    const auto text = kernel::read_file(stat);
    return !text || text.value().find(") Z ") != std::string::npos;
  }

  int port_;
  std::unique_ptr<Process> process_;
};

/// A user with 1,000, a rehearsal on AAPL.
std::string make_session(kernel::Db& db) {
  const std::string user = kernel::new_id();
  const std::string strategy = kernel::new_id();
  const std::string session = kernel::new_id();
  db.query(
      "INSERT INTO trading.users (id, email, virtual_balance, created_at, updated_at) VALUES ($1::uuid, 'ann@example.org', "
      "1000, clock_timestamp(), clock_timestamp())",
      kernel::sql_values(user));
  db.query(
      "INSERT INTO trading.cash_entries (user_id, kind, amount, balance, created_at) VALUES ($1::uuid, 'deposit', 1000, 1000, "
      "clock_timestamp())",
      kernel::sql_values(user));
  db.query(
      "INSERT INTO trading.strategies (id, user_id, name, symbol, language, code, created_at) VALUES ($1::uuid, $2::uuid, 's', "
      "'AAPL', 'builtin', 'mock', clock_timestamp())",
      kernel::sql_values(strategy, user));
  db.query(
      "INSERT INTO trading.sessions (id, user_id, strategy_id, symbol, asset_type, mode, started_at, updated_at) VALUES "
      "($1::uuid, $2::uuid, $3::uuid, 'AAPL', 'stock', 'rehearsal', clock_timestamp(), clock_timestamp())",
      kernel::sql_values(session, user, strategy));
  return session;
}

/// As the seed's client sends it, and with a name.
std::string signal_body(const std::string& session, const std::string& signal = {},
                        const std::string& action = "BUY") {
  nlohmann::json body{
      {"sessionId", session}, {"symbol", "AAPL"}, {"action", action}, {"price", 100.5}, {"qty", 2}};
  if (!signal.empty()) body["signalId"] = signal;
  return body.dump();
}

class GatewayProcessTest : public testing::Test {
 protected:
  TestDb home_;
  const std::unique_ptr<kernel::Db> db_ = home_.open();
  const std::string session_ = make_session(*db_);
  std::string value(const std::string& sql) { return value_of(*db_, sql); }
};

TEST_F(GatewayProcessTest, ExecutesASignalOfWhoeverHasTheToken) {
  GatewayServer gateway(home_);
  ASSERT_TRUE(gateway.up());
  EXPECT_EQ(gateway.post(signal_body(session_), "another-token-than-it").status, 401);
  EXPECT_EQ(gateway.post(signal_body(session_), "").status, 401);
  const HttpAnswer answer = gateway.post(signal_body(session_));
  EXPECT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(nlohmann::json::parse(answer.body)["filledValue"], "201.00");
  EXPECT_EQ(gateway.post(signal_body(session_, kernel::new_id(), "SELL")).status, 201);
  EXPECT_EQ(value("SELECT virtual_balance FROM trading.users"), "1000.00");
  EXPECT_EQ(gateway.post("{").status, 422);
  EXPECT_EQ(gateway.post(std::string(70000, ' ')).status, 413);
  EXPECT_EQ(gateway.get("/internal/execute").status, 405);
  EXPECT_EQ(gateway.get("/elsewhere").status, 404);
  EXPECT_EQ(gateway.get("/health", "DELETE").status, 405);
  EXPECT_THAT(gateway.get("/metrics").body,
              testing::HasSubstr(R"(am_gateway_orders{status="filled",mode="rehearsal"} 2)"));
  const Finished finished = gateway.end();
  EXPECT_EQ(finished.exit, 0) << finished.err;
  EXPECT_THAT(finished.err, testing::Not(testing::HasSubstr(kToken)));
  EXPECT_TRUE(conservation_problems(*db_).empty());
}

TEST_F(GatewayProcessTest, DoesNotStartWithoutAToken) {
  const Finished none =
      am({"serve-gateway"},
         {{"PATH", "/usr/bin:/bin"}, {"DATABASE_URL", home_.url()}, {"AM_DESKS_ENABLED", "strategy"}});
  EXPECT_EQ(none.exit, 78);
  EXPECT_THAT(none.err, testing::HasSubstr("GATEWAY_TOKEN: not set"));
  const Finished live = am({"serve-gateway", "--live"}, {{"PATH", "/usr/bin:/bin"},
                                                         {"DATABASE_URL", home_.url()},
                                                         {"AM_DESKS_ENABLED", "strategy"},
                                                         {"GATEWAY_TOKEN", kToken}});
  EXPECT_EQ(live.exit, 78) << "paper is not live";
}

TEST_F(GatewayProcessTest, DoesNotStartBesideAnAccountThatHoldsSomethingElse) {
  db_->query(
      "INSERT INTO trading.paper_orders (client_order_id, symbol, side, quantity, price, fee, placed_at) VALUES ('of-somebody', "
      "'TSLA', 'BUY', 3, 200, 0, clock_timestamp())");
  std::map<std::string, std::string> env{{"PATH", "/usr/bin:/bin"},
                                         {"DATABASE_URL", home_.url()},
                                         {"AM_DESKS_ENABLED", "strategy"},
                                         {"GATEWAY_TOKEN", kToken}};
  const Finished refused = am({"serve-gateway", "--listen", "127.0.0.1:0"}, env);
  EXPECT_EQ(refused.exit, 70);
  EXPECT_THAT(refused.err, testing::HasSubstr("TSLA"));
}

/// Killed at that call of the gateway's, started again, and the signal is sent again, as an engine does.
class GatewayKillSweep : public GatewayProcessTest {};

TEST_F(GatewayKillSweep, ItOrdersOnceAndBooksOnce) {
  int killed = 0;
  for (int n = 1; n <= 64; n += 7) {
    const std::string signal = kernel::new_id();
    const std::string body = signal_body(session_, signal, n % 2 == 1 ? "BUY" : "SELL");
    {
      GatewayServer dying(home_, {{"AM_CRASH_AT", std::to_string(n)}}, "am_crash");
      if (dying.up()) {
        try {
          dying.post(body);
        } catch (const std::runtime_error&) {  // it is gone
        }
      }
      dying.process().signal(SIGKILL);
      killed += dying.process().wait().signal == SIGKILL ? 1 : 0;
    }
    GatewayServer next(home_);
    ASSERT_TRUE(next.up());
    HttpAnswer answer;
    for (int i = 0; i < 100 && answer.status != 201 && answer.status != 400 && answer.status != 422; ++i) {
      answer = next.post(body);
      if (answer.status == 503) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_NE(answer.status, 0);
    next.end();
    ASSERT_EQ(
        value(
            "SELECT count(*) FROM trading.paper_orders p FULL JOIN (SELECT o.client_order_id, count(t.id) AS n FROM "
            "trading.orders o LEFT JOIN trading.trades t ON t.order_id = o.id WHERE o.filled_quantity > 0 GROUP BY 1) b "
            "USING (client_order_id) WHERE p.client_order_id IS NULL OR b.n IS DISTINCT FROM 1"),
        "0")
        << "at call " << n;
    ASSERT_TRUE(conservation_problems(*db_).empty()) << "at call " << n;
  }
  EXPECT_EQ(killed, 10);
}

}  // namespace
}  // namespace am::test
