#include <gtest/gtest.h>

#include "am/strategy/brokers.hpp"
#include "am/strategy/money.hpp"
#include "strategy/brokers/steps.hpp"

namespace am::strategy {
namespace {

OrderRequest paper_request(Side side, const char* signal, const char* limit, const char* quantity = "3") {
  return {.client_order_id = "am-" + std::string(40, 'a'),
          .symbol = "AAPL",
          .asset = AssetType::stock,
          .side = side,
          .quantity = Decimal::of(quantity),
          .limit_price = Decimal::of(limit),
          .signal_price = Decimal::of(signal)};
}

TEST(PaperFill, SlipsAgainstTheOrder) {
  const PaperOptions options{.slippage_bps = 5, .fee_bps = 10};
  const PaperFill bought = paper_fill(paper_request(Side::buy, "200", "202"), options);
  EXPECT_EQ(bought.price, Decimal::of("200.1"));
  EXPECT_EQ(bought.fee, Decimal::of("0.60"));
  EXPECT_EQ(paper_fill(paper_request(Side::sell, "200", "198"), options).price, Decimal::of("199.9"));
}

TEST(PaperFill, NeverGoesPastTheLimit) {
  const PaperOptions options{.slippage_bps = 300, .fee_bps = 0};
  EXPECT_EQ(paper_fill(paper_request(Side::buy, "100", "101"), options).price, 101);
  EXPECT_EQ(paper_fill(paper_request(Side::sell, "100", "99"), options).price, 99);
}

TEST(PaperFill, IsRoundedHalfEven) {
  const PaperOptions options{.slippage_bps = Decimal::of("0.5"), .fee_bps = 1};
  const PaperFill fill = paper_fill(paper_request(Side::buy, "0.00001", "0.0000101", "2500000000"), options);
  EXPECT_EQ(fill.price.to_string(), "0.000010000");  // 0.0000100005
  EXPECT_EQ(fill.fee.to_string(), "2.50");
  EXPECT_EQ(paper_fill(paper_request(Side::buy, "0.5", "1", "100"), {.slippage_bps = 0, .fee_bps = 1}).fee,
            Decimal::of("0.00"));  // half a cent
}

TEST(BrokerSteps, RoundTowardsWhatIsAsked) {
  const Decimal cent = Decimal::of("0.01");
  EXPECT_EQ(down_to(Decimal::of("101.239"), cent), Decimal::of("101.23"));
  EXPECT_EQ(up_to(Decimal::of("101.231"), cent), Decimal::of("101.24"));
  EXPECT_EQ(up_to(Decimal::of("101.24"), cent), Decimal::of("101.24"));
  EXPECT_EQ(down_to(Decimal::of("101.24"), cent), Decimal::of("101.24"));
  EXPECT_EQ(down_to(Decimal::of("7.9"), Decimal::of("2.5")), Decimal::of("7.5"));
  EXPECT_EQ(down_to(Decimal::of("1.23456"), Decimal{}), Decimal::of("1.23456"));
  EXPECT_EQ(shortest(Decimal::of("100")), "100");
  EXPECT_EQ(shortest(Decimal::of("1.500")), "1.5");
  EXPECT_EQ(shortest(Decimal::of("1.000")), "1");
}

}  // namespace
}  // namespace am::strategy
