#include "report_charts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "am/base/html.hpp"
#include "am/base/percent.hpp"
#include "am/picks/report_text.hpp"
#include "report_chart_parts.hpp"

namespace am::picks {

std::string chart_by_day(const GroupLine& group, const std::string& id) {
  std::vector<const DayLine*> days;
  double least = 0;
  double most = 0;
  for (const DayLine& day : group.days) {
    if (day.batches == 0 || !day.mean_excess_pct) continue;
    days.push_back(&day);
    least = std::min(
        {least, day.mean_excess_pct->to_double(), day.interval ? day.interval->low.to_double() : 0.0});
    most = std::max(
        {most, day.mean_excess_pct->to_double(), day.interval ? day.interval->high.to_double() : 0.0});
  }
  if (days.empty()) return {};
  const ChartScale scale(least, most);
  const auto y = [&](double value) { return chart_y(scale.depth(value)); };
  const int last = std::max(days.back()->day, 2);
  const auto x = [last](int day) {
    return kChartLeft + 18 + (day - 1) * (kChartWidth - kChartLeft - kChartRight - 36) / (last - 1);
  };
  std::string out = open_chart(
      id, "Mean excess by day",
      "From day " + std::to_string(days.front()->day) + " (" + pretty_percent(days.front()->mean_excess_pct) +
          ") to day " + std::to_string(days.back()->day) + " (" +
          pretty_percent(days.back()->mean_excess_pct) +
          "), with the 95 % interval of each day, read alone, as a band. The table below has every figure.");
  out += chart_grid(scale);
  std::string upper;
  std::string lower;
  std::string line;
  std::string dots;
  for (const DayLine* day : days) {
    const double at = x(day->day);
    const double mean = y(day->mean_excess_pct->to_double());
    if (day->interval) {
      upper += chart_point(at, y(day->interval->high.to_double()));
      lower = chart_point(at, y(day->interval->low.to_double())) + lower;
    }
    line += chart_point(at, mean);
    const std::string tip = "day " + std::to_string(day->day) + ": " + pretty_percent(day->mean_excess_pct) +
                            ", " + count_text(day->batches, "batch", "batches");
    dots += fmt::format(R"(<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="4"><title>{}</title></circle>)", at,
                        mean, tip);
    out += bottom_label(at, std::to_string(day->day));
  }
  if (!upper.empty()) out += "<polygon class=\"band\" points=\"" + upper + lower + "\"/>";
  return out + "<polyline class=\"line\" points=\"" + line + "\"/>" + dots + "</svg>";
}

std::string chart_by_batch(const std::vector<const BatchLine*>& batches, const std::string& id,
                           const std::function<std::string(const BatchLine&)>& address) {
  std::vector<const BatchLine*> bars;
  double least = 0;
  double most = 0;
  int above = 0;
  for (const BatchLine* line : batches) {
    if (!line->mean_excess_pct) continue;
    bars.push_back(line);
    least = std::min(least, line->mean_excess_pct->to_double());
    most = std::max(most, line->mean_excess_pct->to_double());
    above += line->mean_excess_pct->is_positive() ? 1 : 0;
  }
  if (bars.empty()) return {};
  const ChartScale scale(least, most);
  const auto y = [&](double value) { return chart_y(scale.depth(value)); };
  std::string out = open_chart(id, "Mean excess of each batch",
                               count_text(static_cast<long long>(bars.size()), "batch", "batches") + ", " +
                                   std::to_string(above) + " above zero; least " +
                                   real_minus(fmt::format("{:.2f}", least)) + " %, most " +
                                   fmt::format("{:.2f}", most) + " %. The list of batches has every figure.",
                               true);
  out += chart_grid(scale);
  const double slot = (kChartWidth - kChartLeft - kChartRight) / static_cast<double>(bars.size());
  const double width = std::clamp(slot * 0.72, 0.6, 36.0);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const BatchLine& bar = *bars[i];
    const double value = bar.mean_excess_pct->to_double();
    const double top = y(std::max(value, 0.0));
    const double height = std::max(y(std::min(value, 0.0)) - top, 0.5);
    out += fmt::format(
        R"(<a href="{}" tabindex="-1" aria-hidden="true"><rect class="{}{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}: {}</title></rect></a>)",
        escape_html(address(bar)), value < 0 ? "down" : "up", bar.complete() ? "" : " pale",
        kChartLeft + (static_cast<double>(i) + 0.5) * slot - width / 2, top, width, height,
        bar.batch.run_date.to_string(), pretty_percent(bar.mean_excess_pct));
  }
  out += bottom_label(kChartLeft, bars.front()->batch.run_date.to_string(), "start");
  if (bars.size() > 1)
    out += bottom_label(kChartWidth - kChartRight, bars.back()->batch.run_date.to_string(), "end");
  return out + "</svg>";
}

}  // namespace am::picks
