#include "am/forecast/band_chart.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "am/base/chart_scale.hpp"
#include "am/base/date_text.hpp"
#include "am/base/html.hpp"
#include "am/base/percent.hpp"
#include "am/forecast/numbers.hpp"

namespace am::forecast {

namespace {

/// In the drawing's own units, which are about pixels where it is shown.
struct BandFrame {
  double width, height, left, right, top, bottom;
  int value_ticks, day_ticks;
};

constexpr BandFrame kWideBands{824, 380, 74, 18, 14, 34, 6, 7};
/// Between a value and its line.
constexpr double kLabelGap = 8;
constexpr BandFrame kNarrowBands{360, 320, 56, 12, 12, 30, 5, 3};

/// "26 Jan"; where the same day comes twice, "Jan 2026".
std::string tick_text(Date date, int days) {
  constexpr int kDaysOfYear = 365;
  const std::string text = day_month(date);
  return days < kDaysOfYear ? text : text.substr(text.find(' ') + 1) + " " + std::to_string(date.year());
}

/// Least and greatest of what is drawn.
struct ValueSpan {
  double least = 0, most = 0;
  bool any = false;

  void take(double value) {
    least = any ? std::min(least, value) : value;
    most = any ? std::max(most, value) : value;
    any = true;
  }
};

/// Round steps over a span. Zero is on it only where the values are near: a level of thousands is not drawn from there.
class ValueAxis {
 public:
  ValueAxis(const ValueSpan& span, int ticks) {
    // The scale's own range is fixed: values are brought near 1, whatever their unit.
    const double size = std::max(std::abs(span.least), std::abs(span.most));
    if (size > 0) unit_ = std::pow(10.0, std::clamp(std::floor(std::log10(size)), -300.0, 300.0));
    double least = span.least / unit_;
    double most = span.most / unit_;
    if (least > 0 && least < most - least) least = 0;
    if (most < 0 && -most < most - least) most = 0;
    step_ = ChartScale(0, most - least, ticks).step;
    low_ = std::floor(least / step_) * step_;
    high_ = std::max(std::ceil(most / step_) * step_, low_ + step_);
  }

  int steps() const { return static_cast<int>(std::lround((high_ - low_) / step_)); }
  /// 0 at the top, 1 at the bottom.
  double depth(double value) const { return (high_ - value / unit_) / (high_ - low_); }
  double depth_of(int i) const { return (high_ - at(i)) / (high_ - low_); }
  bool is_zero(int i) const { return std::abs(at(i)) < step_ / 2; }
  std::string label(int i) const {
    if (is_zero(i)) return "0";
    // A round step can lie beyond the greatest double, which a value may be.
    constexpr double kMost = std::numeric_limits<double>::max();
    const double value = std::clamp(at(i) * unit_, -kMost, kMost);
    const int places = static_cast<int>(std::ceil(-std::log10(step_ * unit_) - 1e-9));
    const bool plain = std::abs(value) < 1e7 && places <= 5;
    return real_minus(plain ? fmt::format("{:.{}f}", value, std::max(places, 0))
                            : fmt::format("{:.3g}", value));
  }

 private:
  double at(int i) const { return low_ + i * step_; }

  double unit_ = 1, low_ = 0, high_ = 1, step_ = 1;
};

ValueSpan span_of(const std::vector<SeriesDay>& days) {
  ValueSpan span;
  for (const SeriesDay& day : days) {
    if (day.value) span.take(*day.value);
    if (day.bounds) {
      span.take(day.bounds->lo);
      span.take(day.bounds->hi);
    }
  }
  return span;
}

class BandDrawing {
 public:
  BandDrawing(const std::vector<SeriesDay>& days, BandSize size)
      : days_(days),
        wide_(size == BandSize::wide),
        frame_(wide_ ? kWideBands : kNarrowBands),
        axis_(span_of(days), frame_.value_ticks) {
    // The longest of them, in the letters of band_style(): "−1.6e+299" is wider than what a usual one needs.
    const double letter = wide_ ? 7.8 : 7;
    for (int i = 0; i <= axis_.steps(); ++i)
      frame_.left = std::max(frame_.left, kLabelGap + letter * static_cast<double>(axis_.label(i).size()));
  }

  std::string svg(const std::string& chart) const {
    const std::string id = escape_html(chart) + (wide_ ? "w" : "n");
    return fmt::format(
               R"(<svg class="fan {}" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d"><title id="{}-t">By day, with bounds</title><desc id="{}-d">{}</desc>)",
               wide_ ? "wide" : "narrow", frame_.width, frame_.height, id, id, id, id,
               escape_html(bands_summary(days_))) +
           value_lines() + day_names() + bands() + line("expected") + line("came") + "</svg>";
  }

 private:
  double x(Date date) const {
    const int days = std::max(days_.back().date - days_.front().date, 1);
    return frame_.left + (frame_.width - frame_.left - frame_.right) * (date - days_.front().date) / days;
  }
  double from_top(double depth) const {
    return frame_.top + depth * (frame_.height - frame_.top - frame_.bottom);
  }
  std::string point(Date date, double value) const {
    return fmt::format("{:.1f} {:.1f}", x(date), from_top(axis_.depth(value)));
  }

  std::string value_lines() const {
    std::string out;
    for (int i = 0; i <= axis_.steps(); ++i) {
      const double at = from_top(axis_.depth_of(i));
      out +=
          fmt::format(R"(<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>)",
                      axis_.is_zero(i) ? "zero" : "grid", frame_.left, frame_.width - frame_.right, at, at);
      out += fmt::format(R"(<text x="{}" y="{:.1f}" text-anchor="end">{}</text>)", frame_.left - kLabelGap,
                         at + 4.2, axis_.label(i));
    }
    return out;
  }

  std::string day_names() const {
    const Date first = days_.front().date;
    const int days = days_.back().date - first;
    const int ticks = std::min(frame_.day_ticks, days + 1);
    std::string out;
    for (int i = 0; i < ticks; ++i) {
      const Date date = first + (ticks > 1 ? days * i / (ticks - 1) : 0);
      const char* anchor = i == 0 ? "start" : i == ticks - 1 ? "end" : "middle";
      out += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>)", x(date),
                         frame_.height - frame_.bottom + 20, anchor, tick_text(date, days));
    }
    return out;
  }

  /// Of each run of days with bounds both bands.
  std::string bands() const {
    std::string out;
    for (std::size_t i = 0; i < days_.size();) {
      std::size_t end = i;
      while (end < days_.size() && days_[end].bounds) ++end;
      if (end > i) {
        out += band("outer", i, end, &Bounds::lo, &Bounds::hi);
        out += band("inner", i, end, &Bounds::lo80, &Bounds::hi80);
      }
      i = end + 1;
    }
    return out;
  }

  std::string band(std::string_view kind, std::size_t first, std::size_t end, double Bounds::* low,
                   double Bounds::* high) const {
    std::string path = "M";
    for (std::size_t i = first; i < end; ++i)
      path += (i > first ? "L" : "") + point(days_[i].date, *days_[i].bounds.*high);
    for (std::size_t i = end; i-- > first;) path += "L" + point(days_[i].date, *days_[i].bounds.*low);
    return fmt::format(R"(<path class="{}" d="{}Z"/>)", kind, path);
  }

  /// What came, or what was expected; interrupted where it is not known.
  std::string line(std::string_view kind) const {
    const bool came = kind == "came";
    std::string path;
    bool open = false;
    for (const SeriesDay& day : days_) {
      const std::optional<double> value = came         ? day.value
                                          : day.bounds ? std::optional(day.bounds->y_hat)
                                                       : std::nullopt;
      // A point alone is a dot: the line's end is round.
      if (value) path += open ? "L" + point(day.date, *value) : "M" + point(day.date, *value) + "h0";
      open = value.has_value();
    }
    return path.empty() ? path : fmt::format(R"(<path class="{}" d="{}"/>)", kind, path);
  }

  const std::vector<SeriesDay>& days_;
  bool wide_;
  BandFrame frame_;
  ValueAxis axis_;
};

}  // namespace

std::string draw_bands(const std::string& id, const std::vector<SeriesDay>& days, BandSize size) {
  return days.empty() ? std::string() : BandDrawing(days, size).svg(id);
}

std::string bands_summary(const std::vector<SeriesDay>& days) {
  const SeriesDay* first = nullptr;
  const SeriesDay* last = nullptr;
  const SeriesDay* expected = nullptr;
  for (const SeriesDay& day : days) {
    if (day.value) {
      if (first == nullptr) first = &day;
      last = &day;
    }
    if (day.bounds) expected = &day;
  }
  std::string text;
  if (last != nullptr) {
    text = "What came from " + first->date.to_string() + " to " + last->date.to_string() + ", the last " +
           short_text(*last->value);
  }
  if (expected != nullptr) {
    text += (text.empty() ? "Expected to " : "; expected to ") + expected->date.to_string() + ": " +
            short_text(expected->bounds->y_hat) + ", 95 % within " + short_text(expected->bounds->lo) +
            " to " + short_text(expected->bounds->hi);
  }
  return text.empty() ? text : text + ".";
}

std::string draw_spark(const std::vector<double>& past, const std::vector<double>& ahead) {
  constexpr double kWidth = 152;
  constexpr double kHeight = 28;
  ValueSpan span;
  for (const double value : past) span.take(value);
  for (const double value : ahead) span.take(value);
  if (!span.any) return {};
  const std::size_t count = past.size() + ahead.size();
  const double slot = count > 1 ? (kWidth - 4) / static_cast<double>(count - 1) : 0;
  // Halves: the difference of two doubles can be more than the largest one.
  const double height = span.most / 2 - span.least / 2;
  const auto point = [&](std::size_t i, double value) {
    const double depth = height > 0 ? (span.most / 2 - value / 2) / height : 0.5;
    return fmt::format("{:.1f} {:.1f}", 2 + slot * static_cast<double>(i), 2 + depth * (kHeight - 4));
  };
  const auto path = [&](std::string_view kind, const std::vector<double>& values, std::size_t from) {
    std::string line;
    for (std::size_t i = 0; i < values.size(); ++i) line += (i > 0 ? "L" : "M") + point(from + i, values[i]);
    return line.empty() ? line : fmt::format(R"(<path class="{}" d="{}"/>)", kind, line);
  };
  return fmt::format(
      R"(<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">{}{}</svg>)",
      kWidth, kHeight, kWidth, kHeight, path("came", past, 0), path("expected", ahead, past.size()));
}

}  // namespace am::forecast
