#pragma once
// Where an order came from and what became of it: bar, signal, checks, answers, fills, cash.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/kernel/db.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

/// What was asked about a signal, and what was found.
struct TraceCheck {
  std::string check, says;
  bool ok = true;
};

struct TraceSignal {
  std::string id, side, price, quantity, confidence, metadata, status, reason;
  std::optional<Instant> event_at{};
  Instant generated_at{}, created_at{};
  std::vector<TraceCheck> checks{};
  std::optional<int> answer_status{};
  std::string answer{};  ///< its body; empty: none yet
};

struct TraceOrder {
  std::string id, client_order_id, broker, broker_order_id, side, quantity, signal_price, limit_price, status,
      vendor_status, reason, filled_quantity, filled_value, fee, fee_quantity, reserved;
  Instant created_at{};
  std::optional<Instant> placed_at{}, cancel_asked_at{}, closed_at{};
};

struct TraceTrade {
  long long id = 0;
  std::string quantity, cumulative_quantity, price, value, fee, fee_quantity, cost, realised;
  Instant booked_at{};
};

struct TraceCash {
  std::string kind, amount, balance;
  long long trade_id = 0;
  Instant at{};
};

struct Trace {
  std::string session_id, strategy, symbol, timeframe;
  Mode mode = Mode::paper;
  std::optional<Bar> bar{};             ///< that the signal came of, as it is kept now
  std::optional<TraceSignal> signal{};  ///< none: of a flatten
  std::optional<TraceOrder> order{};    ///< none: of a signal that was refused
  std::vector<TraceTrade> trades{};
  std::vector<TraceCash> cash{};
};

/// By the id of an order or a signal, or by the order's id at the broker's or ours for the broker ("am-…").
/// Errors:  no_input: there is none.
Trace trace_order(kernel::Sql& sql, std::string_view name);

}  // namespace am::strategy
