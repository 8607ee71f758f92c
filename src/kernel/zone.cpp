#include "am/kernel/zone.hpp"

#include <new>

#include <date/tz.h>

#include "am/base/text.hpp"

namespace am::kernel {

namespace {

const date::time_zone& zone_named(std::string_view name) {
  try {
    return *date::locate_zone(name);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    throw Error(ErrorKind::config, "time zone " + shown(name) + ": not found",
                "expected a name of the tz database, such as America/New_York; it is in the tzdata package");
  }
}

}  // namespace

bool is_zone(std::string_view name) {
  try {
    zone_named(name);
    return true;
  } catch (const Error&) {
    return false;
  }
}

Date date_in_zone(std::string_view zone, Instant at) {
  return Date{std::chrono::floor<std::chrono::days>(zone_named(zone).to_local(at).time_since_epoch() +
                                                    std::chrono::sys_days{})};
}

Instant instant_in_zone(std::string_view zone, Date day, std::chrono::minutes time_of_day) {
  const date::local_time<std::chrono::microseconds> local{day.days().time_since_epoch() + time_of_day};
  const date::local_info info = zone_named(zone).get_info(local);
  if (info.result == date::local_info::nonexistent) return info.first.end;
  return Instant{local.time_since_epoch() - info.first.offset};
}

}  // namespace am::kernel
