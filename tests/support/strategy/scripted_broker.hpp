#pragma once
// A broker in memory that does as it is told: it outlives the process that is tested, as a real one would.

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "am/strategy/broker.hpp"

namespace am::test {

class ScriptedBroker final : public strategy::Broker {
 public:
  enum class Do {
    fill,         ///< takes it, and fills it at once at the signal's price
    keep,         ///< takes it: open
    refuse,       ///< "insufficient buying power"
    throttle,     ///< until the next second
    take_unsaid,  ///< takes and fills it, but the answer is lost
    keep_unsaid,  ///< takes it, but the answer is lost
    lose          ///< neither takes nor answers
  };

  /// What the next orders come to, in turn; then each is filled.
  void will(std::vector<Do> next);
  /// Called at the beginning and before the answer of each call ("place", "placed"); may throw.
  void probe(std::function<void(std::string_view what)> probe) { probe_ = std::move(probe); }
  void fee_bps(Decimal bps) { fee_bps_ = std::move(bps); }
  void fee_quantity_bps(Decimal bps) { fee_quantity_bps_ = std::move(bps); }
  void live(bool live) { live_ = live; }
  void away(bool away) { away_ = away; }
  void inactive() { active_ = false; }
  void set_rules(strategy::AssetRules rules) { rules_ = rules; }
  void post(PostedFee fee) { fees_.push_back(std::move(fee)); }
  void hold(const std::string& symbol, Decimal quantity) { beside_[symbol] = quantity; }

  /// Fills so much more of an open order.
  void fill(const std::string& client_order_id, const Decimal& quantity, const Decimal& price);
  /// "canceled", "expired", "rejected"…
  void finish(const std::string& client_order_id, const std::string& status);
  /// As a word that nobody knows: it is open.
  void say(const std::string& client_order_id, const std::string& status);

  struct Known {
    strategy::OrderRequest request;
    strategy::BrokerOrder order;
    Decimal notional;
    int placed = 0;  ///< how often
  };
  std::vector<Known> orders() const;
  int places() const;  ///< calls of place, whatever came of them
  int cancels() const;
  std::vector<std::string> open_ids() const;

  std::string_view name() const override { return "scripted"; }
  bool is_live() const override { return live_; }
  strategy::Placed place(const strategy::OrderRequest& order) override;
  std::optional<strategy::BrokerOrder> find(const std::string& client_order_id) override;
  void cancel(const strategy::BrokerOrder& order) override;
  std::vector<strategy::BrokerOrder> orders_since(Instant since) override;
  std::map<std::string, Decimal> positions() override;
  strategy::BrokerAccount account() override;
  strategy::AssetRules rules(const std::string& symbol, strategy::AssetType asset) override;
  std::vector<PostedFee> posted_fees(Date since) override;

 private:
  void at(std::string_view what) const;
  void grow(Known& known, const Decimal& quantity, const Decimal& price);

  mutable std::mutex mutex_;
  std::deque<Do> next_;
  std::map<std::string, Known> orders_;
  std::vector<std::string> sequence_;
  std::map<std::string, Decimal> beside_;
  std::vector<PostedFee> fees_;
  std::function<void(std::string_view)> probe_ = [](std::string_view) {};
  Decimal fee_bps_{}, fee_quantity_bps_{};
  strategy::AssetRules rules_{
      .tradable = true, .fractionable = true, .min_quantity = {}, .quantity_step = {}, .price_step = {}};
  bool live_ = false, away_ = false, active_ = true;
  int places_ = 0, cancels_ = 0;
};

}  // namespace am::test
