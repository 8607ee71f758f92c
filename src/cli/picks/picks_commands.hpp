#pragma once
// The commands of the picks desk, each in its own cmd_*.cpp. Private.

#include "am/cli/command.hpp"

namespace am::cli {

Command run_weekly();
Command checkpoint();
Command backfill();
Command report();
Command export_command();
Command import_command();

}  // namespace am::cli
