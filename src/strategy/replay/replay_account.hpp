#pragma once
// The money of a replay: one account, one symbol, every order filled whole or refused. Private.

#include <optional>
#include <string_view>

#include "am/strategy/brokers.hpp"
#include "am/strategy/money.hpp"
#include "am/strategy/replay.hpp"

namespace am::strategy {

class ReplayAccount {
 public:
  explicit ReplayAccount(const ReplayOptions& options);

  /// Fills a signal at `base`, and the slippage against it. The reason why not, as the gateway calls it; nothing: filled, and
  /// noted in result.
  std::optional<std::string> execute(const Decision& decision, const Decimal& base, Micros at,
                                     ReplayResult& result);

  const Decimal& cash() const { return cash_; }
  const Holding& held() const { return held_; }
  Position position() const {
    return {.quantity = held_.quantity.to_double(), .cost = held_.cost.to_double()};
  }
  /// Of sales, after all fees.
  double gains() const { return gains_; }
  double losses() const { return losses_; }
  std::size_t won() const { return won_; }

 private:
  std::optional<std::string> refusal(const Signal& signal) const;
  void book(const Decision& decision, const PaperFill& price, Micros at, ReplayResult& result);
  /// What of the fees of its buys goes with a sale: in proportion, the last one the rest.
  Decimal buy_fees_of(const Fill& fill);

  FillRule rule_;
  Decimal collar_pct_;
  PaperOptions paper_;
  std::optional<Decimal> max_notional_, max_position_;
  Decimal cash_;
  Holding held_{};
  Decimal buy_fees_{};
  double gains_ = 0, losses_ = 0;
  std::size_t won_ = 0;
  OrderRequest order_{};  ///< its memory is used again
};

}  // namespace am::strategy
