#pragma once
// Past bars over REST. Private.

#include <functional>
#include <string>
#include <vector>

#include "am/kernel/http_client.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

struct PastBarsOptions {
  std::string url;  ///< alpaca.data_url
  std::string key, secret;
};

/// One symbol's minutes from `from` to `to`, both included, page by page: take gets each. Returns how many were bad.
/// Errors:  as HttpClient::send; data: the vendor does not know the symbol, or pages have no end; as take.
std::size_t read_past_bars(kernel::HttpClient& http, const PastBarsOptions& options, AssetType type,
                           const std::string& symbol, Micros from, Micros to,
                           const std::function<void(std::vector<Bar>)>& take);

}  // namespace am::strategy
