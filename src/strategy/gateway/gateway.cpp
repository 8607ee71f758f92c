#include "am/strategy/gateway.hpp"

#include <thread>

#include "accept.hpp"
#include "am/base/text.hpp"
#include "am/kernel/ids.hpp"
#include "am/kernel/ledger.hpp"
#include "order_rows.hpp"

namespace am::strategy {

using kernel::sql_values;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::hours kRulesFresh{1};
constexpr std::size_t kMostRules = 10000;
constexpr int kStoreAttempts = 5;

std::string label_of(const Broker& broker) {
  return std::string(broker.name()) + (broker.is_live() ? "-live" : "");
}

/// What came of placing is known to this process alone until it is stored: that is tried again for a moment, also when the
/// outcome of a commit is unknown, since each of these steps finds what it has done.
template <class Work>
void store_surely(kernel::Log& log, std::chrono::milliseconds wait, const std::string& what, Work work) {
  for (int attempt = 1;; ++attempt) {
    try {
      return work();
    } catch (const Error& error) {
      if (attempt == kStoreAttempts || error.kind() != ErrorKind::unavailable) throw;
      log.warn(what + " could not be stored; trying again", {{"error", error.message()}});
      std::this_thread::sleep_for(wait * (1 << attempt));
    }
  }
}

kernel::Fields fields_of(const OrderRow& order) {
  return {{"session_id", order.session_id}, {"order_id", order.id},        {"mode", name_of(order.mode)},
          {"status", order.status},         {"side", name_of(order.side)}, {"symbol", order.symbol}};
}

}  // namespace

/// An order that this process is placing: known from before A commits until its outcome is stored.
class Gateway::Placing {
 public:
  Placing(Gateway& gateway, std::string order_id) : gateway_(gateway), order_id_(std::move(order_id)) {
    const std::lock_guard lock(gateway_.mutex_);
    gateway_.placing_.insert(order_id_);
  }
  ~Placing() {
    const std::lock_guard lock(gateway_.mutex_);
    gateway_.placing_.erase(order_id_);
  }
  Placing(const Placing&) = delete;
  Placing& operator=(const Placing&) = delete;

 private:
  Gateway& gateway_;
  const std::string order_id_;
};

Gateway::Gateway(Broker& broker, GatewayOptions options, kernel::Log& log, const kernel::Clock& clock)
    : broker_(broker),
      options_(options),
      log_(log),
      clock_(clock),
      label_(label_of(broker)),
      holder_(kernel::Holder::self().to_json()) {
  if (broker.is_live() && !options.live)
    throw Error(ErrorKind::config, "broker " + label_ + ": it trades with money",
                "say so with am serve-gateway --live, or take the account's paper server");
  if (!broker.is_live() && options.live)
    throw Error(ErrorKind::config, "--live: the broker " + label_ + " does not trade with money",
                "set strategy.broker and alpaca.live, or leave --live out");
}

bool Gateway::is_placing(const std::string& order_id) const {
  const std::lock_guard lock(mutex_);
  return placing_.contains(order_id);
}

std::optional<AssetRules> Gateway::known_rules(const std::string& symbol) const {
  const std::lock_guard lock(mutex_);
  const auto at = rules_.find(symbol);
  if (at == rules_.end() || steady_clock::now() - at->second.second > kRulesFresh) return std::nullopt;
  return at->second.first;
}

void Gateway::learn_rules(const std::string& symbol, AssetType asset) {
  const AssetRules rules = broker_.rules(symbol, asset);
  const std::lock_guard lock(mutex_);
  if (rules_.size() >= kMostRules) rules_.clear();
  rules_.insert_or_assign(symbol, std::pair(rules, steady_clock::now()));
}

GatewayAnswer Gateway::execute(kernel::Db& db, const SignalPost& given) {
  SignalPost post = given;
  if (post.signal_id.empty()) post.signal_id = kernel::new_id();
  const kernel::Log::Scope scope(log_, {{"session_id", post.session_id}, {"signal_id", post.signal_id}});
  try {
    if (!account_active_) return gateway_error(503, "account_inactive", "the broker's account is not active");
    return accept_and_place(db, post);
  } catch (const Error& error) {
    const bool passes =
        error.retryable() || error.kind() == ErrorKind::config || error.kind() == ErrorKind::denied;
    log_.error("signal not executed", {{"error", error.message()}, {"hint", error.hint()}});
    return passes ? gateway_error(503, "unavailable",
                                  "the database or the broker does not answer; send it again")
                  : gateway_error(500, "internal", "the signal could not be executed");
  } catch (const std::exception& error) {
    log_.error("signal not executed", {{"error", printable(error.what())}});
    return gateway_error(500, "internal", "the signal could not be executed");
  }
}

GatewayAnswer Gateway::accept_and_place(kernel::Db& db, const SignalPost& post) {
  const std::string new_order = kernel::new_id();
  const auto give_up = steady_clock::now() + options_.times.repeat_wait;
  for (;;) {
    std::optional<Placing> placing;
    Acceptance accepted;
    steady_clock::time_point began;
    db.transact([&](kernel::Transaction& tx) {
      began = steady_clock::now();
      accepted = accept_signal(tx, post, new_order,
                               {.options = options_,
                                .broker = label_,
                                .holder = holder_,
                                .now = clock_.now(),
                                .rules = [this](const std::string& symbol) { return known_rules(symbol); }});
      if (accepted.what == Acceptance::What::placing) placing.emplace(*this, accepted.order_id);
    });
    switch (accepted.what) {
      case Acceptance::What::answered:
        log_.info("signal answered", {{"status", accepted.answer.status}});
        return accepted.answer;
      case Acceptance::What::placing:
        return place(db, accepted.order_id, began);
      case Acceptance::What::wants_rules:
        learn_rules(accepted.symbol, accepted.asset);
        continue;
      case Acceptance::What::under_way:
        if (steady_clock::now() >= give_up)
          return gateway_error(503, "under_way", "the same signal is being executed; send it again");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        continue;
    }
  }
}

GatewayAnswer Gateway::place(kernel::Db& db, const std::string& order_id, kernel::SteadyTime began) {
  const auto order = find_order(db, order_id);
  if (!order) throw Error(ErrorKind::bug, "order " + order_id + ": gone while it was placed");
  if (steady_clock::now() - began > options_.times.place_within) {
    log_.warn("order not sent: this process slept meanwhile", fields_of(*order));
    store_surely(log_, options_.times.store_again, "the order",
                 [&] { reject(db, order_id, "not sent in time"); });
  } else {
    Placed placed;
    try {
      placed = broker_.place(order->request());
    } catch (const std::exception&
                 error) {  // it says that it throws nothing; whatever it was, the order may be there
      placed = {.what = Placed::What::unknown, .reason = one_line(error.what())};
    }
    store_surely(log_, options_.times.store_again, "what the broker said",
                 [&] { settle(db, *order, placed); });
  }
  const auto settled = find_order(db, order_id);
  if (!settled) throw Error(ErrorKind::bug, "order " + order_id + ": gone after it was placed");
  log_.info("signal executed", fields_of(*settled));
  if (settled->status == "open" || settled->status == "unknown") wake_();
  if (settled->status == "intent") {
    GatewayAnswer answer =
        gateway_error(429, "broker_busy", "the broker takes no order now: " + settled->reason);
    if (settled->not_before)
      answer.retry_after =
          std::max(std::chrono::seconds(1),
                   std::chrono::ceil<std::chrono::seconds>(*settled->not_before - clock_.now()));
    return answer;
  }
  return answer_of(*settled);
}

void Gateway::settle(kernel::Db& db, const OrderRow& order, const Placed& placed) {
  switch (placed.what) {
    case Placed::What::accepted: {
      BrokerOrder taken;
      taken.client_order_id = order.client_order_id;
      taken.status = "accepted";
      return book(db, order.id, placed.order.value_or(taken));
    }
    case Placed::What::refused:
      return reject(db, order.id, placed.reason.empty() ? "the broker refused it" : placed.reason);
    case Placed::What::throttled:
      db.query(
          "UPDATE trading.orders SET status = 'intent', holder = NULL, placed_at = NULL, reason = $2, not_before = "
          "$3::timestamptz, updated_at = clock_timestamp() WHERE id = $1::uuid AND status = 'placing'",
          sql_values(order.id, one_line(placed.reason), placed.not_before));
      return;
    case Placed::What::unknown:
      db.transact([&](kernel::Transaction& tx) {
        tx.query(
            "UPDATE trading.orders SET status = 'unknown', reason = $2, updated_at = clock_timestamp() WHERE id = $1::uuid AND "
            "status = 'placing'",
            sql_values(order.id, one_line(placed.reason)));
        if (!order.signal_id.empty()) store_answer(tx, order.signal_id, answer_of(lock_order(tx, order.id)));
      });
      log_.warn("order outcome unknown", fields_of(order));
      return;
  }
}

bool Gateway::place_intent(kernel::Db& db, const std::string& order_id) {
  const Placing placing(*this, order_id);
  const auto began = steady_clock::now();
  const kernel::Rows taken = db.query(
      "UPDATE trading.orders SET status = 'placing', holder = $2::jsonb, not_before = NULL, reason = NULL, placed_at = "
      "clock_timestamp(), cancel_at = clock_timestamp() + $3::integer * interval '1 second', updated_at = clock_timestamp() WHERE "
      "id = $1::uuid AND status = 'intent' RETURNING 1",
      sql_values(order_id, holder_, options_.limits.order_timeout.count()));
  if (taken.empty()) return false;
  place(db, order_id, began);
  return true;
}

}  // namespace am::strategy
