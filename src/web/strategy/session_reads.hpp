#pragma once
// Sessions and accounts as API and pages read them. Money and quantities are the digits that are stored; nothing here goes
// through a binary float. Private.

#include <optional>
#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "am/kernel/db.hpp"

namespace am::web {

/// What is held of a symbol, and what it is worth by the last price that is known: a bar's close, else a trade's.
struct HoldingLine {
  std::string mode, symbol, asset_type;
  Decimal quantity, cost;
  Decimal average;                          ///< shown only: what is booked is the cost
  std::optional<Decimal> price{}, value{};  ///< value in cents
  std::optional<Instant> price_at{};

  /// Worth more than it cost; nothing while no price is known.
  std::optional<Decimal> unrealised() const;
};

struct SessionLine {
  std::string id, user_id, strategy_id, strategy, language, symbol, asset_type, timeframe, mode, status,
      trading, epoch;
  std::optional<std::string> reason{};
  bool held = false;  ///< an engine has it just now
  std::optional<Instant> lease_until{}, last_event_at{}, stale_since{}, ended_at{};
  Instant started_at{};
  long long trades = 0;
  Decimal realised, fees;
  std::optional<Decimal> final_pnl{};
  std::optional<HoldingLine> position{};

  /// Realised less fees, and what the position is worth more than it cost.
  Decimal pnl() const;
  std::string name() const { return strategy + " on " + symbol; }
};

/// The newest first; after: only those before that session.
kernel::Statement sessions_newest_first(const std::optional<std::string>& after, int limit);
/// Those that run, then the newest.
kernel::Statement sessions_running_first(long long offset, int limit);
kernel::Statement session_by_id(const std::string& id);
std::vector<SessionLine> session_lines(const kernel::Rows& result);

/// What stops everything, whatever its session says.
struct TradingSwitch {
  std::string trading = "ACTIVE";
  std::optional<std::string> reason{};
};
kernel::Statement ask_trading_switch();
TradingSwitch trading_switch(const kernel::Rows& result);

/// What a user has, over all sessions.
struct AccountLine {
  std::string user_id;
  Decimal cash, reserved, realised, fees;
  long long trades = 0;
  std::vector<HoldingLine> positions{};  ///< by mode and symbol

  /// Of the positions; one without a price counts at its cost.
  Decimal worth() const;
};

/// By id; after: only those behind that user. Both statements, in this order.
std::vector<kernel::Statement> ask_accounts(const std::optional<std::string>& after, int limit);
std::vector<AccountLine> account_lines(const kernel::Rows& accounts, const kernel::Rows& positions);

}  // namespace am::web
