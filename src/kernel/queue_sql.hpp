#pragma once
// What the statements over queues' tables share. Private.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/queue.hpp"

namespace am::kernel {

/// The statement with the queue's table for each {table}.
std::string with_table(std::string_view sql, std::string_view table);

/// The statement of a claim: takes what `picked` selects and locks (id, priority, ready_at, of items that are ready). $2 is
/// the holder as JSON, $3 the lease in milliseconds, $4 the queue's name; $1, and what comes after, are picked's own.
std::string taking(std::string_view picked);
struct Taken {
  std::vector<Item> items;  ///< the most urgent first
  std::size_t used_up = 0;  ///< of those that were picked: dead now
};
/// What its result means.
Taken taken_of(const Rows& rows);

}  // namespace am::kernel
