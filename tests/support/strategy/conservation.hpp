#pragma once
// What has to hold of all that was booked, asked of the rows themselves: money is conserved to the cent, nothing is booked
// twice, positions are the sum of their trades.

#include <string>
#include <vector>

#include "am/kernel/db.hpp"

namespace am::test {

/// Each in words, with whose it is; empty: all holds.
std::vector<std::string> conservation_problems(kernel::Sql& sql);

}  // namespace am::test
