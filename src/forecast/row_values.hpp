#pragma once
// Doubles in rows. Private.

#include <optional>
#include <string_view>

#include "am/forecast/numbers.hpp"
#include "am/kernel/db.hpp"

namespace am::forecast {

/// Errors:  data: the text is no number.
inline double number(const kernel::Row& row, std::string_view column) {
  const auto value = parse_number(row.text(column));
  if (!value) throw Error(ErrorKind::data, std::string(column) + ": a row holds no number");
  return *value;
}

inline std::optional<double> maybe_number(const kernel::Row& row, std::string_view column) {
  return row.is_null(column) ? std::nullopt : std::optional(number(row, column));
}

}  // namespace am::forecast
