// The configuration keys of the price sources.

#include "am/market/config_keys.hpp"

namespace am::market {

namespace {

constexpr std::string_view kFunctions[] = {"daily", "quote"};

constexpr kernel::ConfigKey kKeys[] = {
    {"alpha_vantage.api_key", "ALPHA_VANTAGE_API_KEY", kernel::KeyType::secret, "", "key of the price API"},
    kernel::url_key("alpha_vantage.base_url", "ALPHA_VANTAGE_BASE_URL", "https://www.alphavantage.co",
                    "server of the price API", "/query"),
    {"alpha_vantage.function", "ALPHA_VANTAGE_FUNCTION", kernel::KeyType::text, "daily",
     "daily: TIME_SERIES_DAILY (100 sessions in a call); quote: GLOBAL_QUOTE (the latest only)", 0, 0,
     kFunctions},
    {"alpha_vantage.limits", "ALPHA_VANTAGE_LIMITS", kernel::KeyType::rate, "1/s,5/min,500/day",
     "requests for all processes together; a free key has 25 a day"},
    {"stooq.api_key", "STOOQ_API_KEY", kernel::KeyType::secret, "", "key of the CSV closes"},
    kernel::url_key("stooq.base_url", "STOOQ_BASE_URL", "https://stooq.com", "server of the CSV closes",
                    "/q/d/l"),
    {"stooq.limits", "STOOQ_LIMITS", kernel::KeyType::rate, "30/min,200/day",
     "requests for all processes together"},
};

}  // namespace

std::span<const kernel::ConfigKey> config_keys() { return kKeys; }

}  // namespace am::market
