#pragma once
// The commands of the forecast desk, each or each group in its own cmd_*.cpp. Private.

#include <vector>

#include "am/cli/command.hpp"

namespace am::cli {

std::vector<Command> forecast_series_commands();
std::vector<Command> forecast_import_commands();
Command forecast_enqueue();
Command forecast_work();
std::vector<Command> forecast_jobs_commands();
Command forecast_show();
Command forecast_explain();
Command forecast_evaluate();
Command forecast_bench();
std::vector<Command> forecast_night_commands();

}  // namespace am::cli
