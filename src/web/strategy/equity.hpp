#pragma once
// What a session earned, moment by moment: what its trades brought in and cost, and its position at the last price. Private.

#include <optional>
#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "am/kernel/db.hpp"

namespace am::web {

/// A trade, and what there was after it.
struct EquityStep {
  Instant at{};
  bool bought = false;
  Decimal quantity, price;
  Decimal cash;  ///< all that came in less all that went out, fees too
  Decimal held;
};

/// A close that is known.
struct EquityMark {
  Instant at{};
  Decimal price;
};

struct EquityPoint {
  Instant at{};
  Decimal earned;                     ///< dollars since the start
  Decimal below;                      ///< its highest until then less that; ≥ 0
  const EquityStep* trade = nullptr;  ///< that made it
};

/// Both ascending; the first point is at the start with nothing earned. A trade's own price counts until a later close.
/// Threads: pure. The points refer to `steps`.
std::vector<EquityPoint> equity_curve(Instant start, const std::vector<EquityStep>& steps,
                                      const std::vector<EquityMark>& marks);

/// The greatest `below`; zero for an empty curve.
Decimal max_drawdown(const std::vector<EquityPoint>& curve);

/// A session's trades on its own clock (in a rehearsal the bars' time); of more than some 600 every n-th and the last.
kernel::Statement ask_equity_steps(const std::string& session);
std::vector<EquityStep> equity_steps(const kernel::Rows& result);
/// The closes between its first trade and its end at some 600 moments.
kernel::Statement ask_equity_marks(const std::string& session);
std::vector<EquityMark> equity_marks(const kernel::Rows& result);

}  // namespace am::web
