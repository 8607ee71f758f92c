// Dekker's product: it needs no fused multiplication, and so gives the same bits on every machine. The library is compiled
// without contraction and without -ffast-math.

#include "am/strategy/indicators.hpp"

namespace am::strategy {

namespace {

struct TwoParts {
  double high, low;
};

/// value = high + low, each of 26 bits.
TwoParts halves(double value) {
  constexpr double kSplitter = 134217729;  // 2^27 + 1
  const double scaled = kSplitter * value;
  const double high = scaled - (scaled - value);
  return {high, value - high};
}

}  // namespace

void ExactSum::add_product(double a, double b) {
  const double product = a * b;
  const auto [a_high, a_low] = halves(a);
  const auto [b_high, b_low] = halves(b);
  add(product);
  low_ += ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
  const double sum = high_ + low_;  // kept small, since products nearly cancel
  low_ = low_ - (sum - high_);
  high_ = sum;
}

void ExactSum::save(StateWriter& out) const {
  out.add(high_);
  out.add(low_);
}

void ExactSum::load(StateReader& in) {
  high_ = in.number();
  low_ = in.number();
}

}  // namespace am::strategy
