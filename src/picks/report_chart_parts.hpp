#pragma once
// What the report's charts are drawn with: a plane of fixed size that the page scales to its width, its value axis, its
// words. Private.

#include <optional>
#include <string>
#include <string_view>

#include "am/base/chart_scale.hpp"

namespace am::picks {

inline constexpr double kChartWidth = 680;
inline constexpr double kChartHeight = 280;
inline constexpr double kChartLeft = 84;
inline constexpr double kChartRight = 12;
inline constexpr double kChartTop = 14;
inline constexpr double kChartBottom = 38;

/// How far down a part of the plane's height is.
double chart_y(double depth);
/// A line across the plane with its label left of it: "grid", "zero".
std::string chart_line(double y, std::string_view kind, const std::string& label);
/// All lines of a scale in percent.
std::string chart_grid(const ChartScale& scale);
/// <svg>, with what it says in words. `holds_links`: a group instead of one picture.
std::string open_chart(const std::string& id, const std::string& title, const std::string& description,
                       bool holds_links = false);
/// Under the plane.
std::string bottom_label(double x, const std::string& text, std::string_view anchor = "middle");
/// "12.5,40.0 ".
std::string chart_point(double x, double y);

}  // namespace am::picks
