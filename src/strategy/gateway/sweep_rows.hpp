#pragma once
// What the sweeper reads and writes. Private.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "am/kernel/db.hpp"
#include "order_rows.hpp"

namespace am::strategy {

/// Takes or keeps the lease of whoever sweeps for this broker. False: somebody else has it.
bool take_sweep(kernel::Db& db, const std::string& broker, const std::string& holder);
void leave_sweep(kernel::Sql& sql, const std::string& broker, const std::string& holder);

struct PlacingRow {
  std::string order_id, holder, placed_at;
  std::chrono::milliseconds age{};
};
std::vector<PlacingRow> placing_rows(kernel::Sql& sql, const std::string& broker);

/// Orders of this broker ($1) for which that holds, the oldest first. more: from $2 on.
std::vector<OrderRow> orders_where(kernel::Sql& sql, const std::string& broker, const std::string& condition,
                                   const kernel::SqlValues& more = {});
/// When the oldest order was made that is open, or counts as lost since less than an hour. Nothing: there is none.
std::optional<Instant> earliest_interest(kernel::Sql& sql, const std::string& broker);

/// Marks orders whose session may not have them any more, or whose engine is lost. Those of flatten stay.
void want_cancelled(kernel::Sql& sql, const std::string& broker, std::chrono::milliseconds engine_lost);

/// What running sessions are worth at the last known prices.
void mark_sessions(kernel::Db& db, Gateway& gateway);
/// What the broker took for past days, compared with what was booked.
void book_posted_fees(kernel::Db& db, Gateway& gateway);

}  // namespace am::strategy
