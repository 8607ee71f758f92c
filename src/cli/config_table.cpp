#include "config_table.hpp"

#include <vector>

#include "am/market/config_keys.hpp"
#include "am/web/site.hpp"
#include "cli/ops/schedules.hpp"
#include "desks.hpp"

namespace am::cli {

const kernel::ConfigTable& config_table() {
  static const kernel::ConfigTable kTable = [] {
    std::vector<std::span<const kernel::ConfigKey>> parts = {kernel::config_keys(), market::config_keys(),
                                                             web::config_keys()};
    kernel::Desks desks;
    for (const DeskFace& face : all_desks()) {
      desks.push_back(face.desk);
      parts.push_back(face.desk->keys);
    }
    std::vector<const kernel::Schedule*> announced;
    for (const kernel::Schedule* schedule : schedules_of(desks)) {
      if (schedule->kind != kernel::ScheduleKind::server) announced.push_back(schedule);
    }
    return kernel::ConfigTable(parts, announced);
  }();
  return kTable;
}

}  // namespace am::cli
