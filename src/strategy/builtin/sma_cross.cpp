// Buys when the close rises above its simple moving average, sells when it falls below.

#include "am/strategy/indicators.hpp"
#include "strategy/builtin/params.hpp"

namespace am::strategy {

namespace {

class SmaCross final : public Strategy {
 public:
  SmaCross(int period, double quantity) : period_(period), quantity_(quantity), average_(period) {}

  int warm_up_bars() const override { return period_; }

  void on_bar(const Bar& bar, const Position&, std::vector<Intent>& out) override {
    average_.add(bar.close);
    if (!average_.ready()) return;
    const double above = bar.close - average_.value();
    // Prices are decimal and their doubles are not: on the average is what differs by no more than these round away.
    const double same = kRounding * bar.close;
    if (side_.turn((above > same ? 1 : 0) - (above < -same ? 1 : 0)))
      out.push_back(
          {.side = side_.sign() > 0 ? Side::buy : Side::sell, .price = bar.close, .quantity = quantity_});
  }

  std::string snapshot() const override {
    StateWriter out(kKind);
    average_.save(out);
    out.add(std::int64_t{side_.sign()});
    return out.take();
  }
  void restore(std::string_view snapshot) override {
    StateReader in(snapshot, kKind);
    average_.load(in);
    side_.set(static_cast<int>(in.integer(-1, 1)));
    in.end();
  }

 private:
  static constexpr std::string_view kKind = "sma_cross/1";
  static constexpr double kRounding = 1e-12;

  int period_;
  double quantity_;
  Sma average_;
  Turning side_{};
};

}  // namespace

std::unique_ptr<Strategy> make_sma_cross(Params& params) {
  constexpr int kPeriod = 15, kMost = 100'000;
  const int period = params.whole("period", kPeriod, 1, kMost);
  const double quantity = params.quantity();
  params.end();
  return std::make_unique<SmaCross>(period, quantity);
}

}  // namespace am::strategy
