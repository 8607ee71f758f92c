#include "strategy/engine/execute_request.hpp"

#include <gtest/gtest.h>

#include "am/strategy/signal_post.hpp"

namespace am::strategy {
namespace {

Signal signal() {
  return {.session_id = "0198f000-0000-7000-8000-000000000001",
          .epoch = 3,
          .strategy_id = "0198f000-0000-7000-8000-000000000002",
          .symbol = "BTC/USD",
          .side = Side::sell,
          .price = Decimal::of("0.100000003"),
          .quantity = Decimal::of("12345678901.000000001"),
          .confidence = 0.25,
          .signal_id = "0198f000-0000-8000-8000-000000000003",
          .client_order_id = {},
          .generated_at = 1'769'437'860'000'000,
          .metadata = R"({"why":"\"x\""})"};
}

TEST(ExecuteRequest, IsReadByTheGatewayAsItWasMeant) {
  const Signal sent = signal();
  const auto read = parse_signal_post(execute_body(sent));
  ASSERT_TRUE(read) << read.error().reason;
  EXPECT_EQ(read->session_id, sent.session_id);
  EXPECT_EQ(read->epoch, sent.epoch);
  EXPECT_EQ(read->strategy_id, sent.strategy_id);
  EXPECT_EQ(read->symbol, sent.symbol);
  EXPECT_EQ(read->side, sent.side);
  EXPECT_EQ(read->price.to_string(), "0.100000003");
  EXPECT_EQ(read->quantity.to_string(), "12345678901.000000001");
  EXPECT_EQ(read->confidence, sent.confidence);
  EXPECT_EQ(read->signal_id, sent.signal_id);
  EXPECT_EQ(read->generated_at, parse_rfc3339("2026-01-26T14:31:00Z"));
}

TEST(ExecuteRequest, AnAnswerIsTakenRefusedOrNobodyHasDecided) {
  using Said = ExecuteAnswer::What;
  for (const int status : {200, 201}) EXPECT_EQ(read_answer(status, "{}").what, Said::taken) << status;
  for (const int status : {400, 404, 409, 422})
    EXPECT_EQ(read_answer(status, "{}").what, Said::refused) << status;
  for (const int status : {401, 403, 408, 425, 429, 500, 502, 503, 504})
    EXPECT_EQ(read_answer(status, "{}").what, Said::again) << status;
}

TEST(ExecuteRequest, TheGatewaysWordsAreTheReason) {
  EXPECT_EQ(read_answer(400, R"({"error":{"code":"insufficient_funds","message":"needs 5.00"}})").reason,
            "insufficient_funds: needs 5.00");
  EXPECT_EQ(read_answer(400, R"({"error":"Insufficient funds"})").reason, "Insufficient funds");
  EXPECT_EQ(read_answer(502, "<html>\nbad").reason, "<html> bad");
  EXPECT_EQ(read_answer(500, R"({"error":{"code":7}})").reason, "");
  EXPECT_LE(read_answer(500, std::string(10'000, 'x')).reason.size(), 310U);
}

}  // namespace
}  // namespace am::strategy
