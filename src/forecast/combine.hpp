#pragma once
// One forecast of many: at each step the median of what the models say, weighted by how near they were in the past.

#include <span>
#include <vector>

#include "forecast/models/model.hpp"

namespace am::forecast {

/// 1 / e², normed to 1; e below a hundred-thousandth of the least of naive's counts as that. Equal where no e is known.
std::vector<double> weights_of(std::span<const double> errors);

/// The weighted median of the models' paths, step by step.
Path combined(std::span<const Path* const> paths, std::span<const double> weights);

}  // namespace am::forecast
