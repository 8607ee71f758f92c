#pragma once
// What Prometheus is told by a gateway. Private.

#include <string>

#include "am/kernel/db.hpp"
#include "am/kernel/metrics.hpp"

namespace am::web {

/// Orders that are open by state and mode, and those of the last day that are over; what may be ordered; and what the server
/// served. While the database is away: am_database_up 0, and the server's own.
std::string gateway_metrics(kernel::Sql& sql, const std::string& broker, const kernel::ServerStats& stats);

}  // namespace am::web
