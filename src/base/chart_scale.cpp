#include "am/base/chart_scale.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "am/base/percent.hpp"

namespace am {

double chartable(double value) { return std::isnan(value) ? 0 : std::clamp(value, -1e12, 1e12); }

ChartScale::ChartScale(double least, double most, int ticks) {
  least = std::min(chartable(least), 0.0);
  most = std::max(chartable(most), 0.0);
  const double span = std::max(most - least, 0.01);
  const double power = std::pow(10.0, std::floor(std::log10(span / ticks)));
  const double ratio = span / ticks / power;
  step = power * (ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10);
  low = std::floor(least / step) * step;
  high = std::ceil(most / step) * step;
  if (high - low < step) high = low + step;
  places = std::clamp(static_cast<int>(-std::floor(std::log10(step) + 1e-9)), 0, 4);
}

int ChartScale::steps() const { return static_cast<int>(std::lround((high - low) / step)); }

std::string ChartScale::label(int i) const {
  const double value = at(i);
  const double size = std::abs(value);
  std::string text = size < 1e6 ? fmt::format("{:.{}f}", size, places) : fmt::format("{:.1e}", size);
  if (is_zero(i)) return text;
  return (value < 0 ? std::string(kMinus) : "+") + text;
}

}  // namespace am
