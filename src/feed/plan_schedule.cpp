// When plans and consolidations are owed.

#include <algorithm>
#include <chrono>

#include "am/base/text.hpp"
#include "am/feed/consolidate.hpp"
#include "am/feed/plan.hpp"

namespace am::feed {

namespace {

using kernel::sql_values;

constexpr std::chrono::hours kFullAt{3};  // of Sundays
constexpr std::chrono::hours kWeek{7 * 24};
constexpr int kRememberedDays = 35;

std::chrono::microseconds period_of(RunType type) {
  return type == RunType::full ? kWeek : std::chrono::hours(1);
}

/// What is known of one kind's runs of a feed.
struct Planned {
  std::optional<Instant> last{};
  bool is_open = false;
};

void add_plan(std::vector<kernel::Duty>& all, const PlanSlot& slot, const Planned& planned, Instant now) {
  const auto add = [&](Instant due_at) {
    all.push_back({.job = std::string(kPlanJob),
                   .slot = slot.to_string(),
                   .text = "the " + std::string(run_type_name(slot.type)) + " plan of feed " + slot.feed,
                   .due_at = due_at});
  };
  const Instant due_at = plan_due_at(slot.type, now);
  if (!planned.is_open && (!planned.last || *planned.last < due_at)) add(due_at);
  add(next_plan_at(slot.type, now));
}

}  // namespace

Instant plan_due_at(RunType type, Instant now) {
  if (type == RunType::incremental) return std::chrono::floor<std::chrono::hours>(now);
  const auto day = std::chrono::floor<std::chrono::days>(now - kFullAt);
  const auto since_sunday = std::chrono::weekday{day} - std::chrono::Sunday;
  return Instant{day - since_sunday} + kFullAt;
}

Instant next_plan_at(RunType type, Instant now) { return plan_due_at(type, now) + period_of(type); }

std::string PlanSlot::to_string() const { return feed + "/" + std::string(run_type_name(type)); }

std::optional<PlanSlot> PlanSlot::parse(std::string_view text) {
  const std::vector<std::string> parts = split(text, '/');
  if (parts.size() != 2) return std::nullopt;
  for (const RunType type : {RunType::full, RunType::incremental}) {
    if (parts[1] == run_type_name(type)) return PlanSlot{parts[0], type};
  }
  return std::nullopt;
}

std::vector<kernel::Statement> ask_duties(Instant now, std::string_view /*zone*/) {
  return {
      {"SELECT r.feed, (extract(epoch FROM max(created_at) FILTER (WHERE run_type = 'full')) * 1000000)::bigint AS full_at, "
       "(extract(epoch FROM max(created_at) FILTER (WHERE run_type = 'incremental')) * 1000000)::bigint AS incremental_at, "
       "bool_or(run_type = 'full' AND status IN ('running', 'settled')) AS full_open, bool_or(run_type = 'incremental' AND "
       "status IN ('running', 'settled')) AS incremental_open, EXISTS (SELECT FROM feed.watermarks w WHERE w.feed = r.feed) AS "
       "known FROM feed.run_metadata r WHERE created_at > $1::timestamptz GROUP BY r.feed ORDER BY r.feed",
       sql_values(now - std::chrono::days(kRememberedDays))},
      {"SELECT run_id::text AS id, (extract(epoch FROM consolidate_at) * 1000000)::bigint AS at FROM feed.run_metadata WHERE "
       "status = 'settled' AND consolidate_at IS NOT NULL ORDER BY consolidate_at",
       {}}};
}

std::vector<kernel::Duty> make_duties(std::span<const kernel::Rows> results, Instant now,
                                      std::string_view /*zone*/) {
  std::vector<kernel::Duty> all;
  for (const kernel::Row feed : results[0]) {
    const std::string& name = feed.text("feed");
    add_plan(all, {name, RunType::full}, {feed.maybe_micros("full_at"), feed.boolean("full_open")}, now);
    // Without a watermark there is nothing that it could begin at.
    if (feed.boolean("known"))
      add_plan(all, {name, RunType::incremental},
               {feed.maybe_micros("incremental_at"), feed.boolean("incremental_open")}, now);
  }
  for (const kernel::Row run : results[1]) {
    all.push_back({.job = std::string(kConsolidationJob),
                   .slot = run.text("id"),
                   .text = "the consolidation of run " + run.text("id"),
                   .page = "/feed/runs/" + run.text("id"),
                   .due_at = run.micros("at")});
  }
  std::ranges::stable_sort(all, {}, &kernel::Duty::due_at);
  return all;
}

}  // namespace am::feed
