#pragma once
// What the statements over queues' tables share. Private.

#include <string>
#include <string_view>

namespace am::kernel {

/// The statement with the queue's table for each {table}.
std::string with_table(std::string_view sql, std::string_view table);

}  // namespace am::kernel
