#include "am/forecast/sparkline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace am::forecast {

std::vector<std::string> sparkline(const std::vector<double>& values) {
  static constexpr std::array<const char*, 8> kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  std::vector<std::string> marks;
  for (const double value : values) {
    if (!std::isfinite(value)) {
      marks.emplace_back(" ");
      continue;
    }
    const double height =
        most > least ? value / 2 - least / 2 : 0.5;  // halves: the span may be beyond a double
    const double whole = most > least ? most / 2 - least / 2 : 1;
    const auto bar = static_cast<std::size_t>(std::clamp(height / whole * 8, 0.0, 7.0));
    marks.emplace_back(kBars[bar]);
  }
  return marks;
}

}  // namespace am::forecast
