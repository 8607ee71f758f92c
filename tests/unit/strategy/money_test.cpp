#include "am/strategy/money.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "am/base/error.hpp"

namespace am::strategy {
namespace {

Decimal dec(const char* text) { return Decimal::of(text); }

std::string reason_of(const char* quantity, const char* price, bool whole = false) {
  const auto refused = check_amounts(dec(quantity), dec(price), whole);
  return refused ? refused->reason : "";
}

TEST(OrderAmounts, HaveNinePlacesAndAValueFromOneToTenToTheTwelfth) {
  EXPECT_EQ(reason_of("1", "1.00"), "");
  EXPECT_EQ(reason_of("0.000000001", "999999999999.999999999"), "");
  EXPECT_EQ(reason_of("100000000000", "0.000012345"), "");
  EXPECT_EQ(reason_of("0", "1"), "qty: not positive (got 0)");
  EXPECT_EQ(reason_of("1", "-1"), "price: not positive (got -1)");
  EXPECT_EQ(reason_of("1.0000000001", "5"), "qty: more than 9 places (got 1.0000000001)");
  EXPECT_EQ(reason_of("1.0000000000", "5"), "") << "zeros are no places";
  EXPECT_EQ(reason_of("1", "5.0000000001"), "price: more than 9 places (got 5.0000000001)");
  EXPECT_EQ(reason_of("0.1", "9.99"),
            "value of the order: too small (expected at least 1.00, got 0.999000000)");
  EXPECT_EQ(reason_of("0.1", "9.99", true), "") << "what is left of a position";
  EXPECT_EQ(reason_of("1", "1000000000000"), "price: too large (expected less than 10^12)");
  EXPECT_EQ(reason_of("2", "500000000000"), "value of the order: too large (expected less than 10^12)");
  EXPECT_EQ(reason_of("1e6000", "1"), "qty: too large");
  EXPECT_EQ(reason_of("1", "1e6000"), "price: too large (expected less than 10^12)");
  EXPECT_LT(reason_of("1e-6000", "1").size(), 100U);
}

TEST(Limit, IsNeverPastTheCollar) {
  EXPECT_EQ(limit_price(Side::buy, dec("187.42"), dec("1")), dec("189.2942"));
  EXPECT_EQ(limit_price(Side::sell, dec("187.42"), dec("1")), dec("185.5458"));
  EXPECT_EQ(limit_price(Side::buy, dec("0.000012345"), dec("1")), dec("0.000012468"));   // …46845
  EXPECT_EQ(limit_price(Side::sell, dec("0.000012345"), dec("1")), dec("0.000012222"));  // …22155
  EXPECT_EQ(limit_price(Side::buy, dec("100"), dec("0")), dec("100"));
}

TEST(Reserve, RoundsEachPartUp) {
  EXPECT_EQ(reserve_of(Side::buy, dec("3"), dec("33.333333334"), dec("0")).to_string(), "100.01");
  EXPECT_EQ(reserve_of(Side::buy, dec("1"), dec("100"), dec("0.01")).to_string(), "100.01");
  EXPECT_EQ(reserve_of(Side::buy, dec("1"), dec("100"), dec("0")).to_string(), "100.00");
  EXPECT_EQ(reserve_of(Side::sell, dec("1"), dec("100"), dec("10")).to_string(), "0.00");
}

TEST(AFill, BooksWhatTheValueGrewBy) {
  // Three thirds of a cent each: alone they were nothing.
  const Holding none;
  Filled booked;
  const Filled first = filled_of(dec("0.333"), dec("0.01"), {}, {});
  const auto fill = next_fill(Side::buy, booked, first, none);
  ASSERT_TRUE(fill);
  EXPECT_EQ(fill->value.to_string(), "0.00");
  booked = first;
  const auto rest = next_fill(Side::buy, booked, filled_of(dec("1"), dec("0.01"), {}, {}), none);
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->quantity, dec("0.667"));
  EXPECT_EQ(rest->value.to_string(), "0.01");
}

TEST(AFill, IsNothingWhereNoMoreIsFilled) {
  const Filled booked = filled_of(dec("5"), dec("10"), {}, {});
  EXPECT_FALSE(next_fill(Side::buy, booked, booked, {}));
  EXPECT_FALSE(next_fill(Side::buy, booked, filled_of(dec("4"), dec("10"), {}, {}), {})) << "an older state";
  EXPECT_FALSE(next_fill(Side::buy, {}, filled_of(0, {}, {}, {}), {}));
}

TEST(ASale, ReleasesItsPartOfTheCostAndTheLastOneTheRest) {
  Holding held{dec("3"), dec("100.00")};
  const auto one = next_fill(Side::sell, {}, filled_of(dec("1"), dec("50"), dec("0.10"), {}), held);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->cost.to_string(), "33.33");
  EXPECT_EQ(one->realised.to_string(), "16.67");
  EXPECT_EQ(one->cash.to_string(), "49.90");
  held = after(Side::sell, held, *one);
  const auto last = next_fill(Side::sell, {}, filled_of(dec("2"), dec("30"), {}, {}), held);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->cost.to_string(), "66.67");
  EXPECT_EQ(after(Side::sell, held, *last), Holding{});
}

TEST(AFill, OfCryptoMayPayItsFeeInQuantity) {
  const auto fill = next_fill(Side::buy, {}, filled_of(dec("2"), dec("100"), {}, dec("0.005")), {});
  ASSERT_TRUE(fill);
  EXPECT_EQ(fill->cash.to_string(), "-200.00");
  EXPECT_EQ(after(Side::buy, {}, *fill), (Holding{dec("1.995"), dec("200.00")}));
}

TEST(AFill, ThatCannotBeIsRefused) {
  const Holding held{dec("1"), dec("10.00")};
  const auto thrown = [&](Side side, const Filled& booked, const Filled& said) -> std::string {
    try {
      next_fill(side, booked, said, held);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      return error.message();
    }
    return "";
  };
  EXPECT_EQ(thrown(Side::sell, {}, filled_of(dec("2"), dec("10"), {}, {})),
            "fill: more sold than held (2 of 1)");
  EXPECT_EQ(thrown(Side::buy, filled_of(dec("1"), dec("10"), {}, {}), filled_of(dec("2"), dec("1"), {}, {})),
            "fill: value went back (from 10.00 to 2.00)");
  EXPECT_EQ(thrown(Side::buy, filled_of(dec("1"), dec("10"), dec("0.5"), {}),
                   filled_of(dec("2"), dec("10"), {}, {})),
            "fill: fee went back (from 0.50 to 0.00)");
  EXPECT_EQ(thrown(Side::sell, {}, filled_of(dec("1"), dec("1"), dec("2"), {})),
            "fill: the fee is more than what is received");
  EXPECT_EQ(thrown(Side::buy, {}, filled_of(dec("1"), dec("1"), {}, dec("2"))),
            "fill: the fee is more than what is received");
  EXPECT_THROW((void)filled_of(dec("1"), {}, {}, {}), Error);
}

// Thousands of orders that fill in random parts at random prices within their limits, are cancelled, and overlap.
struct OpenOrder {
  Side side = Side::buy;
  Decimal quantity, limit, reserve;
  Filled booked;
  Decimal notional;  ///< exact, of what is filled
};

class RandomDesk {
 public:
  explicit RandomDesk(unsigned seed) : random_(seed) {}

  void step() {
    const auto move = pick(0, 9);
    if (open_.empty() || (move < 3 && open_.size() < 5)) return order();
    const std::size_t which = static_cast<std::size_t>(pick(0, static_cast<long long>(open_.size()) - 1));
    if (move < 9) return fill(which);
    close(which);
  }

  void check() const {
    Decimal reserved = 0;
    for (const OpenOrder& each : open_) reserved += each.reserve;
    ASSERT_EQ(account_.reserved, reserved);
    ASSERT_FALSE(account_.reserved.is_negative());
    ASSERT_LE(account_.reserved, account_.cash);
    ASSERT_EQ(account_.cash + held_.cost, kDeposit + realised_ - fees_);
    ASSERT_FALSE(held_.quantity.is_negative());
    ASSERT_FALSE(held_.cost.is_negative());
    ASSERT_TRUE(!held_.quantity.is_zero() || held_.cost.is_zero());
  }

  int fills() const { return fills_; }

 private:
  const Decimal kDeposit = dec("10000.00");

  long long pick(long long low, long long high) {
    return std::uniform_int_distribution<long long>(low, high)(random_);
  }
  Decimal pick_decimal(long long low, long long high, int places) {
    return Decimal(pick(low, high)) * Decimal::of("1e-" + std::to_string(places));
  }
  Decimal selling() const {
    Decimal sum = 0;
    for (const OpenOrder& each : open_)
      if (each.side == Side::sell) sum += each.quantity - each.booked.quantity;
    return sum;
  }

  void order() {
    const Decimal price = pick_decimal(1'000'000, 90'000'000'000, 9);
    const bool sells = pick(0, 1) == 1;
    const Decimal free = held_.quantity - selling();
    Decimal quantity = pick_decimal(1, 60'000'000'000, 9);
    if (sells && (pick(0, 2) == 0 || quantity > free)) quantity = free;
    if (check_amounts(quantity, price, sells && quantity == free)) return;
    OpenOrder made;
    made.side = sells ? Side::sell : Side::buy;
    made.quantity = quantity;
    made.limit = limit_price(made.side, price, 1);
    made.reserve = reserve_of(made.side, quantity, made.limit, kFeeBps);
    if (made.reserve > account_.free()) return;
    account_.reserved += made.reserve;
    open_.push_back(made);
  }

  void fill(std::size_t which) {
    OpenOrder& order = open_[which];
    const Decimal left = order.quantity - order.booked.quantity;
    Decimal part = pick(0, 2) == 0 ? left : rounded_up(left * pick_decimal(1, 999, 3), kPlaces);
    if (part > left) part = left;
    const Decimal better = pick_decimal(0, 20'000, 6);  // up to 2 % better than the limit
    const Decimal at = order.side == Side::buy ? rounded_down(order.limit - order.limit * better, kPlaces)
                                               : rounded_up(order.limit + order.limit * better, kPlaces);
    order.notional += part * at;
    const Decimal cumulative = order.booked.quantity + part;
    const Filled first = filled_of(cumulative, order.notional / cumulative, {}, {});
    const Decimal fee = rounded(first.value * kFeeBps / 10000, kMoneyPlaces);
    const Filled said = filled_of(cumulative, order.notional / cumulative, fee, {});
    const auto fill = next_fill(order.side, order.booked, said, held_);
    ASSERT_TRUE(fill);
    ++fills_;
    held_ = after(order.side, held_, *fill);
    account_.cash += fill->cash;
    realised_ += fill->realised;
    fees_ += fill->fee;
    const Decimal reserve = reserve_after(order.reserve, *fill);
    account_.reserved += reserve - order.reserve;
    order.reserve = reserve;
    order.booked = said;
    if (cumulative == order.quantity) close(which);
  }

  void close(std::size_t which) {
    account_.reserved = account_.reserved - open_[which].reserve;
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(which));
  }

  const Decimal kFeeBps = dec("12.5");
  std::mt19937_64 random_;
  Account account_{kDeposit, 0};
  Holding held_{};
  Decimal realised_ = 0, fees_ = 0;
  std::vector<OpenOrder> open_;
  int fills_ = 0;
};

TEST(Money, IsConservedToTheCentOverThousandsOfOrders) {
  int fills = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    RandomDesk desk(seed);
    for (int i = 0; i < 500; ++i) {
      desk.step();
      ASSERT_NO_FATAL_FAILURE(desk.check()) << "seed " << seed << ", step " << i;
    }
    fills += desk.fills();
  }
  EXPECT_GT(fills, 2000);
}

}  // namespace
}  // namespace am::strategy
