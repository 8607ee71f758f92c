#pragma once
// Stopping, halting and selling out, as the commands do it: what may be ordered is a state of a session and of everything
// (`trading.switch`), which the order path reads under lock. So: the new state is committed, what is just being placed is
// waited for, what is open is cancelled, and only then it is answered. Nothing is ordered after that. The state survives
// every restart; the gateway does the cancelling, and a gateway that is away does it when it is back.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "am/base/decimal.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/stop.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

struct GlobalTrading {
  Trading trading = Trading::active;
  std::string reason{};
};
GlobalTrading global_trading(kernel::Sql& sql);
/// What everything may do, whatever its session says; with the event trading_switched. Waits for whoever is just deciding
/// about an order. False: it was so.
bool set_global_trading(kernel::Transaction& tx, Trading trading, std::string_view reason);

/// Orders that were not over when the wait was.
struct Quiet {
  int cancelled = 0;  ///< asked to be cancelled, intents that were never sent included
  int placing = 0;    ///< may still reach the broker
  int open = 0;       ///< at the broker, or it is not known; a cancel was asked for
  bool complete() const { return placing == 0 && open == 0; }
};
/// To be called when stop, halt or a reduction is committed: asks for the cancelling of the orders that its state does not
/// allow any more, closes what was not sent, and waits until the rest is over.
/// session: empty: of all sessions. all: whatever the states say.
/// Errors:  as Sql::query; interrupted, terminated.
Quiet quiet_orders(kernel::Db& db, const std::string& session_id, std::chrono::milliseconds most,
                   const kernel::Stop& stop, bool all = false);

/// What flatten came to.
struct Flatten {
  std::string order_id{};  ///< empty: nothing is held
  Decimal quantity{}, price{};
  std::string symbol{};
};
struct FlattenRequest {
  std::string session_id;
  std::optional<Decimal> price{};  ///< nothing: the last known one
  Decimal collar_pct = 1;
  Instant now{};
};
/// Asks for the sale of exactly what a session holds, whatever its state is: an intent, which the gateway places. Its orders
/// have to be over (quiet_orders).
/// Errors:  no_input: no such session; busy: an order of it is open; data: no price is known, a live session has no recent one.
Flatten request_flatten(kernel::Transaction& tx, const FlattenRequest& request);

/// How an order stands, for whoever waits for one: its status, and whether it is over.
struct OrderState {
  std::string status, reason;
  bool over = false;
};
std::optional<OrderState> order_state(kernel::Sql& sql, const std::string& order_id);

}  // namespace am::strategy
