#pragma once
// The forecast desk's rows, for the crash sweep and for whoever compares before with after.

#include <string>

#include "support/crash_sweep.hpp"

namespace am::test {

/// Series, observations, predictions, their history and totals, jobs with their status, runs and events as sorted lines;
/// without times, ids of jobs, epochs and attempts.
std::string dump_forecast(kernel::Sql& sql);

/// Removes every row of the forecast desk and of the ledger.
void empty_forecast(kernel::Sql& sql);

inline constexpr SweptDesk kSweptForecast{dump_forecast, empty_forecast};

}  // namespace am::test
