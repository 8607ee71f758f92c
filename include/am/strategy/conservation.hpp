#pragma once
// What has to hold of all that was booked, asked of the rows themselves: money is conserved to the cent, nothing is booked
// twice, positions are the sum of their trades.

#include <span>
#include <string>
#include <vector>

#include "am/kernel/db.hpp"

namespace am::strategy {

/// Each in words, with whose it is; empty: all holds. One statement each, so to be asked in one snapshot.
std::vector<kernel::Statement> conservation_questions();
std::vector<std::string> conservation_problems(std::span<const kernel::Rows> results);
/// Both.
std::vector<std::string> conservation_problems(kernel::Sql& sql);

}  // namespace am::strategy
