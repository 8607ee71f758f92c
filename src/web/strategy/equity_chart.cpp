#include "equity_chart.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "am/base/chart_scale.hpp"
#include "am/base/date_text.hpp"
#include "am/base/html.hpp"
#include "am/kernel/new_york.hpp"
#include "strategy_parts.hpp"

namespace am::web {

namespace {

/// In the drawing's own units, which are about pixels where it is shown.
struct EquityFrame {
  double width, left, right, top, height, gap, below, foot;  ///< below: height of the lower part
  int ticks, times;
};

constexpr EquityFrame kWideEquity{824, 74, 14, 14, 250, 26, 90, 30, 6, 6};
constexpr EquityFrame kNarrowEquity{360, 62, 10, 12, 200, 24, 80, 28, 5, 3};
constexpr std::size_t kMostMarks = 60;

/// "10:30" within two days, "26 Jan" within a year, else "2026-01".
std::string equity_tick(Instant at, std::chrono::microseconds span) {
  using std::chrono::days;
  const std::string text = kernel::new_york_text(at);
  if (span < days(2)) return text.substr(text.find(' ') + 1, 5);
  return span < days(365) ? day_month(kernel::new_york_date(at)) : text.substr(0, 7);
}

double chart_value(const Decimal& value) { return chartable(value.to_double()); }

class EquityDrawing {
 public:
  EquityDrawing(const std::vector<EquityPoint>& curve, EquitySize size)
      : curve_(curve),
        wide_(size == EquitySize::wide),
        frame_(wide_ ? kWideEquity : kNarrowEquity),
        earned_(chart_value(std::ranges::min(curve, {}, &EquityPoint::earned).earned),
                chart_value(std::ranges::max(curve, {}, &EquityPoint::earned).earned), frame_.ticks),
        below_(-chart_value(max_drawdown(curve)), 0, 2) {
    // As wide as its longest label, in the letters of strategy_style().
    for (const ChartScale* scale : {&earned_, &below_}) {
      for (int i = 0; i <= scale->steps(); ++i)
        frame_.left = std::max(frame_.left, 12 + 7.8 * static_cast<double>(scale->label(i).size()));
    }
  }

  std::string svg(const std::string& chart) const {
    const std::string id = escape_html(chart) + (wide_ ? "w" : "n");
    return fmt::format(
               R"(<svg class="equity {}" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d"><title id="{}-t">Earned, and how far below the highest</title><desc id="{}-d">{}</desc>)",
               wide_ ? "wide" : "narrow", frame_.width, low_end() + frame_.foot, id, id, id, id,
               escape_html(equity_summary(curve_))) +
           grid(earned_, frame_.top, frame_.height) + grid(below_, low_top(), frame_.below) + times() +
           fall() + line() + trades() + "</svg>";
  }

 private:
  double low_top() const { return frame_.top + frame_.height + frame_.gap; }
  double low_end() const { return low_top() + frame_.below; }
  double x(Instant at) const {
    const auto span = std::max((curve_.back().at - curve_.front().at).count(), decltype(at - at)::rep{1});
    return frame_.left + (frame_.width - frame_.left - frame_.right) *
                             static_cast<double>((at - curve_.front().at).count()) /
                             static_cast<double>(span);
  }
  double y(const Decimal& earned) const {
    return frame_.top + earned_.depth(chart_value(earned)) * frame_.height;
  }
  double low_y(const Decimal& below) const {
    return low_top() + below_.depth(-chart_value(below)) * frame_.below;
  }

  std::string grid(const ChartScale& scale, double top, double height) const {
    std::string out;
    for (int i = 0; i <= scale.steps(); ++i) {
      const double at = top + scale.depth(scale.at(i)) * height;
      out +=
          fmt::format(R"(<line class="{}" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>)",
                      scale.is_zero(i) ? "zero" : "grid", frame_.left, frame_.width - frame_.right, at, at);
      out += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>)", frame_.left - 8,
                         at + 4.2, scale.label(i));
    }
    return out;
  }

  std::string times() const {
    const auto span = curve_.back().at - curve_.front().at;
    std::string out;
    for (int i = 0; i < frame_.times; ++i) {
      const Instant at = curve_.front().at + span / (frame_.times - 1) * i;
      const char* anchor = i == 0 ? "start" : i == frame_.times - 1 ? "end" : "middle";
      out += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>)", x(at), low_end() + 20,
                         anchor, equity_tick(at, span));
    }
    return out;
  }

  std::string line() const {
    std::string path;
    for (const EquityPoint& point : curve_)
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? 'M' : 'L', x(point.at), y(point.earned));
    return "<path class=\"earned\" d=\"" + path + "\"/>";
  }

  std::string fall() const {
    std::string path = fmt::format("M{:.1f} {:.1f}", x(curve_.front().at), low_y(Decimal()));
    for (const EquityPoint& point : curve_)
      path += fmt::format("L{:.1f} {:.1f}", x(point.at), low_y(point.below));
    return fmt::format(R"(<path class="fall" d="{}L{:.1f} {:.1f}Z"/>)", path, x(curve_.back().at),
                       low_y(Decimal()));
  }

  /// What was bought points up, what was sold down.
  std::string trades() const {
    const auto count = std::ranges::count_if(curve_, [](const EquityPoint& p) { return p.trade != nullptr; });
    if (static_cast<std::size_t>(count) > kMostMarks) return {};
    std::string out;
    for (const EquityPoint& point : curve_) {
      if (point.trade == nullptr) continue;
      const bool bought = point.trade->bought;
      out += fmt::format(
          R"(<path class="{}" d="M{:.1f} {:.1f}l4.6 {}h-9.2z"><title>{}</title></path>)",
          bought ? "buy" : "sell", x(point.at), y(point.earned) + (bought ? 3.0 : -3.0), bought ? 8 : -8,
          escape_html(kernel::new_york_text(point.at) + (bought ? ": BUY " : ": SELL ") +
                      amount_text(point.trade->quantity) + " at " + amount_text(point.trade->price)));
    }
    return out;
  }

  const std::vector<EquityPoint>& curve_;
  bool wide_;
  EquityFrame frame_;
  ChartScale earned_, below_;
};

}  // namespace

std::string draw_equity(const std::string& id, const std::vector<EquityPoint>& curve, EquitySize size) {
  return curve.size() < 2 ? std::string() : EquityDrawing(curve, size).svg(id);
}

std::string equity_summary(const std::vector<EquityPoint>& curve) {
  if (curve.empty()) return {};
  return "From " + kernel::new_york_text(curve.front().at) + " to " + kernel::new_york_text(curve.back().at) +
         " it earned " + signed_money(curve.back().earned) + "; at its lowest it was " +
         money_text(max_drawdown(curve)) + " below its highest.";
}

}  // namespace am::web
