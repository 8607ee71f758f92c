#pragma once
// The gateway: it alone talks to a broker and moves virtual money. From a signal to what is booked of it are three steps,
// each of them a transaction or a call that can be cut off at any moment:
//
//   A      under the locks of session and user: the checks, the signal's row, the order's row as `placing` with the process
//          that places it, the reserve.
//   place  one request to the broker, under a client_order_id that follows from the signal. It is never sent again: of an
//          order whose answer was lost (`unknown`) the broker is asked by that id. Only when it has not known it for so long
//          that no request can still be under way (settle) is it closed as rejected.
//   B      for each growth of the filled quantity: one row of trades, which order and cumulative quantity make unique, the
//          position, the cash, the reserve.
//
// Whatever breaks in between is mended by the sweeper (sweeper.hpp), of this process or of another gateway.
// Locks: switch (shared), session, user, order, in this order. Design: docs/architecture.md, "Orders and money".

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "am/kernel/clock.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/metrics.hpp"
#include "am/strategy/broker.hpp"
#include "am/strategy/money.hpp"
#include "am/strategy/signal_post.hpp"

namespace am::strategy {

/// Units: percent, dollars, hundredths of a percent.
struct GatewayLimits {
  Decimal collar_pct = 1, max_notional = 25000, max_position = 50000, max_drawdown_pct = 20;
  Decimal fee_bps{};                              ///< what a buy holds back for the broker's fee
  int session_orders = 30, account_orders = 120;  ///< a minute
  std::chrono::seconds signal_ttl{30};
  std::chrono::seconds order_timeout{60};  ///< then it is cancelled
};

struct GatewayTimes {
  std::chrono::milliseconds place_within{5000};   ///< from A to the request: one that comes later is not sent
  std::chrono::milliseconds placing_most{60000};  ///< then whoever places counts as lost
  std::chrono::milliseconds settle{120000};  ///< after which a broker that does not know an order never will
  std::chrono::milliseconds poll{2000};      ///< between two questions for open orders
  std::chrono::milliseconds engine_lost{60000};  ///< past its lease: a session's open orders are cancelled
  std::chrono::milliseconds store_again{50};     ///< the first wait before an outcome is stored again
  std::chrono::milliseconds repeat_wait{2000};   ///< for the first of two equal signals
};

/// What a session came to: see profit_of.
struct ProfitInputs {
  Decimal deposits;        ///< of its user
  Decimal realised, fees;  ///< of its trades
  Holding held;
  std::optional<Decimal> price{};  ///< the last known one; nothing: as bought
};
/// deposits + realised − fees + (what is held, at that price − its cost): what a session's drawdown is measured by.
Decimal profit_of(const ProfitInputs& inputs);

struct GatewayOptions {
  GatewayLimits limits{};
  GatewayTimes times{};
  bool live = false;  ///< --live
  Decimal (*profit)(const ProfitInputs&) = profit_of;
};

/// What is answered. Body: JSON.
struct GatewayAnswer {
  int status = 201;
  std::string body;
  std::optional<std::chrono::seconds> retry_after{};
};
/// {"error": {"code", "message"}}
GatewayAnswer gateway_error(int status, std::string_view code, std::string_view message);

struct OrderRow;

class Gateway {
 public:
  /// Errors:  config: a broker with money without --live, or --live without one.
  Gateway(Broker& broker, GatewayOptions options, kernel::Log& log, const kernel::Clock& clock);

  /// Executes a signal. Threads: any, a database each. Errors: none: they are the answer.
  GatewayAnswer execute(kernel::Db& db, const SignalPost& post);

  /// Places an order that is an intent: what flatten asked for. False: it is none any more.
  bool place_intent(kernel::Db& db, const std::string& order_id);
  /// What the broker says of an order, booked. Threads: any; of two that bring the same state one books.
  void book(kernel::Db& db, const std::string& order_id, const BrokerOrder& said);
  /// The broker certainly does not have it, and never will: closes it as rejected, and gives back its reserve.
  /// only: nothing happens when it has another status by then.
  void reject(kernel::Db& db, const std::string& order_id, std::string_view reason,
              std::string_view only = {});

  Broker& broker() { return broker_; }
  const GatewayOptions& options() const { return options_; }
  kernel::Log& log() { return log_; }
  const kernel::Clock& clock() const { return clock_; }
  /// "paper", "alpaca", "alpaca-live": what its orders and positions are marked with.
  const std::string& label() const { return label_; }
  const std::string& holder() const { return holder_; }
  /// Whether this process is placing that order now.
  bool is_placing(const std::string& order_id) const;
  /// An inactive account orders nothing (503).
  void set_account_active(bool active) { account_active_ = active; }
  /// Called when an order's outcome is unknown, or one stays open: the sweeper looks at once.
  void on_open_order(std::function<void()> callback) { wake_ = std::move(callback); }

 private:
  class Placing;
  GatewayAnswer accept_and_place(kernel::Db& db, const SignalPost& post);
  GatewayAnswer place(kernel::Db& db, const OrderRow& order, kernel::SteadyTime began);
  /// Those that say what became of an order return it as it is then.
  OrderRow settle(kernel::Db& db, const OrderRow& order, const Placed& placed);
  OrderRow book_order(kernel::Db& db, const OrderRow& known, const BrokerOrder& said);
  OrderRow reject_order(kernel::Db& db, const OrderRow& known, std::string_view reason,
                        std::string_view only);
  std::optional<AssetRules> known_rules(const std::string& symbol) const;
  void learn_rules(const std::string& symbol, AssetType asset);
  OrderRow halt_for(kernel::Db& db, const OrderRow& order, std::string_view problem);

  Broker& broker_;
  const GatewayOptions options_;
  kernel::Log& log_;
  const kernel::Clock& clock_;
  const std::string label_, holder_;
  std::atomic<bool> account_active_{true};
  std::function<void()> wake_ = [] {};
  mutable std::mutex mutex_;
  std::set<std::string> placing_;
  std::map<std::string, std::pair<AssetRules, kernel::SteadyTime>> rules_;
};

}  // namespace am::strategy
