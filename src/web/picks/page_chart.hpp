#pragma once
// A batch by day as inline SVG: one line per pick and one for the benchmark, in percent since the baseline. Drawn
// without a script, coloured by the style sheet; what the lines are is said by labels at their ends, by marks of
// different shape and by a description, never by colour alone. Private.

#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"

namespace am::web {

struct ChartPoint {
  int day = 0;  ///< 1..14
  Decimal return_pct;
};

struct ChartLine {
  std::string name;        ///< "XOM"; any text
  bool sold = false;       ///< a SELL: said in the label
  bool benchmark = false;  ///< drawn without marks
  std::vector<ChartPoint>
      points;  ///< by day; what was skipped is not there, and the line goes straight across
};

struct DayChart {
  std::string id;  ///< unique on the page
  Date run_date;
  std::vector<ChartLine> lines;  ///< the benchmark's last: it is drawn on top
};

/// Two drawings of the same: the style sheet shows the one that fits the window.
enum class ChartSize { wide, narrow };

/// Shape:   an <svg role="img"> with title and description; days 0 (the baseline, where every line starts at 0)
///          to 14, days without a session shaded; empty when no line has a point.
/// Errors:  none; values beyond ±10^12 are drawn as that.
/// Threads: pure.
std::string draw_chart(const DayChart& chart, ChartSize size);

/// "BUY XOM +1.20 %, SELL T −0.40 %, SPX +0.30 %": the lines' ends in words; text, not HTML.
std::string chart_summary(const DayChart& chart);

/// Where labels go that want to be at `wanted`, so that two are at least `gap` apart and all within [low, high] if
/// there is room; in the order of `wanted`. Threads: pure.
std::vector<double> spread_labels(const std::vector<double>& wanted, double gap, double low, double high);

}  // namespace am::web
