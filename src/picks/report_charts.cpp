#include "report_charts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "am/base/chart_scale.hpp"
#include "am/base/html.hpp"
#include "am/base/percent.hpp"

namespace am::picks {

namespace {

// In the chart's own units; the page scales it to its width.
constexpr double kWidth = 680;
constexpr double kHeight = 280;
constexpr double kLeft = 84;
constexpr double kRight = 12;
constexpr double kTop = 14;
constexpr double kBottom = 38;

/// The scale in this chart's height.
struct Axis {
  ChartScale scale;

  Axis(double least, double most) : scale(least, most) {}
  double y(double value) const { return kTop + scale.depth(value) * (kHeight - kTop - kBottom); }

  std::string grid() const {
    std::string out;
    for (int i = 0; i <= scale.steps(); ++i) {
      const double at = y(scale.at(i));
      out += fmt::format(R"(<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>)",
                         scale.is_zero(i) ? "zero" : "grid", kLeft, kWidth - kRight, at, at);
      out += fmt::format(R"(<text x="{}" y="{:.1f}" text-anchor="end">{} %</text>)", kLeft - 8, at + 4,
                         scale.label(i));
    }
    return out;
  }
};

std::string open_svg(const std::string& id, const std::string& title, const std::string& description) {
  return fmt::format(
      R"(<svg viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d"><title id="{}-t">{}</title><desc id="{}-d">{}</desc>)",
      kWidth, kHeight, id, id, id, escape_html(title), id, escape_html(description));
}

std::string bottom_label(double x, const std::string& text, std::string_view anchor = "middle") {
  return fmt::format(R"(<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>)", x, kHeight - 12, anchor, text);
}

}  // namespace

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
  const Axis axis(least, most);
  const int last = std::max(days.back()->day, 2);
  const auto x = [last](int day) {
    return kLeft + 18 + (day - 1) * (kWidth - kLeft - kRight - 36) / (last - 1);
  };
  std::string out =
      open_svg(id, "Mean excess by day",
               "From day " + std::to_string(days.front()->day) + " (" +
                   signed_percent(days.front()->mean_excess_pct) + " %) to day " +
                   std::to_string(days.back()->day) + " (" + signed_percent(days.back()->mean_excess_pct) +
                   " %), with the 95 % interval as a band. The table below has every figure.");
  out += axis.grid();
  std::string upper;
  std::string lower;
  std::string line;
  std::string dots;
  for (const DayLine* day : days) {
    const double at = x(day->day);
    const double mean = axis.y(day->mean_excess_pct->to_double());
    if (day->interval) {
      upper += fmt::format("{:.1f},{:.1f} ", at, axis.y(day->interval->high.to_double()));
      lower = fmt::format("{:.1f},{:.1f} ", at, axis.y(day->interval->low.to_double())) + lower;
    }
    line += fmt::format("{:.1f},{:.1f} ", at, mean);
    const std::string tip = "day " + std::to_string(day->day) + ": " + signed_percent(day->mean_excess_pct) +
                            " %, " + std::to_string(day->batches) + " batches";
    dots += fmt::format(R"(<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="4"><title>{}</title></circle>)", at,
                        mean, tip);
    out += bottom_label(at, std::to_string(day->day));
  }
  if (!upper.empty()) out += "<polygon class=\"band\" points=\"" + upper + lower + "\"/>";
  return out + "<polyline class=\"line\" points=\"" + line + "\"/>" + dots + "</svg>";
}

std::string chart_by_batch(const std::vector<const BatchLine*>& batches, const std::string& id) {
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
  const Axis axis(least, most);
  std::string out = open_svg(id, "Mean excess of each batch",
                             std::to_string(bars.size()) + " batches, " + std::to_string(above) +
                                 " above zero; least " + fmt::format("{:.2f}", least) + " %, most " +
                                 fmt::format("{:.2f}", most) + " %. The table of batches has every figure.");
  out += axis.grid();
  const double slot = (kWidth - kLeft - kRight) / static_cast<double>(bars.size());
  const double width = std::clamp(slot * 0.72, 0.6, 36.0);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const BatchLine& bar = *bars[i];
    const double value = bar.mean_excess_pct->to_double();
    const double top = axis.y(std::max(value, 0.0));
    const double height = std::max(axis.y(std::min(value, 0.0)) - top, 0.5);
    out += fmt::format(
        R"(<rect class="{}{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}: {} %</title></rect>)",
        value < 0 ? "down" : "up", bar.complete() ? "" : " pale",
        kLeft + (static_cast<double>(i) + 0.5) * slot - width / 2, top, width, height,
        bar.batch.run_date.to_string(), signed_percent(bar.mean_excess_pct));
  }
  out += bottom_label(kLeft, bars.front()->batch.run_date.to_string(), "start");
  if (bars.size() > 1) out += bottom_label(kWidth - kRight, bars.back()->batch.run_date.to_string(), "end");
  return out + "</svg>";
}

}  // namespace am::picks
