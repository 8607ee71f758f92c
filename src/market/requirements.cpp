#include <algorithm>

#include "am/kernel/rate_limit.hpp"
#include "am/market/config_keys.hpp"

namespace am::market {

namespace {

/// Nobody can ask the vendor which plan a key has, so it is only said.
kernel::Check limits_remark(const std::string& limits) {
  constexpr int kFreeADay = 25;
  const auto windows = kernel::parse_rate_windows(limits);
  const bool fits_a_free_key = std::ranges::any_of(windows, [](const kernel::RateWindow& window) {
    return window.period == std::chrono::hours(24) && window.limit <= kFreeADay;
  });
  return kernel::passed(
      "alpha_vantage.limits",
      limits + (fits_a_free_key ? "" : " (a free key has 25 requests a day: for one set 1/s,25/day)"));
}

}  // namespace

kernel::Requirements requirements(const kernel::Config& config, const std::string& source) {
  if (source == "alpha-vantage") {
    return {.secrets = {{"alpha_vantage.api_key", "price source alpha-vantage"}},
            .hosts = {{"host of alpha-vantage", config.text("alpha_vantage.base_url")}},
            .remarks = {limits_remark(config.text("alpha_vantage.limits"))}};
  }
  if (source == "stooq") {
    return {.secrets = {{"stooq.api_key", "price source stooq"}},
            .hosts = {{"host of stooq", config.text("stooq.base_url")}},
            .remarks = {}};
  }
  return {};
}

}  // namespace am::market
