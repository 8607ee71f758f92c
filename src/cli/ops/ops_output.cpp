#include "ops_output.hpp"

#include <nlohmann/json.hpp>

#include "am/kernel/ledger.hpp"

namespace am::cli {

using Json = nlohmann::ordered_json;

Json moment_json(const std::optional<Instant>& at) { return at ? Json(format_rfc3339(*at)) : Json(); }

std::string holder_text(const std::string& holder) {
  const auto known = kernel::Holder::from_json(holder);
  return known ? "host " + known->host + ", pid " + std::to_string(known->pid) : "unknown";
}

Json budget_json(const kernel::BudgetState& budget) {
  Json json{{"key", budget.key},
            {"windows", Json::array()},
            {"paused_until", moment_json(budget.paused_until)},
            {"pause_reason", budget.pause_reason.empty() ? Json() : Json(budget.pause_reason)}};
  for (const kernel::BudgetWindow& window : budget.windows) {
    json["windows"].push_back(
        {{"period", kernel::period_text(window.period)}, {"used", window.used}, {"limit", window.limit}});
  }
  return json;
}

}  // namespace am::cli
