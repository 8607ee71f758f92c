#pragma once
// Closes by source, made when they are first asked for: "alpha-vantage", "stooq", "csv:DIR". Private.

#include <map>
#include <memory>
#include <string>

#include "am/cli/context.hpp"
#include "am/market/closes.hpp"
#include "am/market/market_dir.hpp"

namespace am::cli {

class MarketParts {
 public:
  explicit MarketParts(Context& context) : context_(context) {}

  /// Errors:  usage for another name; config for a missing key.
  market::PriceProvider& provider(const std::string& source);
  /// Errors:  as provider; as Context::db.
  market::Closes& closes(const std::string& source);
  /// The CSV market behind a source, or null.
  market::CsvMarket* csv_market(const std::string& source);

 private:
  Context& context_;
  std::map<std::string, std::unique_ptr<market::PriceProvider>> providers_;  ///< by source as asked for
  std::map<std::string, std::unique_ptr<market::Closes>> closes_;
};

}  // namespace am::cli
