#pragma once
// How batches and checkpoints look in the results of several commands.

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "am/cli/outcome.hpp"
#include "am/picks/jobs.hpp"

namespace am::cli {

std::string batch_text(const picks::Batch& batch);
nlohmann::ordered_json batch_json(const picks::Batch& batch);

std::string day_text(const picks::DayResult& day);
nlohmann::ordered_json day_json(const picks::DayResult& day);
nlohmann::ordered_json failure_json(const picks::DayFailure& failure);
std::string failure_text(const picks::DayFailure& failure);
/// What several days came to; their failures are only counted and listed in the data.
Outcome outcome_of_days(const std::vector<picks::DayResult>& days,
                        const std::vector<picks::DayFailure>& failures);
/// Several results in one run: the worst decides.
void take_worst(Outcome& outcome, const std::vector<picks::DayFailure>& failures);
/// Of several failures the one whose exit code decides; null when there is none.
const Error* worst_of(const std::vector<picks::DayFailure>& failures);

}  // namespace am::cli
