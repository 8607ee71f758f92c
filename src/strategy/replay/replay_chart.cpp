// The equity of a replay as inline SVG, in percent of the cash that it began with; the market beside it.

#include <algorithm>

#include <fmt/format.h>

#include "am/base/chart_scale.hpp"
#include "am/base/date.hpp"
#include "am/base/html.hpp"
#include "am/strategy/replay.hpp"

namespace am::strategy {

namespace {

/// In the drawing's own units, which are about pixels where it is shown.
struct ReplayFrame {
  std::string_view name;
  double width, height, left, right, top, bottom;
  int ticks, times;
};

constexpr ReplayFrame kWideReplay{"wide", 824, 340, 64, 14, 14, 32, 6, 5};
constexpr ReplayFrame kNarrowReplay{"narrow", 360, 280, 54, 10, 12, 30, 5, 2};
constexpr double kLabelBeside = 8;

class ReplayDrawing {
 public:
  ReplayDrawing(const std::vector<ReplayPoint>& points, double cash, const ReplayFrame& frame)
      : points_(points), frame_(frame) {
    double least = 0, most = 0;
    for (const ReplayPoint& point : points) {
      lines_.push_back({(point.equity / cash - 1) * 100, (point.close / points.front().close - 1) * 100});
      least = std::min({least, lines_.back().equity, lines_.back().market});
      most = std::max({most, lines_.back().equity, lines_.back().market});
    }
    scale_ = ChartScale(chartable(least), chartable(most), frame.ticks);
  }

  std::string svg(const std::string& summary) const {
    const std::string id = fmt::format("replay-{}", frame_.name);
    return fmt::format(
               R"(<svg class="replay {}" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d"><title id="{}-t">Equity and market</title><desc id="{}-d">{}</desc>)",
               frame_.name, frame_.width, frame_.height, id, id, id, id, escape_html(summary)) +
           grid() + times() + path("market", &Values::market) + path("equity", &Values::equity) + "</svg>";
  }

 private:
  struct Values {
    double equity, market;
  };

  double x(std::size_t i) const {
    const auto last = static_cast<double>(points_.size() - 1);
    return frame_.left + (frame_.width - frame_.left - frame_.right) * static_cast<double>(i) / last;
  }
  double y(double value) const {
    return frame_.top + scale_.depth(chartable(value)) * (frame_.height - frame_.top - frame_.bottom);
  }

  std::string grid() const {
    std::string out;
    for (int i = 0; i <= scale_.steps(); ++i) {
      const double at = y(scale_.at(i));
      out +=
          fmt::format(R"(<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>)",
                      scale_.is_zero(i) ? "zero" : "grid", frame_.left, frame_.width - frame_.right, at, at);
      out += fmt::format(R"(<text x="{}" y="{:.1f}" text-anchor="end">{} %</text>)",
                         frame_.left - kLabelBeside, at + 4.2, scale_.label(i));
    }
    return out;
  }

  /// Bars side by side, so a night is no gap: the times stand where their bars are.
  std::string times() const {
    std::string out;
    const auto steps = static_cast<std::size_t>(frame_.times - 1);
    for (std::size_t i = 0; i <= steps; ++i) {
      const std::size_t at = (points_.size() - 1) * i / steps;
      const std::string text = format_rfc3339(Instant{std::chrono::microseconds{points_[at].at}});
      const char* const anchor = i == 0 ? "start" : i == steps ? "end" : "middle";
      out += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{} {}</text>)", x(at),
                         frame_.height - kLabelBeside, anchor, text.substr(0, 10), text.substr(11, 5));
    }
    return out;
  }

  std::string path(std::string_view kind, double Values::* value) const {
    std::string line;
    for (std::size_t i = 0; i < lines_.size(); ++i)
      line += fmt::format("{}{:.1f} {:.1f}", i == 0 ? 'M' : 'L', x(i), y(lines_[i].*value));
    return fmt::format(R"(<path class="{}" d="{}"/>)", kind, line);
  }

  const std::vector<ReplayPoint>& points_;
  const ReplayFrame& frame_;
  std::vector<Values> lines_{};
  ChartScale scale_{0, 1};
};

}  // namespace

std::string draw_replay(const std::vector<ReplayPoint>& points, double cash, const std::string& summary) {
  if (points.size() < 2 || cash <= 0) return {};
  return ReplayDrawing(points, cash, kWideReplay).svg(summary) +
         ReplayDrawing(points, cash, kNarrowReplay).svg(summary);
}

}  // namespace am::strategy
