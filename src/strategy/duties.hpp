#pragma once
// What of the engine's work is owed, and what Prometheus is told. Private to the desk.

#include <span>
#include <string_view>
#include <vector>

#include "am/kernel/desk.hpp"

namespace am::strategy {

/// The engine's day of each type that sessions trade: owed from the moment its window opens, as long as nobody has it.
/// Rehearsals owe nothing: their bars come when somebody publishes them.
std::vector<kernel::Statement> ask_duties(Instant now, std::string_view zone);
std::vector<kernel::Duty> make_duties(std::span<const kernel::Rows> results, Instant now,
                                      std::string_view zone);
/// The windows of these days, as the calendar has them.
std::vector<kernel::Duty> upcoming_windows(Date first, int days, std::string_view zone);

std::vector<kernel::Statement> ask_strategy_metrics(Instant now);
std::vector<kernel::MetricFamily> make_strategy_metrics(std::span<const kernel::Rows> results, Instant now);

}  // namespace am::strategy
