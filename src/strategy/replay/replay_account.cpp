#include "strategy/replay/replay_account.hpp"

#include <utility>

#include "am/base/error.hpp"

namespace am::strategy {

namespace {

void require_amount(const char* what, const Decimal& value, const Decimal& most, int places) {
  if (!value.is_negative() && value <= most && has_places(value, places)) return;
  throw Error(ErrorKind::usage, std::string(what) + ": expected from 0 to " + most.to_string() + ", with " +
                                    std::to_string(places) + " places at most (got " + value.to_string() +
                                    ")");
}

}  // namespace

ReplayAccount::ReplayAccount(const ReplayOptions& options)
    : rule_(options.fill),
      collar_pct_(options.collar_pct),
      paper_{.slippage_bps = options.slippage_bps, .fee_bps = options.fee_bps},
      max_notional_(options.max_notional),
      max_position_(options.max_position),
      cash_(options.cash) {
  static const Decimal kMostCash = Decimal::of("999999999999.99");
  require_amount("cash", options.cash, kMostCash, kMoneyPlaces);
  require_amount("fee", options.fee_bps, 1000, kPlaces);
  require_amount("slippage", options.slippage_bps, 1000, kPlaces);
  cash_ = rounded(cash_, kMoneyPlaces);
}

std::optional<std::string> ReplayAccount::refusal(const Signal& signal) const {
  const bool buys = signal.side == Side::buy;
  const Decimal& quantity = order_.quantity;
  const bool whole = !buys && quantity == held_.quantity;
  if (const auto refused = check_amounts(quantity, order_.signal_price, whole))
    return "quantity: " + refused->reason;
  if (max_notional_ && !whole && quantity * order_.signal_price > *max_notional_) return "notional";
  if (!buys)
    return quantity > held_.quantity ? std::optional<std::string>("insufficient_holding") : std::nullopt;
  if (rule_ == FillRule::next_open)
    return std::nullopt;  // its price is known: book() sees whether there is cash
  const Decimal reserve = reserve_of(signal.side, quantity, order_.limit_price, paper_.fee_bps);
  if (max_position_ && held_.cost + reserve > *max_position_) return "position";
  if (reserve > cash_) return "insufficient_funds";
  return std::nullopt;
}

std::optional<std::string> ReplayAccount::execute(const Decision& decision, const Decimal& base, Micros at,
                                                  ReplayResult& result) {
  static const Decimal kAnyPrice = Decimal::of("1e15");
  const Signal& signal = decision.signal;
  const bool buys = signal.side == Side::buy;
  order_.side = signal.side;
  order_.quantity = signal.quantity;
  order_.signal_price = base;
  if (rule_ == FillRule::signal)
    order_.limit_price = limit_price(signal.side, base, collar_pct_);
  else
    order_.limit_price = buys ? kAnyPrice : Decimal(0);
  std::optional<std::string> refused = refusal(signal);
  if (!refused) {
    const PaperFill price = paper_fill(order_, paper_);
    if (rule_ == FillRule::next_open && buys) {
      const Decimal needed = rounded(price.price * order_.quantity, kMoneyPlaces) + price.fee;
      if (max_position_ && held_.cost + needed > *max_position_) refused = "position";
      if (!refused && needed > cash_) refused = "insufficient_funds";
    }
    if (!refused) book(decision, price, at, result);
  }
  if (refused)
    result.refusals.push_back(
        {.event = decision.event, .ordinal = decision.ordinal, .side = signal.side, .reason = *refused});
  return refused;
}

Decimal ReplayAccount::buy_fees_of(const Fill& fill) {
  if (buy_fees_.is_zero()) return buy_fees_;
  const Decimal part = fill.quantity == held_.quantity
                           ? buy_fees_
                           : rounded(buy_fees_ * fill.quantity / held_.quantity, kMoneyPlaces);
  buy_fees_ = buy_fees_ - part;
  return part;
}

void ReplayAccount::book(const Decision& decision, const PaperFill& price, Micros at, ReplayResult& result) {
  const Side side = decision.signal.side;
  const Filled said = filled_of(order_.quantity, price.price, price.fee, std::nullopt);
  const Fill fill = next_fill(side, {}, said, held_).value();
  if (side == Side::buy) {
    ++result.buys;
    if (!fill.fee.is_zero()) buy_fees_ = buy_fees_ + fill.fee;
  } else {
    ++result.sells;
    const double net = (fill.realised - fill.fee - buy_fees_of(fill)).to_double();
    (net > 0 ? gains_ : losses_) += net > 0 ? net : -net;
    won_ += net > 0 ? 1 : 0;
    result.realised += fill.realised;
  }
  result.fees += fill.fee;
  held_ = after(side, held_, fill);
  cash_ += fill.cash;
  result.trades.push_back({.event = decision.event,
                           .ordinal = decision.ordinal,
                           .filled = at,
                           .side = side,
                           .quantity = fill.quantity,
                           .price = fill.price,
                           .value = fill.value,
                           .fee = fill.fee,
                           .realised = fill.realised,
                           .cash = cash_,
                           .held = held_.quantity,
                           .metadata = decision.signal.metadata});
}

}  // namespace am::strategy
