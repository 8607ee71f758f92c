#pragma once
// Orders as rows, and what is read and written about them under lock. Private.

#include <optional>
#include <string>
#include <string_view>

#include "am/kernel/db.hpp"
#include "am/strategy/gateway.hpp"
#include "am/strategy/money.hpp"
#include "checks.hpp"

namespace am::strategy {

struct OrderRow {
  std::string id, client_order_id, signal_id;  ///< signal_id: empty: a flatten's
  std::string session_id, user_id, broker;
  Mode mode = Mode::paper;
  AssetType asset = AssetType::stock;
  std::string symbol;
  Side side = Side::buy;
  Decimal quantity, signal_price, limit_price;
  std::string status;  ///< intent, placing, unknown, open, filled, cancelled, rejected
  std::string vendor_status{}, broker_order_id{}, reason{};
  Filled filled{};
  Decimal reserved{};
  std::optional<Instant> created_at{}, placed_at{}, cancel_at{}, cancel_asked_at{}, not_before{};

  bool closed() const { return status == "filled" || status == "cancelled" || status == "rejected"; }
  /// The broker is known to have it, or to have had it.
  bool known() const { return !vendor_status.empty(); }
  OrderRequest request() const;
  BrokerOrder at_broker() const;  ///< as it was last heard of
};

/// "o.id::text AS id, …" of trading.orders o.
std::string order_columns();
OrderRow order_of(const kernel::Row& row);
std::optional<OrderRow> find_order(kernel::Sql& sql, const std::string& id);
/// Errors:  bug: it is not there.
OrderRow lock_order(kernel::Sql& sql, const std::string& id);

/// A session as the order path sees it, its row locked.
struct LockedSession {
  std::string id, user_id, strategy_id, symbol, timeframe, reason;
  AssetType asset = AssetType::stock;
  Mode mode = Mode::paper;
  SessionStatus status = SessionStatus::running;
  Trading trading = Trading::active;
  long long epoch = 0;
  std::optional<Decimal> peak_equity{};
};
std::optional<LockedSession> lock_trading_session(kernel::Sql& sql, const std::string& id);
Account lock_account(kernel::Sql& sql, const std::string& user_id);
/// What everything may do; shared, so that whoever changes it waits for those who have read it.
struct Switch {
  Trading trading = Trading::active;
  std::string reason;
};
Switch share_switch(kernel::Sql& sql);

/// What an order came to, as it is answered: 201, or 422 when it is rejected.
GatewayAnswer answer_of(const OrderRow& order);
/// Keeps what was answered to a signal, unless something was before.
void store_answer(kernel::Sql& sql, const std::string& signal_id, const GatewayAnswer& answer);

/// Closes an order that the broker does not have, with what it holds back; one that it has had, or that is over: nothing
/// happens. Session and user are locked. Returns it as it is then.
OrderRow reject_locked(kernel::Transaction& tx, OrderRow order, std::string_view reason);
/// What a session is worth, and was when it began.
struct Equity {
  Decimal start, now;
};
/// Remembers the highest value of a session, and lets it only sell when it is too far below. Returns what a person has to
/// know; empty: nothing.
std::string note_equity(kernel::Transaction& tx, const LockedSession& session, const Equity& equity,
                        const Decimal& max_drawdown_pct);

}  // namespace am::strategy
