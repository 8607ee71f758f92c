#include "support/strategy/scripted_broker.hpp"

#include "am/base/error.hpp"
#include "am/kernel/clock.hpp"
#include "am/strategy/money.hpp"

namespace am::test {

using strategy::BrokerOrder;
using strategy::OrderRequest;
using strategy::Placed;
using strategy::Side;

void ScriptedBroker::will(std::vector<Do> next) {
  const std::lock_guard lock(mutex_);
  next_.assign(next.begin(), next.end());
}

void ScriptedBroker::at(std::string_view what) const {
  probe_(what);
  if (away_) throw Error(ErrorKind::unavailable, "scripted: away");
}

void ScriptedBroker::grow(Known& known, const Decimal& quantity, const Decimal& price) {
  BrokerOrder& order = known.order;
  known.notional += quantity * price;
  order.filled_quantity += quantity;
  order.average_price = known.notional / order.filled_quantity;
  if (fee_bps_.is_positive()) order.fee = strategy::rounded(known.notional * fee_bps_ / 10000, 2);
  if (fee_quantity_bps_.is_positive() && known.request.side == Side::buy)
    order.fee_quantity = strategy::rounded(order.filled_quantity * fee_quantity_bps_ / 10000, 9);
  const bool whole = order.filled_quantity >= known.request.quantity;
  order.open = !whole;
  order.status = whole ? "filled" : "partially_filled";
}

Placed ScriptedBroker::place(const OrderRequest& request) {
  probe_("place");
  Placed placed;
  {
    const std::lock_guard lock(mutex_);
    ++places_;
    Do what = Do::fill;
    if (!next_.empty()) {
      what = next_.front();
      next_.pop_front();
    }
    const auto before = orders_.find(request.client_order_id);
    if (before != orders_.end()) {  // whoever sends it again makes no second one, but it is seen
      ++before->second.placed;
      return {.what = Placed::What::accepted, .order = before->second.order};
    }
    if (what == Do::refuse) return {.what = Placed::What::refused, .reason = "insufficient buying power"};
    if (what == Do::throttle)
      return {.what = Placed::What::throttled, .reason = "rate limit", .not_before = kernel::Clock::wall()};
    if (what == Do::lose) return {.what = Placed::What::unknown, .reason = "timeout"};
    Known known{.request = request, .order = {}, .notional = {}, .placed = 1};
    known.order.client_order_id = request.client_order_id;
    known.order.broker_order_id = "b-" + std::to_string(orders_.size() + 1);
    known.order.status = "new";
    if (what == Do::fill || what == Do::take_unsaid) grow(known, request.quantity, request.signal_price);
    sequence_.push_back(request.client_order_id);
    const BrokerOrder said = orders_.emplace(request.client_order_id, known).first->second.order;
    placed = what == Do::take_unsaid || what == Do::keep_unsaid
                 ? Placed{.what = Placed::What::unknown, .reason = "504 after it was taken"}
                 : Placed{.what = Placed::What::accepted, .order = said};
  }
  probe_("placed");
  return placed;
}

std::optional<BrokerOrder> ScriptedBroker::find(const std::string& id) {
  at("find");
  const std::lock_guard lock(mutex_);
  const auto known = orders_.find(id);
  return known == orders_.end() ? std::nullopt : std::optional(known->second.order);
}

void ScriptedBroker::cancel(const BrokerOrder& order) {
  at("cancel");
  const std::lock_guard lock(mutex_);
  ++cancels_;
  const auto known = orders_.find(order.client_order_id);
  if (known == orders_.end() || !known->second.order.open) return;
  known->second.order.open = false;
  known->second.order.status = "canceled";
}

std::vector<BrokerOrder> ScriptedBroker::orders_since(Instant /*since*/) {
  at("orders");
  const std::lock_guard lock(mutex_);
  std::vector<BrokerOrder> all;
  for (const std::string& id : sequence_) all.push_back(orders_.at(id).order);
  return all;
}

std::map<std::string, Decimal> ScriptedBroker::positions() {
  at("positions");
  const std::lock_guard lock(mutex_);
  std::map<std::string, Decimal> held = beside_;
  for (const auto& [id, known] : orders_) {
    const Decimal filled = known.order.filled_quantity;
    Decimal& sum = held[known.request.symbol];
    sum = known.request.side == Side::buy ? sum + filled - known.order.fee_quantity.value_or(Decimal(0))
                                          : sum - filled;
  }
  std::erase_if(held, [](const auto& each) { return each.second.is_zero(); });
  return held;
}

strategy::BrokerAccount ScriptedBroker::account() {
  at("account");
  return {.active = active_, .status = active_ ? "ACTIVE" : "ACCOUNT_CLOSED", .buying_power = 1000000};
}

strategy::AssetRules ScriptedBroker::rules(const std::string& /*symbol*/, strategy::AssetType /*asset*/) {
  at("rules");
  return rules_;
}

std::vector<ScriptedBroker::PostedFee> ScriptedBroker::posted_fees(Date since) {
  at("fees");
  std::vector<PostedFee> recent;
  for (const PostedFee& fee : fees_)
    if (fee.day >= since) recent.push_back(fee);
  return recent;
}

void ScriptedBroker::fill(const std::string& id, const Decimal& quantity, const Decimal& price) {
  const std::lock_guard lock(mutex_);
  grow(orders_.at(id), quantity, price);
}

void ScriptedBroker::finish(const std::string& id, const std::string& status) {
  const std::lock_guard lock(mutex_);
  orders_.at(id).order.open = false;
  orders_.at(id).order.status = status;
}

void ScriptedBroker::say(const std::string& id, const std::string& status) {
  const std::lock_guard lock(mutex_);
  orders_.at(id).order.status = status;
}

std::vector<ScriptedBroker::Known> ScriptedBroker::orders() const {
  const std::lock_guard lock(mutex_);
  std::vector<Known> all;
  for (const std::string& id : sequence_) all.push_back(orders_.at(id));
  return all;
}

int ScriptedBroker::places() const {
  const std::lock_guard lock(mutex_);
  return places_;
}

int ScriptedBroker::cancels() const {
  const std::lock_guard lock(mutex_);
  return cancels_;
}

std::vector<std::string> ScriptedBroker::open_ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  for (const std::string& id : sequence_)
    if (orders_.at(id).order.open) ids.push_back(id);
  return ids;
}

}  // namespace am::test
