#include "range_of.hpp"

namespace am::cli {

DateRange range_of(Date from, Date to) {
  if (to < from)
    throw Error(ErrorKind::usage, "--to " + to.to_string() + ": before --from " + from.to_string());
  return {from, to};
}

std::optional<DateRange> range_of(const std::optional<Date>& from, const std::optional<Date>& to,
                                  Date today) {
  if (!from && !to) return std::nullopt;
  return range_of(from.value_or(Date(1990, 1, 1)), to.value_or(today));
}

}  // namespace am::cli
