// Buys when the RSI falls below `low` (what was sold too fast comes back), sells when it rises above `high`.

#include "am/base/error.hpp"
#include "am/strategy/indicators.hpp"
#include "strategy/builtin/params.hpp"

namespace am::strategy {

namespace {

class RsiReversion final : public Strategy {
 public:
  RsiReversion(int period, double low, double high, double quantity)
      : period_(period), low_(low), high_(high), quantity_(quantity), rsi_(period) {}

  int warm_up_bars() const override { return period_ + 1; }

  void on_bar(const Bar& bar, const Position&, std::vector<Intent>& out) override {
    rsi_.add(bar.close);
    if (!rsi_.ready()) return;
    const double now = rsi_.value();
    if (had_) {
      if (last_ >= low_ && now < low_)
        out.push_back({.side = Side::buy, .price = bar.close, .quantity = quantity_});
      else if (last_ <= high_ && now > high_)
        out.push_back({.side = Side::sell, .price = bar.close, .quantity = quantity_});
    }
    had_ = true;
    last_ = now;
  }

  std::string snapshot() const override {
    StateWriter out(kKind);
    rsi_.save(out);
    out.add(std::int64_t{had_ ? 1 : 0});
    out.add(last_);
    return out.take();
  }
  void restore(std::string_view snapshot) override {
    StateReader in(snapshot, kKind);
    rsi_.load(in);
    had_ = in.integer(0, 1) == 1;
    last_ = in.number();
    in.end();
  }

 private:
  static constexpr std::string_view kKind = "rsi_reversion/1";

  int period_;
  double low_, high_, quantity_;
  Rsi rsi_;
  bool had_ = false;
  double last_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> make_rsi_reversion(Params& params) {
  constexpr int kPeriod = 14, kMost = 100'000;
  constexpr double kLow = 30, kHigh = 70, kWhole = 100;
  const int period = params.whole("period", kPeriod, 1, kMost);
  const double low = params.number("low", kLow, 0, kWhole);
  const double high = params.number("high", kHigh, 0, kWhole);
  const double quantity = params.quantity();
  params.end();
  if (low >= high) throw Error(ErrorKind::usage, "rsi_reversion params: low: expected below high");
  return std::make_unique<RsiReversion>(period, low, high, quantity);
}

}  // namespace am::strategy
