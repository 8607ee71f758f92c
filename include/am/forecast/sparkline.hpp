#pragma once
// A row of figures as a row of small bars, for a terminal.

#include <string>
#include <vector>

namespace am::forecast {

/// One of ▁▂▃▄▅▆▇█ for each value, the least to the greatest; all the same: the middle. NaN: a space.
std::vector<std::string> sparkline(const std::vector<double>& values);

}  // namespace am::forecast
