#pragma once
// A small desk, to prove that a desk is its own folders and one line in the list: each day it counts its notes, each
// Sunday it tidies them, and a queue takes errands. Listed in the program of the tests in tests/desk alone (desks.cpp).

#include <string>

#include "am/kernel/desk.hpp"
#include "am/kernel/queue.hpp"
#include "am/web/section.hpp"
#include "cli/desks.hpp"

namespace am::sample {

inline constexpr std::string_view kCountJob = "sample_count_v1";
inline constexpr std::string_view kTidyJob = "sample_tidy_v1";

const kernel::Desk& desk();
const kernel::QueueSpec& errands();
/// What a desk's migration would hold.
std::string schema_sql();

}  // namespace am::sample

namespace am::web {

const Section& sample_section();

}  // namespace am::web

namespace am::cli {

DeskFace sample_face();

}  // namespace am::cli
