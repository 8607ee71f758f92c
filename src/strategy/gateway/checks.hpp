#pragma once
// What is asked about a signal before it becomes an order: a fixed list, in a fixed order, pure. What is found is kept with
// the signal, so that `am strategy trace` can show it. Private.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/strategy/broker.hpp"
#include "am/strategy/gateway.hpp"
#include "am/strategy/money.hpp"
#include "am/strategy/signal_post.hpp"

namespace am::strategy {

enum class Check {
  session,   ///< it runs
  epoch,     ///< whoever sends holds it
  mode,      ///< it is one that this gateway's broker executes
  trading,   ///< it may order: ACTIVE, or REDUCING and a sale
  symbol,    ///< it is the session's, and can be traded
  age,       ///< not past its time to live
  market,    ///< open
  quantity,  ///< an amount that can be ordered, by the broker's steps
  notional,  ///< within the largest order
  collar,    ///< its price is near the last known one
  holding,   ///< a sale: it is held, and not being sold already
  position,  ///< a buy: within the largest position
  balance,   ///< a buy: there is cash for it
  rate,      ///< orders a minute, of the session and of the account
  crosses    ///< it would not meet an order of the same account
};
std::string_view name_of(Check check);
/// Of the answer where it fails: 400, 409, 422 or 429.
int status_of(Check check);
/// "insufficient_funds", else the check's name: what programs read.
std::string_view code_of(Check check);

/// Everything that they look at.
struct Facts {
  SessionStatus status = SessionStatus::running;
  Trading session_trading = Trading::active, global_trading = Trading::active;
  std::string trading_reason{};
  Mode mode = Mode::paper;
  AssetType asset = AssetType::stock;
  std::string symbol{}, strategy_id{};
  long long epoch = 0;
  Account account{};
  Holding held{};
  std::string held_at{};                       ///< the broker of the position; empty: none
  Decimal selling{};                           ///< of it, in orders that are open
  Decimal buying{};                            ///< what open buys of the session hold back
  int session_orders = 0, account_orders = 0;  ///< of the last minute
  std::optional<Decimal> crossing{};           ///< limit of the nearest opposite order that is open
  std::optional<double> last_close{};          ///< of a bar that is recent
};

/// What the gateway is, and what it allows.
struct CheckBed {
  const GatewayLimits& limits;
  std::string_view broker;  ///< its label
  bool live = false;        ///< the broker trades with money, and may
  AssetRules rules{};
  Instant now{};
};

struct Checked {
  Check check;
  bool ok = true;
  std::string says;  ///< what was compared
};

/// All up to the first that fails.
std::vector<Checked> run_checks(const SignalPost& post, const Facts& facts, const CheckBed& bed);
std::string to_json(const std::vector<Checked>& checks);

}  // namespace am::strategy
