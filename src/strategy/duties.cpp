#include "duties.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "am/strategy/day_slot.hpp"
#include "am/strategy/desk.hpp"

namespace am::strategy {

using kernel::Duty;
using kernel::Row;
using kernel::sql_value;
using kernel::sql_values;

namespace {

constexpr std::array kTypes{AssetType::stock, AssetType::crypto};
/// More than the exchange is ever closed at a stretch.
constexpr int kDaysAhead = 12;

Duty engine_duty(const DaySlot& slot, Instant due_at) {
  const std::string type(name_of(slot.type));
  return {.job = std::string(kRunJob),
          .slot = slot.to_string(),
          .text = "the engine for " + type + " on " + slot.day.to_string(),
          .page = "/pages/strategy/sessions",
          .data = R"("type":")" + type + R"(","day":")" + slot.day.to_string() + '"',
          .due_at = due_at};
}

std::optional<Duty> next_window(AssetType type, Instant now) {
  const Date today = Date{std::chrono::floor<std::chrono::days>(now)};
  for (int i = 0; i < kDaysAhead; ++i) {
    const auto window = window_of(type, today + i);
    if (window && window->from > now) return engine_duty({.type = type, .day = today + i}, window->from);
  }
  return std::nullopt;
}

/// When the slot began to be nobody's; nothing: it is done, or somebody has it.
std::optional<Instant> owed_since(const SlotNow& at, const kernel::Rows& runs) {
  for (const Row run : runs) {
    if (run.text("slot") != at.slot->to_string()) continue;
    if (run.text("status") == "done" || run.boolean("held")) return std::nullopt;
    const auto ended = run.maybe_micros("ended_at");
    return ended ? std::max(*ended, at.window.from) : at.window.from;
  }
  return at.window.from;
}

}  // namespace

std::vector<kernel::Statement> ask_duties(Instant now, std::string_view /*zone*/) {
  std::vector<kernel::SqlValue> slots;
  for (const AssetType type : kTypes) {
    if (const auto slot = slot_at(type, now).slot) slots.push_back(sql_value(slot->to_string()));
  }
  return {
      {"SELECT DISTINCT asset_type FROM trading.sessions WHERE status = 'RUNNING' AND mode <> 'rehearsal'",
       {}},
      {"SELECT slot, status, coalesce(status = 'running' AND lease_until > statement_timestamp(), false) AS held, (extract(epoch "
       "FROM least(coalesce(finished_at, lease_until), statement_timestamp())) * 1000000)::bigint AS ended_at FROM ops.runs "
       "WHERE job = $1 AND slot = ANY($2::text[])",
       sql_values(kRunJob, kernel::sql_array(slots))}};
}

std::vector<Duty> make_duties(std::span<const kernel::Rows> results, Instant now, std::string_view /*zone*/) {
  std::vector<Duty> all;
  for (const Row row : results[0]) {
    const auto type = asset_type_of(row.text("asset_type"));
    if (!type) continue;
    if (const SlotNow at = slot_at(*type, now); at.slot) {
      if (const auto since = owed_since(at, results[1])) all.push_back(engine_duty(*at.slot, *since));
    }
    if (auto next = next_window(*type, now)) all.push_back(std::move(*next));
  }
  std::ranges::stable_sort(all, {}, &Duty::due_at);
  return all;
}

std::vector<Duty> upcoming_windows(Date first, int days, std::string_view /*zone*/) {
  std::vector<Duty> all;
  for (Date day = first; day < first + days; day = day + 1) {
    for (const AssetType type : kTypes) {
      const auto window = window_of(type, day);
      if (!window) continue;
      all.push_back(engine_duty({.type = type, .day = day}, window->from));
      all.back().text += ", if sessions run";
      all.back().page.clear();
    }
  }
  return all;
}

}  // namespace am::strategy
