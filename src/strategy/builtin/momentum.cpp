// Buys when the close has risen by more than `threshold_pct` over `lookback` bars, sells when it has fallen by more.

#include "am/strategy/indicators.hpp"
#include "strategy/builtin/params.hpp"

namespace am::strategy {

namespace {

class Momentum final : public Strategy {
 public:
  Momentum(int lookback, double threshold_pct, double quantity)
      : lookback_(lookback), threshold_(threshold_pct / 100), quantity_(quantity), closes_(lookback) {}

  int warm_up_bars() const override { return lookback_ + 1; }

  void on_bar(const Bar& bar, const Position&, std::vector<Intent>& out) override {
    const bool known = closes_.full();
    const double before = closes_.push(bar.close);
    if (!known) return;
    const double change = (bar.close - before) / before;
    if (side_.turn((change > threshold_ ? 1 : 0) - (change < -threshold_ ? 1 : 0)))
      out.push_back(
          {.side = side_.sign() > 0 ? Side::buy : Side::sell, .price = bar.close, .quantity = quantity_});
  }

  std::string snapshot() const override {
    StateWriter out(kKind);
    closes_.save(out);
    out.add(std::int64_t{side_.sign()});
    return out.take();
  }
  void restore(std::string_view snapshot) override {
    StateReader in(snapshot, kKind);
    closes_.load(in);
    side_.set(static_cast<int>(in.integer(-1, 1)));
    in.end();
  }

 private:
  static constexpr std::string_view kKind = "momentum/1";

  int lookback_;
  double threshold_, quantity_;
  Window closes_;
  Turning side_{};
};

}  // namespace

std::unique_ptr<Strategy> make_momentum(Params& params) {
  constexpr int kLookback = 20, kMost = 100'000;
  constexpr double kMostPct = 100;
  const int lookback = params.whole("lookback", kLookback, 1, kMost);
  const double threshold = params.number("threshold_pct", 0, 0, kMostPct);
  const double quantity = params.quantity();
  params.end();
  return std::make_unique<Momentum>(lookback, threshold, quantity);
}

}  // namespace am::strategy
