#pragma once
// The commands of the picks desk, each in its own cmd_*.cpp. Private.

#include "am/cli/command.hpp"

namespace am::cli {

Command run_weekly();
Command checkpoint();
Command backfill();
Command report();

}  // namespace am::cli
