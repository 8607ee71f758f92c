#pragma once
// The value axis of a chart: round steps, with zero on it. Geometry alone, no drawing; binary floats, since a pixel
// needs no more (figures that people read come from Decimal).

#include <string>

namespace am {

/// Units:   percent.
/// Threads: a value.
struct ChartScale {
  double low = 0;   ///< at most 0
  double high = 0;  ///< at least 0
  double step = 1;  ///< 1, 2 or 5 times a power of ten
  int places = 0;   ///< decimals of a label

  /// About `ticks` steps that hold zero and every value. What is not finite, or beyond ±10^12, counts as that.
  ChartScale(double least, double most, int ticks = 5);
  int steps() const;
  double at(int i) const { return low + i * step; }
  bool is_zero(int i) const { return at(i) < step / 2 && at(i) > -step / 2; }
  /// "+5", "\u22120.5", "0".
  std::string label(int i) const;
  /// How far a value is below `high`, as a part of the whole: 0 at the top, 1 at the bottom.
  double depth(double value) const { return (high - value) / (high - low); }
};

/// A value cut to what a scale can hold.
double chartable(double value);

}  // namespace am
