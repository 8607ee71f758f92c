#pragma once
// The equity bar by bar, and the figures that follow from it. Estimates in doubles: what is booked is exact elsewhere. Private.

#include <vector>

#include "am/strategy/replay.hpp"

namespace am::strategy {

class EquityTrack {
 public:
  /// bars: how many there will be at most.
  EquityTrack(double cash, std::size_t bars);

  void holds(double cash, double quantity) {
    cash_ = cash;
    quantity_ = quantity;
  }
  /// start and end of the bar.
  void at_close(Micros start, Micros end, double close) {
    const double equity = cash_ + quantity_ * close;
    if (start >= next_day_) begin_day(start);
    if (bars_++ == 0) first_close_ = close;
    last_close_ = close;
    equity_ = equity;
    held_bars_ += quantity_ > 0 ? 1 : 0;
    if (equity > peak_) {
      peak_ = equity;
      floor_ = equity * (1 - drawdown_);
    } else if (equity < floor_) {
      drawdown_ = 1 - equity / peak_;
      floor_ = equity;
    }
    end_ = end;
    if (--until_point_ == 0) add_point();
  }
  /// asset: of the days of a year.
  void finish(AssetType asset, ReplayResult& result);

 private:
  void begin_day(Micros start);
  void add_point();

  double cash_, quantity_ = 0;
  const double began_with_;
  double equity_, peak_, floor_, drawdown_ = 0;
  double first_close_ = 0, last_close_ = 0;
  std::size_t bars_ = 0, held_bars_ = 0;
  std::size_t group_, until_point_;
  Micros end_ = 0, next_day_ = INT64_MIN;
  std::vector<double> days_{};  ///< equity at the end of each day but the last
  std::vector<ReplayPoint> points_{};
};

}  // namespace am::strategy
