#include "schedules.hpp"

#include <algorithm>

#include "am/base/text.hpp"

namespace am::cli {

namespace {

constexpr kernel::Schedule kTick{.name = "due",
                                 .call = "due --run",
                                 .summary = "do what is due",
                                 .remark = "Every 5 minutes; most of them find nothing and end at once.",
                                 .kind = kernel::ScheduleKind::tick,
                                 .table = {.every_minutes = 5}};

constexpr kernel::Schedule kServer{.name = "serve-readonly",
                                   .call = "serve-readonly",
                                   .summary = "the read-only API and its pages",
                                   .remark = "",
                                   .kind = kernel::ScheduleKind::server};

void add(std::vector<std::string>& names, std::string_view name) {
  if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
}

}  // namespace

Schedules schedules_of(const kernel::Desks& desks) {
  Schedules all = {&kTick};
  for (const kernel::Desk* desk : desks) {
    for (const kernel::Schedule& schedule : desk->schedules) all.push_back(&schedule);
  }
  all.push_back(&kServer);
  return all;
}

std::vector<std::string> secrets_of(const kernel::Schedule& schedule, const Schedules& all) {
  std::vector<std::string> names = {"DATABASE_URL"};
  for (const kernel::Schedule* each : all) {
    const bool of_tick =
        schedule.kind == kernel::ScheduleKind::tick && each->kind == kernel::ScheduleKind::job;
    if (each != &schedule && !of_tick) continue;
    for (const std::string_view name : each->secrets) add(names, name);
  }
  add(names, "RESEND_API_KEY");
  if (schedule.kind != kernel::ScheduleKind::server) add(names, kernel::ping_variable(schedule.name));
  return names;
}

bool needs_namespaces(const kernel::Schedule& schedule, const ExportOptions& options) {
  return schedule.sandboxes &&
         std::ranges::find(options.landlocked, schedule.sandbox_key) == options.landlocked.end();
}

std::string credential_file(const std::string& variable) { return to_lower(variable); }

}  // namespace am::cli
