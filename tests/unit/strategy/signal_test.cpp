#include "am/strategy/signal.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "am/base/hash.hpp"
#include "am/base/uuid.hpp"

namespace am::strategy {
namespace {

using testing::HasSubstr;

const SignalKey kKey{.session_id = "s", .strategy_id = "t", .timeframe = "1m", .event = 1000, .ordinal = 2};

TEST(SignalIds, AreMadeFromOneHash) {
  const std::string hex = sha256_hex("s\nt\n1m\n1000\n2\n");
  const SignalIds ids = signal_ids(kKey);
  EXPECT_EQ(ids.client_order_id, "am-" + hex.substr(0, 40));
  EXPECT_TRUE(is_uuid(ids.signal_id)) << ids.signal_id;
  EXPECT_EQ(ids.signal_id.substr(0, 15), hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-8");
  EXPECT_EQ(ids.signal_id.substr(24), hex.substr(20, 12));
  EXPECT_THAT(std::string("89ab"), HasSubstr(ids.signal_id.substr(19, 1)));
}

TEST(SignalIds, AreOthersForEachPartOfTheKey) {
  std::set<std::string> ids{signal_ids(kKey).signal_id};
  SignalKey other = kKey;
  other.session_id = "s2";
  ids.insert(signal_ids(other).signal_id);
  other = kKey;
  other.strategy_id = "t2";
  ids.insert(signal_ids(other).signal_id);
  other = kKey;
  other.timeframe = "trade";
  ids.insert(signal_ids(other).signal_id);
  other = kKey;
  other.event = 1001;
  ids.insert(signal_ids(other).signal_id);
  other = kKey;
  other.ordinal = 3;
  ids.insert(signal_ids(other).signal_id);
  EXPECT_EQ(ids.size(), 6U);
}

TEST(SignalIds, ForeignIdHasAnOrderIdOfItsOwn) {
  EXPECT_EQ(client_order_id_of("x"), "am-" + sha256_hex("x").substr(0, 40));
}

std::string amount(double value) {
  const auto exact = exact_amount(value, "price");
  return exact ? exact->to_string() : exact.error().reason;
}

TEST(ExactAmount, IsTheShortestTextOfTheDouble) {
  EXPECT_EQ(amount(185.5), "185.5");
  EXPECT_EQ(amount(100), "100");
  EXPECT_EQ(amount(0.1), "0.1");
  EXPECT_EQ(amount(0.1 + 0.2), "0.3");  // 0.30000000000000004 to 9 places
  EXPECT_EQ(amount(4063.463), "4063.463");
  EXPECT_EQ(amount(1e-9), "0.000000001");
  EXPECT_EQ(amount(123456789012.25), "123456789012.25");
  EXPECT_EQ(amount(999999999999), "999999999999");
}

TEST(ExactAmount, IsRoundedHalfEvenToNinePlaces) {
  EXPECT_EQ(amount(0.0000000025), "0.000000002");
  EXPECT_EQ(amount(0.0000000035), "0.000000004");
  EXPECT_EQ(amount(1.2345678949), "1.234567895");
}

TEST(ExactAmount, RefusesWhatCannotBeOrdered) {
  EXPECT_EQ(amount(0), "price: it is not positive (got 0)");
  EXPECT_EQ(amount(-1.5), "price: it is not positive (got -1.5)");
  EXPECT_EQ(amount(std::numeric_limits<double>::quiet_NaN()), "price: it is not finite (got nan)");
  EXPECT_EQ(amount(std::numeric_limits<double>::infinity()), "price: it is not finite (got inf)");
  EXPECT_THAT(amount(1e300), HasSubstr("too large"));
  EXPECT_THAT(amount(1e12), HasSubstr("too large"));
  EXPECT_EQ(amount(4e-10), "price: it is nothing with 9 places (got 4e-10)");
}

// The quick way of few places and the long way by text are one.
TEST(ExactAmount, AgreesWithTheTextForAnyDouble) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const double scale = std::pow(10.0, static_cast<double>(random() % 8));
    const double value = i % 2 == 0 ? static_cast<double>(random() % 100'000'000) / scale
                                    : static_cast<double>(random() >> 11U) / 9e15 * scale;
    const auto exact = exact_amount(value, "price");
    const Decimal text = Decimal::of(fmt::format("{}", value));
    if (!text.is_positive()) {
      EXPECT_FALSE(exact);
      continue;
    }
    ASSERT_TRUE(exact || text < Decimal::of("0.000000001")) << value;
    if (exact) {
      EXPECT_EQ(*exact, Decimal::of(text.to_fixed(9))) << fmt::format("{}", value);
      EXPECT_FALSE(exact->to_string().ends_with("0") && exact->to_string().find('.') != std::string::npos)
          << exact->to_string();
    }
  }
}

}  // namespace
}  // namespace am::strategy
