#include "page_chart.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "am/base/chart_scale.hpp"
#include "am/base/html.hpp"
#include "am/base/percent.hpp"
#include "am/base/text.hpp"
#include "am/market/calendar.hpp"
#include "am/picks/types.hpp"
#include "page_parts.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

using picks::kDays;

/// In the drawing's own units, which are about pixels where it is shown.
struct Frame {
  double width;
  double height;
  double left;
  double top;
  double bottom;
  double gap;  ///< between two labels
  int ticks;   ///< of the value axis, about
  double
      letter;  ///< width of one in a label, at most: of the widest system font at the largest size (style.cpp)
};

constexpr Frame kWide{824, 400, 74, 18, 46, 20, 6, 8.8};
constexpr Frame kNarrow{360, 340, 56, 14, 40, 16, 5, 7};
constexpr double kEdge = 14;  ///< from the axis to day 0, and from the last day to the end of the grid
constexpr double kLead = 18;  ///< from the end of the grid to the labels

std::string short_name(const std::string& name) { return ellipsize(name, 9); }

/// Characters of text in UTF-8.
std::size_t letters(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// A circle, a square, a triangle: a line is told by its marks where colours can't be told apart.
std::string mark(std::size_t line, double x, double y, const std::string& tip) {
  const std::string title = "<title>" + escape_html(tip) + "</title>";
  switch (line % 3) {
    case 0:
      return fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="3.6">{}</circle>)", x, y, title);
    case 1:
      return fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="6.6" height="6.6">{}</rect>)", x - 3.3,
                         y - 3.3, title);
    default:
      return fmt::format(R"(<path d="M{:.1f} {:.1f}l4.4 7.4h-8.8z">{}</path>)", x, y - 4.6, title);
  }
}

/// What is drawn of one line, and where its label wants to be.
struct Drawn {
  std::string shape;
  const ChartPoint* end = nullptr;
  double x = 0;
  double y = 0;
};

class Drawing {
 public:
  Drawing(const DayChart& chart, ChartSize size, double least, double most)
      : chart_(chart),
        wide_(size == ChartSize::wide),
        frame_(wide_ ? kWide : kNarrow),
        scale_(least, most, frame_.ticks) {
    // The labels stand right of the grid, never on one of its lines: a minus would be one more of them.
    std::size_t longest = 0;
    for (const ChartLine& line : chart.lines) {
      if (!line.points.empty()) longest = std::max(longest, letters_of(line));
    }
    const double label = static_cast<double>(longest) * frame_.letter;
    slot_ = (frame_.width - frame_.left - kEdge - kEdge - kLead - label) / kDays;
  }

  std::string svg() const {
    const std::string id = chart_.id + (wide_ ? "w" : "n");
    return fmt::format(
               R"(<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d"><title id="{}-t">Returns by day</title><desc id="{}-d">{}</desc>)",
               wide_ ? "wide" : "narrow", frame_.width, frame_.height, id, id, id, id,
               escape_html(chart_summary(chart_))) +
           closed_days() + value_axis() + day_axis() + lines() + "</svg>";
  }

 private:
  double x(int day) const { return frame_.left + kEdge + day * slot_; }
  double y(double value) const { return frame_.top + scale_.depth(value) * height(); }
  double height() const { return frame_.height - frame_.top - frame_.bottom; }
  double end_of_grid() const { return x(kDays) + std::min(kEdge, slot_ / 2); }
  std::string value_of(const ChartLine& line) const {
    const Decimal& value = line.points.back().return_pct;
    if (value.abs() >= Decimal(1'000'000))
      return real_minus(fmt::format("{:.0e}", chartable(value.to_double())));
    return wide_ && value.abs() < Decimal(1000) ? pretty_percent(value) : short_percent(value);
  }
  /// In its label, the spaces between its parts included.
  std::size_t letters_of(const ChartLine& line) const {
    return letters(short_name(line.name)) + (wide_ && line.sold ? 5 : 0) + 1 + letters(value_of(line));
  }
  bool is_closed(int day) const {
    return day <= kDays && closed_reason(chart_.run_date + (day - 1)).has_value();
  }

  std::string closed_days() const {
    std::string out;
    for (int day = 1; day <= kDays; ++day) {
      if (!is_closed(day)) continue;
      const double from = x(day) - slot_ / 2;
      while (is_closed(day + 1)) ++day;
      out += fmt::format(R"(<rect class="closed" x="{:.1f}" y="{}" width="{:.1f}" height="{:.1f}"/>)", from,
                         frame_.top, std::min(x(day) + slot_ / 2, end_of_grid()) - from, height());
    }
    return out;
  }

  std::string value_axis() const {
    std::string out;
    for (int i = 0; i <= scale_.steps(); ++i) {
      const double at = y(scale_.at(i));
      out += fmt::format(R"(<line class="{}" x1="{}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>)",
                         scale_.is_zero(i) ? "zero" : "grid", frame_.left, end_of_grid(), at, at);
      out += fmt::format(R"(<text x="{}" y="{:.1f}" text-anchor="end">{} %</text>)", frame_.left - 8,
                         at + 4.2, scale_.label(i));
    }
    return out;
  }

  std::string day_axis() const {
    const double base = frame_.height - frame_.bottom;
    std::string out;
    for (int day = 0; day <= kDays; ++day) {
      if (!wide_ && day % 2 == 1 && day != 1) continue;
      if (!wide_ && day == 2) continue;
      out += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)", x(day), base + 17,
                         day);
    }
    for (const int day : {1, 8}) {
      out +=
          fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>)", x(day) - (wide_ ? 0 : 4),
                      base + 34, wide_ ? "middle" : "start", day_month(chart_.run_date + (day - 1)));
    }
    return out;
  }

  Drawn draw(std::size_t number, const ChartLine& line) const {
    Drawn out;
    std::string path = fmt::format("M{:.1f} {:.1f}", x(0), y(0));
    std::string marks;
    for (const ChartPoint& point : line.points) {
      out.end = &point;
      out.x = x(point.day);
      out.y = y(chartable(point.return_pct.to_double()));
      path += fmt::format("L{:.1f} {:.1f}", out.x, out.y);
      if (line.benchmark) continue;
      marks +=
          mark(number, out.x, out.y,
               line.name + ", day " + std::to_string(point.day) + ": " + pretty_percent(point.return_pct));
    }
    out.shape = "<g class=\"" + class_of(number, line) + "\"><path class=\"run\" d=\"" + path + "\"/>" +
                marks + "</g>";
    return out;
  }

  static std::string class_of(std::size_t number, const ChartLine& line) {
    return line.benchmark ? "benchmark" : "pick" + std::to_string(number % 3);
  }

  std::string lines() const {
    std::vector<Drawn> drawn;
    std::vector<double> wanted;
    std::string out;
    for (std::size_t i = 0; i < chart_.lines.size(); ++i) {
      drawn.push_back(draw(i, chart_.lines[i]));
      wanted.push_back(drawn.back().y);
      if (drawn.back().end != nullptr) out += drawn.back().shape;
    }
    const std::vector<double> places =
        spread_labels(wanted, frame_.gap, frame_.top + 4, frame_.height - frame_.bottom - 4);
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      if (drawn[i].end != nullptr)
        out += end_label(chart_.lines[i], class_of(i, chart_.lines[i]), drawn[i], places[i]);
    }
    return out;
  }

  std::string end_label(const ChartLine& line, const std::string& kind, const Drawn& drawn,
                        double place) const {
    const double end = end_of_grid();
    std::string out = fmt::format(R"(<path class="lead {}" d="M{:.1f} {:.1f}H{:.1f}L{:.1f} {:.1f}"/>)", kind,
                                  drawn.x + 5, drawn.y, end, end + kLead - 4, place);
    const std::string action = wide_ && line.sold ? R"( <tspan class="plain">SELL</tspan>)" : "";
    return out +
           fmt::format(
               R"(<text class="end {}" x="{:.1f}" y="{:.1f}"><tspan class="name">{}</tspan>{} {}</text>)",
               kind, end + kLead, place + 4.4, escape_html(short_name(line.name)), action, value_of(line));
  }

  const DayChart& chart_;
  bool wide_;
  Frame frame_;
  ChartScale scale_;
  double slot_ = 0;  ///< between two days
};

}  // namespace

std::vector<double> spread_labels(const std::vector<double>& wanted, double gap, double low, double high) {
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return wanted[i]; });
  // Neighbours that are too near become one block, which lies where its members want it on average.
  struct Block {
    double first;  ///< place of its first label
    int count;
  };
  std::vector<Block> blocks;
  for (const std::size_t i : order) {
    Block block{wanted[i], 1};
    while (!blocks.empty() && blocks.back().first + blocks.back().count * gap > block.first) {
      const Block& above = blocks.back();
      // Mean of what the members want, as the first one's place.
      const double first = (above.first * above.count + (block.first - above.count * gap) * block.count) /
                           (above.count + block.count);
      block = {first, above.count + block.count};
      blocks.pop_back();
    }
    blocks.push_back(block);
  }
  std::vector<double> places;
  for (const Block& block : blocks) {
    for (int i = 0; i < block.count; ++i) places.push_back(block.first + i * gap);
  }
  // Into the frame: first up from the bottom, then down from the top.
  for (std::size_t i = places.size(); i-- > 0;)
    places[i] = std::min(places[i], i + 1 < places.size() ? places[i + 1] - gap : high);
  for (std::size_t i = 0; i < places.size(); ++i)
    places[i] = std::max(places[i], i > 0 ? places[i - 1] + gap : low);
  std::vector<double> out(wanted.size());
  for (std::size_t i = 0; i < order.size(); ++i) out[order[i]] = places[i];
  return out;
}

std::string chart_summary(const DayChart& chart) {
  std::string out;
  for (const ChartLine& line : chart.lines) {
    if (line.points.empty()) continue;
    const std::string what = line.benchmark ? "benchmark " : line.sold ? "SELL " : "BUY ";
    out += (out.empty() ? "" : ", ") + what + line.name + " " +
           pretty_percent(line.points.back().return_pct) + " on day " +
           std::to_string(line.points.back().day);
  }
  return out;
}

std::string draw_chart(const DayChart& chart, ChartSize size) {
  double least = 0;
  double most = 0;
  bool any = false;
  for (const ChartLine& line : chart.lines) {
    for (const ChartPoint& point : line.points) {
      const double value = chartable(point.return_pct.to_double());
      least = std::min(least, value);
      most = std::max(most, value);
      any = true;
    }
  }
  return any ? Drawing(chart, size, least, most).svg() : std::string();
}

}  // namespace am::web
