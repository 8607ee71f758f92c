#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "am/base/percent.hpp"
#include "am/picks/report_text.hpp"
#include "report_chart_parts.hpp"
#include "report_charts.hpp"

namespace am::picks {

namespace {

/// Labels of a logarithmic axis this close to each other would touch, on a phone too.
constexpr double kLabelRoom = 26;

/// Where the i-th of so many weeks is.
double week_x(std::size_t i, std::size_t count) {
  const double room = kChartWidth - kChartLeft - kChartRight - 36;
  return kChartLeft + 18 + (count < 2 ? 0 : static_cast<double>(i) * room / static_cast<double>(count - 1));
}

std::string first_and_last(const std::vector<WeekLine>& weeks, std::size_t from) {
  std::string out = bottom_label(kChartLeft, weeks[from].monday.to_string(), "start");
  if (from + 1 < weeks.size())
    out += bottom_label(kChartWidth - kChartRight, weeks.back().monday.to_string(), "end");
  return out;
}

std::string last_dot(double x, double y, const std::string& tip) {
  return fmt::format(R"(<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="4"><title>{}</title></circle>)", x, y,
                     tip);
}

/// Powers of ten.
struct LogScale {
  int low = 0;
  int high = 2;

  void hold(double value) {
    low = std::min(low, static_cast<int>(std::floor(value)));
    high = std::max(high, static_cast<int>(std::ceil(value)));
  }
  double y(double value) const { return chart_y((high - value) / (high - low)); }
};

double log10_of(double log_e) { return std::clamp(log_e / std::log(10.0), -12.0, 12.0); }

}  // namespace

std::string chart_of_e_values(const GroupLine& group, const std::string& id) {
  const std::vector<WeekLine>& weeks = group.weeks;
  if (weeks.empty()) return {};
  LogScale scale;
  for (const WeekLine& week : weeks) scale.hold(log10_of(week.log_e));
  const double decisive = scale.y(std::log10(kDecisive));
  std::string grid;
  const int step = (scale.high - scale.low + 5) / 6;
  for (int power = scale.low; power <= scale.high; power += step) {
    const double y = scale.y(power);
    if (std::abs(y - decisive) < kLabelRoom) continue;
    const std::string label = power < -3 || power > 4 ? "1e" + real_minus(std::to_string(power))
                                                      : fmt::format("{:g}", std::pow(10.0, power));
    grid += chart_line(y, "grid", label);
  }
  grid += chart_line(decisive, "zero", fmt::format("{:.0f}", kDecisive));
  std::string line;
  for (std::size_t i = 0; i < weeks.size(); ++i)
    line += chart_point(week_x(i, weeks.size()), scale.y(log10_of(weeks[i].log_e)));
  const std::string last = e_value_text(weeks.back().log_e);
  std::string said = "The e-value after each of " +
                     count_text(static_cast<long long>(weeks.size()), "week", "weeks") +
                     ", on a logarithmic scale: " + last + " at the end";
  if (group.judgement.highest_week) {
    said += ", highest from the tenth week on " + e_value_text(*group.judgement.highest_log_e) +
            " in the week of " + group.judgement.highest_week->to_string();
  }
  return open_chart(id, "E-value by week", said + fmt::format(". The line at {:.0f} decides.", kDecisive)) +
         grid + "<polyline class=\"line\" points=\"" + line + "\"/>" +
         last_dot(week_x(weeks.size() - 1, weeks.size()), scale.y(log10_of(weeks.back().log_e)),
                  weeks.back().monday.to_string() + ": " + last) +
         first_and_last(weeks, 0) + "</svg>";
}

std::string chart_of_mean(const GroupLine& group, const std::string& id) {
  const std::vector<WeekLine>& weeks = group.weeks;
  if (weeks.size() < 2) return {};
  // The first weeks swing too far to be drawn beside the later ones, and the band is wide as a house where it begins.
  const bool has_band = weeks.back().every_week.has_value();
  const std::size_t from = has_band ? static_cast<std::size_t>(kMinWeeks) - 1 : 0;
  const std::size_t whole = std::min(from + 5, weeks.size() - 1);
  double least = 0;
  double most = 0;
  for (std::size_t i = from; i < weeks.size(); ++i) {
    const double mean = weeks[i].mean_pct->to_double();
    least = std::min(least, mean);
    most = std::max(most, mean);
    if (!weeks[i].every_week || i < whole) continue;
    least = std::min(least, weeks[i].every_week->low.to_double());
    most = std::max(most, weeks[i].every_week->high.to_double());
  }
  const ChartScale scale(least, most);
  const auto y = [&](const Decimal& value) {
    return chart_y(scale.depth(std::clamp(chartable(value.to_double()), scale.low, scale.high)));
  };
  std::string upper;
  std::string lower;
  std::string line;
  for (std::size_t i = from; i < weeks.size(); ++i) {
    const double x = week_x(i - from, weeks.size() - from);
    line += chart_point(x, y(*weeks[i].mean_pct));
    if (!weeks[i].every_week) continue;
    upper += chart_point(x, y(weeks[i].every_week->high));
    lower = chart_point(x, y(weeks[i].every_week->low)) + lower;
  }
  const WeekLine& last = weeks.back();
  std::string said =
      "Mean excess per batch, beta-adjusted, of all weeks up to each one: " + pretty_percent(last.mean_pct) +
      " at the end";
  if (last.every_week)
    said += ", 95 % interval read every week " + pretty_text(interval_text(last.every_week));
  std::string out = open_chart(id, "Mean excess by week", said + ".") + chart_grid(scale);
  if (!upper.empty()) out += "<polygon class=\"band\" points=\"" + upper + lower + "\"/>";
  return out + "<polyline class=\"line\" points=\"" + line + "\"/>" +
         last_dot(week_x(weeks.size() - 1 - from, weeks.size() - from), y(*last.mean_pct),
                  last.monday.to_string() + ": " + pretty_percent(last.mean_pct)) +
         first_and_last(weeks, from) + "</svg>";
}

}  // namespace am::picks
