// What Wilder smooths: each average moves by a part of n to the new value.

#include <algorithm>
#include <cmath>

#include "am/strategy/indicators.hpp"
#include "strategy/indicators/period.hpp"

namespace am::strategy {

namespace {

/// The mean of the first n, then Wilder's.
double smoothed(double average, double value, int seen, int period) {
  return average + (value - average) / std::min(seen, period);
}

}  // namespace

Rsi::Rsi(int period) : period_(checked_period(period)) {}

void Rsi::add(double close) {
  if (seen_ > 0) {
    const double move = close - last_;
    gain_ = smoothed(gain_, std::max(move, 0.0), seen_, period_);
    loss_ = smoothed(loss_, std::max(-move, 0.0), seen_, period_);
  }
  last_ = close;
  if (seen_ <= period_) ++seen_;
}

double Rsi::value() const {
  if (loss_ == 0) return gain_ == 0 ? 50 : 100;
  return 100 - 100 / (1 + gain_ / loss_);
}

void Rsi::save(StateWriter& out) const {
  out.add(std::int64_t{seen_});
  out.add(last_);
  out.add(gain_);
  out.add(loss_);
}

void Rsi::load(StateReader& in) {
  seen_ = static_cast<int>(in.integer(0, period_ + 1));
  last_ = in.number();
  gain_ = in.number();
  loss_ = in.number();
}

Atr::Atr(int period) : period_(checked_period(period)) {}

void Atr::add(const Bar& bar) {
  if (seen_ > 0) {
    const double range = std::max(bar.high, last_) - std::min(bar.low, last_);
    value_ = smoothed(value_, range, seen_, period_);
  }
  last_ = bar.close;
  if (seen_ <= period_) ++seen_;
}

void Atr::save(StateWriter& out) const {
  out.add(std::int64_t{seen_});
  out.add(last_);
  out.add(value_);
}

void Atr::load(StateReader& in) {
  seen_ = static_cast<int>(in.integer(0, period_ + 1));
  last_ = in.number();
  value_ = in.number();
}

}  // namespace am::strategy
