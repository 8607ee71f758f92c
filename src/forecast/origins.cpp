#include "origins.hpp"

#include <algorithm>

namespace am::forecast {

namespace {

constexpr int kLeastBefore = 10;  // days before the oldest
constexpr int kWanted = 8;        // origins, before they move closer

int usual_step(int span, int season) {
  if (season == 52) return 1;
  if (season == 24) return 12;
  if (season >= 2 && season <= 7) return season;
  return std::max(1, span / 6);
}

}  // namespace

std::vector<int> past_origins(int size, int span, int season) {
  const int latest = size - span;
  const int room = latest - std::max(kLeastBefore, size / 2);
  if (room < 0) return {};
  const int step = std::clamp(room / (kWanted - 1), 1, usual_step(span, season));
  const int count = std::min(kMostOrigins, room / step + 1);
  std::vector<int> origins;
  for (int i = count - 1; i >= 0; --i) origins.push_back(latest - i * step);
  return origins;
}

}  // namespace am::forecast
