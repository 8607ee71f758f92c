#include "am/kernel/new_york.hpp"

#include <new>

#include <date/tz.h>

namespace am::kernel {

namespace {

const date::time_zone& new_york() {
  try {
    static const date::time_zone* zone = date::locate_zone("America/New_York");
    return *zone;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    throw Error(ErrorKind::config, "time zone data: America/New_York not found",
                "install the tzdata package");
  }
}

}  // namespace

Date new_york_date(Instant at) {
  return Date{std::chrono::floor<std::chrono::days>(new_york().to_local(at).time_since_epoch() +
                                                    std::chrono::sys_days{})};
}

Instant new_york_instant(Date day, std::chrono::minutes time_of_day) {
  const date::local_time<std::chrono::microseconds> local{day.days().time_since_epoch() + time_of_day};
  const date::local_info info = new_york().get_info(local);
  if (info.result == date::local_info::nonexistent) return info.first.end;
  return Instant{local.time_since_epoch() - info.first.offset};
}

std::string new_york_text(Instant at) {
  const date::sys_info info = new_york().get_info(at);
  // The clock's reading as if it were UTC.
  const std::string reading = format_rfc3339(std::chrono::floor<std::chrono::minutes>(at + info.offset));
  return reading.substr(0, 10) + " " + reading.substr(11, 5) + " " + info.abbrev;
}

}  // namespace am::kernel
