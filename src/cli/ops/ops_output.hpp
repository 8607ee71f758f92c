#pragma once
// How moments, holders and request budgets look in the results of several commands.

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "am/kernel/overview.hpp"

namespace am::cli {

/// RFC 3339, or null.
nlohmann::ordered_json moment_json(const std::optional<Instant>& at);
/// "host a, pid 17", from the ledger's JSON; "unknown" when it says nothing.
std::string holder_text(const std::string& holder);
/// key, windows (period, used, limit), paused_until, pause_reason.
nlohmann::ordered_json budget_json(const kernel::BudgetState& budget);

}  // namespace am::cli
