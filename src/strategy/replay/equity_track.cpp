#include "strategy/replay/equity_track.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace am::strategy {

namespace {

constexpr std::size_t kMostPoints = 2000;
constexpr Micros kMicrosOfDay = 86'400'000'000;

struct Spread {
  double mean = 0, deviation = 0, downside = 0;
};

Spread spread_of(const std::vector<double>& values) {
  Spread spread;
  const auto n = static_cast<double>(values.size());
  for (const double value : values) spread.mean += value / n;
  double squares = 0, below = 0;
  for (const double value : values) {
    squares += (value - spread.mean) * (value - spread.mean);
    below += value < 0 ? value * value : 0;
  }
  spread.deviation = std::sqrt(squares / (n - 1));
  spread.downside = std::sqrt(below / n);
  return spread;
}

}  // namespace

EquityTrack::EquityTrack(double cash, std::size_t bars)
    : cash_(cash),
      began_with_(cash),
      equity_(cash),
      peak_(cash),
      floor_(cash),
      group_(std::max<std::size_t>(1, (bars + kMostPoints - 1) / kMostPoints)),
      until_point_(group_) {
  points_.reserve(std::min(bars, kMostPoints) + 1);
}

void EquityTrack::begin_day(Micros start) {
  if (bars_ > 0) days_.push_back(equity_);
  Micros day = start / kMicrosOfDay;
  if (start % kMicrosOfDay < 0) --day;
  next_day_ = (day + 1) * kMicrosOfDay;
}

void EquityTrack::add_point() {
  points_.push_back({.at = end_, .equity = equity_, .close = last_close_});
  until_point_ = group_;
}

void EquityTrack::finish(AssetType asset, ReplayResult& result) {
  if (until_point_ != group_ && bars_ > 0) add_point();
  result.equity = std::move(points_);
  ReplayFigures& figures = result.figures;
  if (bars_ == 0) return;
  if (began_with_ > 0) figures.return_pct = (equity_ / began_with_ - 1) * 100;
  figures.market_pct = (last_close_ / first_close_ - 1) * 100;
  figures.max_drawdown_pct = drawdown_ * 100;
  figures.exposure_pct = 100 * static_cast<double>(held_bars_) / static_cast<double>(bars_);
  days_.push_back(equity_);
  std::vector<double> returns;
  double before = began_with_;
  for (const double equity : days_) {
    if (before <= 0) return;
    returns.push_back(equity / before - 1);
    before = equity;
  }
  if (returns.size() < 2) return;
  const Spread spread = spread_of(returns);
  const double year = std::sqrt(asset == AssetType::crypto ? 365.0 : 252.0);
  if (spread.deviation > 0) figures.sharpe = spread.mean / spread.deviation * year;
  if (spread.downside > 0) figures.sortino = spread.mean / spread.downside * year;
}

}  // namespace am::strategy
