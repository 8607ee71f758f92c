#pragma once
// Days of the past from which the models forecast what is known by now.

#include <vector>

namespace am::forecast {

inline constexpr int kMostOrigins = 24;

/// Ascending; each with `span` days behind it before `size`. A week apart (of hours: twelve), closer
/// where history is short; none before half of it. Empty: too short for any.
std::vector<int> past_origins(int size, int span, int season);

}  // namespace am::forecast
