// Any bytes as an answer about orders: it is refused with a reason, or what is read of it can be booked.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "am/base/text.hpp"
#include "strategy/brokers/alpaca_answer.hpp"

namespace {

using namespace am::strategy;

void require(bool holds) {
  if (!holds) std::abort();
}

template <class T>
bool is_read(const am::Result<T>& result) {
  if (!result) require(!result.error().reason.empty());
  return result.has_value();
}

void check_order(const BrokerOrder& order) {
  require(!order.client_order_id.empty() && !order.broker_order_id.empty() && !order.status.empty());
  require(am::is_printable(order.client_order_id) && am::is_printable(order.broker_order_id) &&
          am::is_printable(order.status));
  require(!order.filled_quantity.is_negative());
  require(!order.filled_quantity.is_positive() ||
          (order.average_price && order.average_price->is_positive()));
  require(!order.fee || !order.fee->is_negative());
  require(!order.fee_quantity || *order.fee_quantity <= order.filled_quantity);
}

/// Only its own order is accepted; a refusal is one of Alpaca's answers.
void check_placed(std::string_view body) {
  OrderRequest asked;
  asked.client_order_id = "am-1";
  for (const int status : {200, 401, 403, 422, 429, 504}) {
    const Placed placed =
        judge_placed({.status = status, .headers = {}, .body = std::string(body)}, asked, 25);
    const bool accepted = placed.what == Placed::What::accepted;
    require(accepted == placed.order.has_value());
    require(!accepted || (status == 200 && placed.order->client_order_id == asked.client_order_id));
    require(accepted || (!placed.reason.empty() && am::is_printable(placed.reason)));
    require(placed.what != Placed::What::refused || (status > 400 && status < 429));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (const auto order = parse_order(body, 25); is_read(order)) check_order(order->order);
  if (const auto orders = parse_orders(body, 25); is_read(orders)) {
    for (const AlpacaOrder& each : *orders) check_order(each.order);
  }
  for (const AssetType asset : {AssetType::stock, AssetType::crypto}) {
    const auto rules = parse_asset(body, asset);
    if (is_read(rules)) require(!rules->price_step.is_negative() && !rules->quantity_step.is_negative());
  }
  is_read(parse_positions(body));
  if (const auto account = parse_account(body); is_read(account)) require(!account->status.empty());
  if (const auto fees = parse_fees(body); is_read(fees)) {
    for (const auto& fee : *fees) require(!fee.id.empty() && !fee.quantity.is_negative());
  }
  check_placed(body);
  return 0;
}
