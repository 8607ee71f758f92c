#pragma once
// The arithmetic of what is ordered and booked: pure, exact, and the same for the gateway, for paper and for replay, so
// that they agree to the cent. Rounding is half-even unless it is said otherwise.
//
// Of an order what counts is its value so far, V = round(filled quantity × average price). A fill books V less what was
// booked before, and likewise the fee: so the cents of many fills are those of one. A position keeps its cost, never an
// average price: a sale releases round(cost × sold ÷ held) of it, the last one what is left. Then always
//   cash + Σ cost = deposits + Σ realised − Σ fees.
// A buy holds back a reserve: what it can come to at its limit, each part rounded up. A fill uses it up by what it books,
// and the end of the order gives back the rest; so cash never falls below what other orders hold back, or below 0.
//
// Units:   quantities and prices have at most 9 places; money, fees and costs are USD in cents.
// Threads: pure.

#include <optional>
#include <string>
#include <string_view>

#include "am/base/decimal.hpp"
#include "am/base/result.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

inline constexpr int kPlaces = 9;       ///< of a quantity and a price
inline constexpr int kMoneyPlaces = 2;  ///< of money

Decimal rounded(const Decimal& value, int places);     ///< half-even
Decimal rounded_up(const Decimal& value, int places);  ///< never below value
Decimal rounded_down(const Decimal& value, int places);
/// Without zeros at its end: "1.5", "100".
std::string shortest(const Decimal& number);
/// Whether it has no more than so many places ("1.500" has one).
bool has_places(const Decimal& value, int places);

/// What an order's quantity and price have to be: positive, at most 9 places, worth at least 1.00 and less than 10^12.
/// whole: it sells all that is held, which may be worth less than 1.00.
std::optional<Reject> check_amounts(const Decimal& quantity, const Decimal& price, bool whole = false);

/// The worst price that an order may get: the signal's plus (buy) or less (sell) the collar, to 9 places, never past it.
Decimal limit_price(Side side, const Decimal& signal_price, const Decimal& collar_pct);
/// What a buy holds back until it is over: limit × quantity, and the fee of that, each rounded up. A sale: 0.
Decimal reserve_of(Side side, const Decimal& quantity, const Decimal& limit, const Decimal& fee_bps);

/// A user's money. 0 ≤ reserved ≤ cash.
struct Account {
  Decimal cash, reserved;
  Decimal free() const { return cash - reserved; }
};

/// What is held of one symbol.
struct Holding {
  Decimal quantity, cost;
  friend bool operator==(const Holding&, const Holding&) = default;
};

/// What an order came to so far: all cumulative.
struct Filled {
  Decimal quantity, value, fee;
  Decimal fee_quantity;  ///< taken out of what a buy receives (crypto)
};

/// As a broker says it. Errors: data: a quantity without a price.
Filled filled_of(const Decimal& quantity, const std::optional<Decimal>& average_price,
                 const std::optional<Decimal>& fee, const std::optional<Decimal>& fee_quantity);

/// One growth of an order's filled quantity, as it is booked.
struct Fill {
  Decimal quantity, cumulative_quantity;
  Decimal price;  ///< value ÷ quantity, to 9 places: shown only
  Decimal value, fee, fee_quantity;
  Decimal cost;      ///< what is put into the position (buy), or released of it (sell)
  Decimal realised;  ///< value − cost of a sale, before fees; 0 of a buy
  Decimal cash;      ///< change: −value − fee, or value − fee
};

/// What has to be booked; nothing: no more is filled than is booked.
/// Errors:  data: what cannot be so, and has to stop the session: less value or fee than before, more sold than held, a
///          fee that is more than what is received.
std::optional<Fill> next_fill(Side side, const Filled& booked, const Filled& said, const Holding& held);
/// After the fill.
Holding after(Side side, const Holding& held, const Fill& fill);
/// What of an order's reserve is left after a fill.
Decimal reserve_after(const Decimal& reserve, const Fill& fill);

}  // namespace am::strategy
