#include "am/feed/types.hpp"

#include <array>
#include <utility>

namespace am::feed {

namespace {

constexpr std::array<std::pair<RunStatus, std::string_view>, 5> kStatuses = {
    {{RunStatus::running, "running"},
     {RunStatus::settled, "settled"},
     {RunStatus::done, "done"},
     {RunStatus::failed, "failed"},
     {RunStatus::cancelled, "cancelled"}}};

}  // namespace

std::string_view run_type_name(RunType type) { return type == RunType::full ? "full" : "incremental"; }

std::string_view run_status_name(RunStatus status) {
  for (const auto& [each, name] : kStatuses) {
    if (each == status) return name;
  }
  return {};
}

std::optional<RunStatus> run_status_of(std::string_view name) {
  for (const auto& [status, each] : kStatuses) {
    if (each == name) return status;
  }
  return std::nullopt;
}

}  // namespace am::feed
