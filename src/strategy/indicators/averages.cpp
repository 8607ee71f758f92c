// Windows, and what is averaged over them.

#include <algorithm>
#include <cmath>

#include "am/base/error.hpp"
#include "am/strategy/indicators.hpp"
#include "strategy/indicators/period.hpp"

namespace am::strategy {

Window::Window(int size) : values_(static_cast<std::size_t>(checked_period(size)), 0.0) {}

void Window::save(StateWriter& out) const {
  out.add(static_cast<std::int64_t>(values_.size()));
  out.add(static_cast<std::int64_t>(next_));
  out.add(static_cast<std::int64_t>(count_));
  for (const double value : values_) out.add(value);
}

void Window::load(StateReader& in) {
  const auto size = static_cast<std::int64_t>(values_.size());
  in.integer(size, size);
  next_ = static_cast<std::size_t>(in.integer(0, size - 1));
  count_ = static_cast<std::size_t>(in.integer(0, size));
  for (double& value : values_) value = in.number();
}

Sma::Sma(int period) : window_(period) {}

void Sma::save(StateWriter& out) const {
  window_.save(out);
  sum_.save(out);
}

void Sma::load(StateReader& in) {
  window_.load(in);
  sum_.load(in);
}

Ema::Ema(int period) : period_(checked_period(period)), alpha_(2.0 / (period + 1)) {}

void Ema::add(double value) {
  if (seen_ == period_) {
    value_ += alpha_ * (value - value_);
    return;
  }
  seed_.add(value);
  if (++seen_ == period_) value_ = seed_.value() / period_;
}

void Ema::save(StateWriter& out) const {
  out.add(std::int64_t{seen_});
  out.add(value_);
  seed_.save(out);
}

void Ema::load(StateReader& in) {
  seen_ = static_cast<int>(in.integer(0, period_));
  value_ = in.number();
  seed_.load(in);
}

Macd::Macd(int fast, int slow, int signal) : fast_(fast), slow_(slow), signal_(signal) {
  if (fast >= slow)
    throw Error(ErrorKind::usage, "the fast period is the shorter one (got " + std::to_string(fast) +
                                      " and " + std::to_string(slow) + ")");
}

void Macd::add(double close) {
  fast_.add(close);
  slow_.add(close);
  if (slow_.ready()) signal_.add(line());
}

void Macd::save(StateWriter& out) const {
  fast_.save(out);
  slow_.save(out);
  signal_.save(out);
}

void Macd::load(StateReader& in) {
  fast_.load(in);
  slow_.load(in);
  signal_.load(in);
}

Bollinger::Bollinger(int period, double width) : window_(period), width_(width) {}

void Bollinger::add(double close) {
  const double leaves = window_.push(close);
  sum_.add(close);
  sum_.add(-leaves);
  squares_.add_product(close, close);
  squares_.add_product(-leaves, leaves);
}

double Bollinger::middle() const { return sum_.value() / window_.size(); }

double Bollinger::deviation() const {
  // n² σ² = n Σx² − (Σx)², of which nearly all cancels: so both are taken with all their digits.
  const double n = window_.size();
  ExactSum left;
  left.add_product(n, squares_.high());
  left.add_product(n, squares_.low());
  left.add_product(-sum_.high(), sum_.high());
  left.add_product(-2 * sum_.high(), sum_.low());
  left.add_product(-sum_.low(), sum_.low());
  return std::sqrt(std::max(0.0, left.value())) / n;
}

void Bollinger::save(StateWriter& out) const {
  window_.save(out);
  sum_.save(out);
  squares_.save(out);
}

void Bollinger::load(StateReader& in) {
  window_.load(in);
  sum_.load(in);
  squares_.load(in);
}

}  // namespace am::strategy
