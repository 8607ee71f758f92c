#include "am/strategy/money.hpp"

#include <algorithm>

#include "am/base/error.hpp"

namespace am::strategy {

namespace {

const Decimal& least_notional() {
  static const Decimal kValue(1);
  return kValue;
}

const Decimal& notional_bound() {
  static const Decimal kValue = Decimal::of("1000000000000");
  return kValue;
}

Decimal unit_of(int places) { return Decimal::of("1e-" + std::to_string(places)); }

/// A number of whoever sent it, for a message: it may have 6,000 digits.
std::string shown(const Decimal& value) {
  constexpr std::size_t kMost = 40;
  std::string text = value.to_string();
  if (text.size() > kMost) text.replace(kMost, std::string::npos, "…");
  return text;
}

[[noreturn]] void impossible(const std::string& what) { throw Error(ErrorKind::data, "fill: " + what); }

Decimal grown(const char* what, const Decimal& before, const Decimal& now) {
  if (now < before)
    impossible(std::string(what) + " went back (from " + before.to_string() + " to " + now.to_string() + ")");
  return now - before;
}

}  // namespace

Decimal rounded(const Decimal& value, int places) { return value.rounded(places); }

Decimal rounded_up(const Decimal& value, int places) {
  const Decimal near = rounded(value, places);
  return near < value ? near + unit_of(places) : near;
}

Decimal rounded_down(const Decimal& value, int places) {
  const Decimal near = rounded(value, places);
  return near > value ? near - unit_of(places) : near;
}

std::string shortest(const Decimal& number) {
  std::string text = number.to_string();
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

bool has_places(const Decimal& value, int places) { return rounded(value, places) == value; }

std::optional<Reject> check_amounts(const Decimal& quantity, const Decimal& price, bool whole) {
  if (!quantity.is_positive()) return Reject{"qty: not positive (got " + shown(quantity) + ")"};
  if (!price.is_positive()) return Reject{"price: not positive (got " + shown(price) + ")"};
  // Before anything is computed: 1e6000 is a number, too.
  if (quantity >= notional_bound() * notional_bound()) return Reject{"qty: too large"};
  if (price >= notional_bound()) return Reject{"price: too large (expected less than 10^12)"};
  if (!has_places(quantity, kPlaces)) return Reject{"qty: more than 9 places (got " + shown(quantity) + ")"};
  if (!has_places(price, kPlaces)) return Reject{"price: more than 9 places (got " + shown(price) + ")"};
  const Decimal notional = quantity * price;
  if (notional >= notional_bound()) return Reject{"value of the order: too large (expected less than 10^12)"};
  if (notional < least_notional() && !whole)
    return Reject{"value of the order: too small (expected at least 1.00, got " + notional.to_fixed(kPlaces) +
                  ")"};
  return std::nullopt;
}

Decimal limit_price(Side side, const Decimal& signal_price, const Decimal& collar_pct) {
  const Decimal away = signal_price * collar_pct / 100;
  return side == Side::buy ? rounded_down(signal_price + away, kPlaces)
                           : rounded_up(signal_price - away, kPlaces);
}

Decimal reserve_of(Side side, const Decimal& quantity, const Decimal& limit, const Decimal& fee_bps) {
  if (side == Side::sell) return rounded(0, kMoneyPlaces);
  const Decimal value = rounded_up(quantity * limit, kMoneyPlaces);
  return value + rounded_up(value * fee_bps / 10000, kMoneyPlaces);
}

Filled filled_of(const Decimal& quantity, const std::optional<Decimal>& average_price,
                 const std::optional<Decimal>& fee, const std::optional<Decimal>& fee_quantity) {
  if (quantity.is_positive() && (!average_price || !average_price->is_positive()))
    impossible("a filled quantity without a price");
  Filled filled;
  filled.quantity = quantity;
  filled.value = rounded(average_price ? quantity * *average_price : Decimal(0), kMoneyPlaces);
  filled.fee = rounded(fee.value_or(Decimal(0)), kMoneyPlaces);
  filled.fee_quantity = rounded(fee_quantity.value_or(Decimal(0)), kPlaces);
  return filled;
}

std::optional<Fill> next_fill(Side side, const Filled& booked, const Filled& said, const Holding& held) {
  if (said.quantity <= booked.quantity) return std::nullopt;
  Fill fill;
  fill.quantity = said.quantity - booked.quantity;
  fill.cumulative_quantity = said.quantity;
  fill.value = grown("value", booked.value, said.value);
  fill.fee = grown("fee", booked.fee, said.fee);
  fill.fee_quantity = grown("fee in quantity", booked.fee_quantity, said.fee_quantity);
  fill.price = rounded(fill.value / fill.quantity, kPlaces);
  fill.realised = rounded(0, kMoneyPlaces);
  if (side == Side::buy) {
    if (fill.fee_quantity > fill.quantity) impossible("the fee is more than what is received");
    fill.cost = fill.value;
    fill.cash = -fill.value - fill.fee;
    return fill;
  }
  if (!fill.fee_quantity.is_zero()) impossible("a sale with a fee in quantity");
  if (fill.fee > fill.value) impossible("the fee is more than what is received");
  if (fill.quantity > held.quantity)
    impossible("more sold than held (" + fill.quantity.to_string() + " of " + held.quantity.to_string() +
               ")");
  fill.cost = fill.quantity == held.quantity
                  ? held.cost
                  : rounded(held.cost * fill.quantity / held.quantity, kMoneyPlaces);
  fill.realised = fill.value - fill.cost;
  fill.cash = fill.value - fill.fee;
  return fill;
}

Holding after(Side side, const Holding& held, const Fill& fill) {
  if (side == Side::buy) return {held.quantity + fill.quantity - fill.fee_quantity, held.cost + fill.cost};
  return {held.quantity - fill.quantity, held.cost - fill.cost};
}

Decimal reserve_after(const Decimal& reserve, const Fill& fill) {
  return std::max(rounded(0, kMoneyPlaces), reserve - fill.value - fill.fee);
}

}  // namespace am::strategy
