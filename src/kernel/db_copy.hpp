#pragma once
// What COPY … FROM STDIN is given. Private.

#include <span>
#include <string>
#include <string_view>

#include "am/kernel/db.hpp"

namespace am::kernel {

/// The statement. table: with its schema or without.
std::string copy_sql(std::string_view table, std::span<const std::string_view> columns);
/// The rows in COPY's text format. Errors: bug, another width than the columns'; data, a NUL byte.
std::string copy_data(std::span<const std::string_view> columns, std::span<const SqlValues> rows);

}  // namespace am::kernel
