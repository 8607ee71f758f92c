#include "broker_parts.hpp"

#include "am/kernel/secret_mask.hpp"
#include "am/kernel/version.hpp"
#include "am/strategy/brokers.hpp"

namespace am::cli {

/// Everything that a vendor is asked with, none of it shared with the command: it is used from many threads.
struct BrokerParts::Vendor {
  kernel::Stop never;
  std::unique_ptr<kernel::Db> db;
  std::unique_ptr<kernel::RateLimiter> limiter;
  std::unique_ptr<kernel::Transport> curl, masking;
  std::unique_ptr<kernel::HttpClient> http;

  explicit Vendor(Context& context) {
    kernel::DbOptions options = context.db_options();
    options.application_name = "am serve-gateway budget";
    options.stop = nullptr;
    options.probe = nullptr;
    db = kernel::open_db(options);
    limiter = std::make_unique<kernel::RateLimiter>(*db, never, context.rate_limits());
    kernel::Transport* inner = context.environment.transport;
    if (inner == nullptr) {
      curl = kernel::make_curl_transport("am/" + std::string(kernel::version()));
      inner = curl.get();
    }
    masking = kernel::make_masking_transport(*inner, kernel::SecretMask(kernel::secrets_in(context.config)));
    kernel::HttpClient::Options http_options = strategy::alpaca_client_options();
    http_options.trace = context.trace;
    http = std::make_unique<kernel::HttpClient>(*masking, limiter.get(), context.log, never, http_options);
  }
};

BrokerParts::BrokerParts(Context& context) {
  const kernel::Config& config = context.config;
  if (config.text("strategy.broker") == "alpaca") {
    vendor_ = std::make_unique<Vendor>(context);
    broker_ = strategy::make_alpaca_broker(*vendor_->http, {.base_url = config.text("alpaca.base_url"),
                                                            .key = config.secret("alpaca.api_key"),
                                                            .secret = config.secret("alpaca.secret_key"),
                                                            .live = config.text("alpaca.live") == "true"});
    return;
  }
  kernel::DbOptions options = context.db_options();
  options.application_name = "am serve-gateway paper";
  options.stop = nullptr;
  fee_bps_ = Decimal::of(config.text("strategy.paper_fee_bps"));
  broker_ = strategy::make_paper_broker(
      {.slippage_bps = Decimal::of(config.text("strategy.paper_slippage_bps")), .fee_bps = fee_bps_},
      options);
}

BrokerParts::~BrokerParts() = default;

strategy::Broker& BrokerParts::broker() { return *broker_; }

}  // namespace am::cli
