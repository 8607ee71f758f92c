#pragma once
// A user with cash and a session, a gateway over a broker that does as it is told.

#include <memory>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/kernel/ids.hpp"
#include "am/strategy/gateway.hpp"
#include "am/strategy/halt.hpp"
#include "am/strategy/sessions.hpp"
#include "am/strategy/sweeper.hpp"
#include "support/pg.hpp"
#include "support/strategy/conservation.hpp"
#include "support/strategy/scripted_broker.hpp"

namespace am::strategy {

inline Instant gateway_now() {
  return *parse_rfc3339("2026-11-25T15:00:00Z");
}  // a Wednesday, the market is open

/// Limits that are in nobody's way.
inline GatewayOptions roomy_options() {
  GatewayOptions options;
  options.limits.max_notional = Decimal::of("1000000");
  options.limits.max_position = Decimal::of("1000000");
  options.limits.max_drawdown_pct = 100;
  options.limits.session_orders = options.limits.account_orders = 1000000;
  options.times.poll = std::chrono::milliseconds(0);
  options.times.repeat_wait = std::chrono::milliseconds(50);
  options.times.store_again = std::chrono::milliseconds(1);
  return options;
}

/// Rows for orders: a user with so much, a session of AAPL.
inline std::string insert_session(kernel::Db& db, const std::string& cash = "100000", Mode mode = Mode::paper,
                                  const std::string& symbol = "AAPL",
                                  const std::string& user = "ann@example.org") {
  const std::string made = kernel::new_id();
  const std::string strategy = kernel::new_id();
  const std::string session = kernel::new_id();
  const kernel::Rows known =
      db.query("SELECT id::text AS id FROM trading.users WHERE email = $1", kernel::sql_values(user));
  const std::string owner = known.empty() ? made : known[0].text("id");
  if (known.empty()) {
    db.query(
        "INSERT INTO trading.users (id, email, virtual_balance, created_at, updated_at) VALUES ($1::uuid, $2, $3::numeric, "
        "clock_timestamp(), clock_timestamp())",
        kernel::sql_values(owner, user, cash));
    db.query(
        "INSERT INTO trading.cash_entries (user_id, kind, amount, balance, created_at) VALUES ($1::uuid, 'deposit', $2::numeric, "
        "$2::numeric, clock_timestamp())",
        kernel::sql_values(owner, cash));
  }
  db.query(
      "INSERT INTO trading.strategies (id, user_id, name, symbol, language, code, created_at) VALUES ($1::uuid, $2::uuid, $1::uuid::text, $3, 'builtin', 'mock', clock_timestamp())",
      kernel::sql_values(strategy, owner, symbol));
  db.query(
      "INSERT INTO trading.sessions (id, user_id, strategy_id, symbol, asset_type, mode, started_at, updated_at) VALUES ($1::uuid, "
      "$2::uuid, $3::uuid, $4, $5, $6, clock_timestamp(), clock_timestamp())",
      kernel::sql_values(session, owner, strategy, symbol, name_of(asset_of_symbol(symbol)), name_of(mode)));
  return session;
}

inline SignalPost signal_post(const std::string& session, Side side, const char* quantity,
                              const char* price = "100", const std::string& symbol = "AAPL") {
  SignalPost post;
  post.session_id = session;
  post.symbol = symbol;
  post.side = side;
  post.quantity = Decimal::of(quantity);
  post.price = Decimal::of(price);
  post.signal_id = kernel::new_id();
  post.generated_at = gateway_now();
  return post;
}

/// One process: it dies with the object, the broker and the rows stay.
struct GatewayProcess {
  GatewayProcess(const test::TestDb& home, test::ScriptedBroker& broker,
                 const GatewayOptions& options = roomy_options(),
                 std::function<void(std::string_view)> probe = {})
      : db(home.open(std::move(probe))), gateway(broker, options, log, clock), sweeper(gateway) {}

  std::ostringstream lines;
  kernel::Log log{lines, {}};
  kernel::SystemClock clock{gateway_now()};
  std::unique_ptr<kernel::Db> db;
  Gateway gateway;
  Sweeper sweeper;

  GatewayAnswer execute(const SignalPost& post) { return gateway.execute(*db, post); }
  void sweep() { sweeper.round(*db); }
};

class GatewayBed : public testing::Test {
 protected:
  GatewayProcess& process() {
    if (!process_) process_ = std::make_unique<GatewayProcess>(home_, broker_, options_);
    return *process_;
  }
  GatewayAnswer buy(const char* quantity, const char* price = "100") {
    return process().execute(signal_post(session_, Side::buy, quantity, price));
  }
  GatewayAnswer sell(const char* quantity, const char* price = "100") {
    return process().execute(signal_post(session_, Side::sell, quantity, price));
  }
  static nlohmann::json json(const GatewayAnswer& answer) { return nlohmann::json::parse(answer.body); }
  /// "insufficient_funds", or an order's status.
  static std::string said(const GatewayAnswer& answer) {
    const nlohmann::json body = json(answer);
    return body.contains("error") ? body["error"]["code"].get<std::string>()
                                  : body["status"].get<std::string>();
  }
  std::string value(const std::string& sql, const kernel::SqlValues& values = {}) {
    return test::value_of(*db_, sql, values);
  }
  std::string cash() { return value("SELECT virtual_balance FROM trading.users"); }
  std::string reserved() { return value("SELECT reserved FROM trading.users"); }
  std::string held() {
    return value(
        "SELECT coalesce(string_agg(trim_scale(quantity) || ' for ' || cost, ' '), '') FROM trading.positions WHERE "
        "quantity > 0");
  }
  std::string trading() { return value("SELECT trading FROM trading.sessions"); }
  void expect_conserved() { EXPECT_EQ(join(test::conservation_problems(*db_), "\n"), ""); }
  void TearDown() override { expect_conserved(); }

  test::TestDb home_;
  const std::unique_ptr<kernel::Db> db_ = home_.open();
  const std::string session_ = insert_session(*db_);
  test::ScriptedBroker broker_;
  GatewayOptions options_ = roomy_options();
  std::unique_ptr<GatewayProcess> process_;
};

}  // namespace am::strategy
