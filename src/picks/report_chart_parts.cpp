#include "report_chart_parts.hpp"

#include <fmt/format.h>

#include "am/base/html.hpp"

namespace am::picks {

double chart_y(double depth) { return kChartTop + depth * (kChartHeight - kChartTop - kChartBottom); }

std::string chart_line(double y, std::string_view kind, const std::string& label) {
  return fmt::format(
      R"(<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/><text x="{}" y="{:.1f}" text-anchor="end">{}</text>)",
      kind, kChartLeft, kChartWidth - kChartRight, y, y, kChartLeft - 8, y + 4, label);
}

std::string chart_grid(const ChartScale& scale) {
  std::string out;
  for (int i = 0; i <= scale.steps(); ++i)
    out += chart_line(chart_y(scale.depth(scale.at(i))), scale.is_zero(i) ? "zero" : "grid",
                      scale.label(i) + " %");
  return out;
}

std::string open_chart(const std::string& id, const std::string& title, const std::string& description,
                       bool holds_links) {
  return fmt::format(
      R"(<svg viewBox="0 0 {} {}" role="{}" aria-labelledby="{}-t {}-d"><title id="{}-t">{}</title><desc id="{}-d">{}</desc>)",
      kChartWidth, kChartHeight, holds_links ? "group" : "img", id, id, id, escape_html(title), id,
      escape_html(description));
}

std::string bottom_label(double x, const std::string& text, std::string_view anchor) {
  return fmt::format(R"(<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>)", x, kChartHeight - 12, anchor,
                     text);
}

std::string chart_point(double x, double y) { return fmt::format("{:.1f},{:.1f} ", x, y); }

}  // namespace am::picks
