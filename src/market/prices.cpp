#include "am/market/prices.hpp"

#include "am/base/error.hpp"
#include "am/market/corporate_actions.hpp"

namespace am::market {

Adjustment adjustment_of(std::string_view source) {
  return source == "stooq" ? Adjustment::at_fetch : Adjustment::none;
}

std::vector<CorporateAction> PriceProvider::known_actions() { return {}; }

std::vector<CorporateAction> PriceProvider::splits(std::string_view symbol) {
  throw Error(ErrorKind::bug, source() + ": asked for the splits of " + std::string(symbol));
}

}  // namespace am::market
