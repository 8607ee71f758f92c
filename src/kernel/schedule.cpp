#include "am/kernel/schedule.hpp"

#include <algorithm>

#include "am/base/text.hpp"

namespace am::kernel {

std::string ping_key(std::string_view schedule) {
  std::string key = "pings." + std::string(schedule);
  std::ranges::replace(key, '-', '_');
  return key;
}

std::string ping_variable(std::string_view schedule) {
  std::string name = "AM_PING_" + to_upper(schedule);
  std::ranges::replace(name, '-', '_');
  return name;
}

}  // namespace am::kernel
