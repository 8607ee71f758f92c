#pragma once
// What a session signalled, ordered and booked, as API and pages read it. Private.

#include <optional>
#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "am/kernel/db.hpp"

namespace am::web {

/// What a strategy asked for.
struct SignalLine {
  std::string id, side, status;
  Decimal price, quantity, confidence;
  std::string metadata;  ///< a JSON object
  std::string said;      ///< the same for people: "sma: 4063.46, why: crossed"; empty: nothing
  std::optional<std::string> reason{};
  std::optional<Instant> event_at{};  ///< start of the bar
  Instant generated_at{};
};

/// One booking: an order that was filled, or filled further.
struct TradeLine {
  std::string id, session_id, order_id, mode, strategy, symbol, side;
  Decimal quantity, price, value, fee, cost, realised;
  Decimal fee_quantity;  ///< taken out of what was received
  Instant booked_at{};
  std::optional<SignalLine> signal{};  ///< none: nobody's but a person's, such as flatten
  std::optional<std::string> order_reason{};
};

/// The newest first; session: only its own; before: only those before that one.
kernel::Statement trades_newest_first(const std::optional<std::string>& session,
                                      const std::optional<std::string>& before, long long offset, int limit);
std::vector<TradeLine> trade_lines(const kernel::Rows& result);

/// Those of a session that nothing was ordered for, the newest first.
kernel::Statement signals_not_ordered(const std::string& session, int limit);
std::vector<SignalLine> signal_lines(const kernel::Rows& result);

struct StatusCount {
  std::string status;
  long long count = 0;
};
kernel::Statement signal_counts_of(const std::string& session);
std::vector<StatusCount> status_counts(const kernel::Rows& result);

struct OrderLine {
  std::string id, client_order_id, broker, mode, side, status;
  Decimal quantity, signal_price, limit_price, filled_quantity, filled_value, fee, reserved;
  std::optional<std::string> vendor_status{}, reason{};
  std::optional<Instant> placed_at{}, cancel_at{}, closed_at{};
  Instant created_at{};
};

/// Those of a session that are open, the newest first.
kernel::Statement open_orders_of(const std::string& session, int limit);
/// Those that ended and were not filled whole.
kernel::Statement unfilled_orders_of(const std::string& session, int limit);
std::vector<OrderLine> order_lines(const kernel::Rows& result);

}  // namespace am::web
