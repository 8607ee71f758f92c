#include "market_parts.hpp"

#include "am/base/text.hpp"
#include "am/market/alpha_vantage.hpp"
#include "am/market/stooq.hpp"

namespace am::cli {

namespace {

constexpr std::string_view kCsv = "csv:";

bool is_csv(const std::string& source) { return source.starts_with(kCsv); }

}  // namespace

market::PriceProvider& MarketParts::provider(const std::string& source) {
  auto& known = providers_[source];
  if (known) return *known;
  const kernel::Config& config = context_.config;
  const std::chrono::milliseconds connect_timeout(config.integer("http.connect_timeout_ms"));
  const std::chrono::milliseconds timeout(config.integer("http.timeout_ms"));
  if (is_csv(source) && source.size() > kCsv.size()) {
    known = std::make_unique<market::CsvMarket>(source.substr(kCsv.size()), context_.patience());
  } else if (source == "alpha-vantage") {
    market::AlphaVantage::Options av;
    av.base_url = config.text("alpha_vantage.base_url");
    av.api_key = config.secret("alpha_vantage.api_key");
    av.function = config.text("alpha_vantage.function") == "quote" ? market::AlphaVantage::Function::quote
                                                                   : market::AlphaVantage::Function::daily;
    av.connect_timeout = connect_timeout;
    av.timeout = timeout;
    known = std::make_unique<market::AlphaVantage>(context_.http(source, "alpha_vantage"), av);
  } else if (source == "stooq") {
    known = std::make_unique<market::Stooq>(
        context_.http(source, "stooq"),
        market::Stooq::Options{config.text("stooq.base_url"),
                               config.is_set("stooq.api_key") ? config.secret("stooq.api_key") : "",
                               connect_timeout, timeout});
  } else {
    providers_.erase(source);
    throw Error(ErrorKind::usage, "price source \"" + ellipsize(source, 60) +
                                      "\": unknown (expected alpha-vantage, stooq or csv:DIR)");
  }
  return *known;
}

market::Closes& MarketParts::closes(const std::string& source) {
  auto& known = closes_[source];
  if (!known)
    known = std::make_unique<market::Closes>(context_.db(), context_.ledger(), context_.log, context_.clock,
                                             provider(source));
  return *known;
}

market::CsvMarket* MarketParts::csv_market(const std::string& source) {
  return is_csv(source) ? static_cast<market::CsvMarket*>(&provider(source)) : nullptr;
}

}  // namespace am::cli
