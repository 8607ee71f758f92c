#include "forecast_parts.hpp"

#include <fmt/format.h>

#include "am/base/percent.hpp"
#include "am/forecast/numbers.hpp"
#include "documents.hpp"

namespace am::web {

std::string series_path(const std::string& series) { return std::string(kForecastsPage) + "/" + series; }

std::string figure_html(double value, int digits) { return real_minus(forecast::short_text(value, digits)); }

std::string figure_html(const std::optional<double>& value, int digits) {
  return value ? figure_html(*value, digits) : std::string();
}

std::string range_html(double low, double high) { return figure_html(low) + " to " + figure_html(high); }

std::string share_html(double part) { return fmt::format("{:.0f}\u00a0%", part * 100); }

}  // namespace am::web
