#pragma once
// The broker that is configured, with its own way to the vendor: what is being placed is not cut off when the process is asked
// to end. Private.

#include <memory>

#include "am/cli/context.hpp"
#include "am/strategy/broker.hpp"

namespace am::cli {

class BrokerParts {
 public:
  /// Errors:  config: what the broker needs is not configured.
  explicit BrokerParts(Context& context);
  ~BrokerParts();
  BrokerParts(const BrokerParts&) = delete;
  BrokerParts& operator=(const BrokerParts&) = delete;

  strategy::Broker& broker();
  /// What a buy has to hold back for its fee. Units: hundredths of a percent.
  const Decimal& fee_bps() const { return fee_bps_; }

 private:
  struct Vendor;
  std::unique_ptr<Vendor> vendor_;
  std::unique_ptr<strategy::Broker> broker_;
  Decimal fee_bps_{};
};

}  // namespace am::cli
